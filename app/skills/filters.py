"""What is wanted of skills, as conditions of a statement (`app.finding.wanted`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, String, bindparam, cast, literal_column

from app.finding import wanted as shared
from app.finding.searched import Searched
from app.finding.wanted import Place, Words
from app.skills.catalogue import TREE
from app.skills.models import KnownSkillSlip, KnownSkillWord, Skill, SkillCategory

OPEN: ColumnElement[bool] = literal_column("skill.state") == literal_column("'open'")
"""Written out, so that both databases see that the partial indexes serve."""
PLACES: Mapping[str, Any] = {"hub": Skill.at_hub, "home": Skill.at_home, "online": Skill.online}


class Shape(NamedTuple):
    """Which filters there are (`finding.searched.Shape`); `hub` is "", "id" or "slug"."""

    category: bool
    kind: bool
    mode: str
    hub: str
    level: bool
    language: bool
    words: str
    dated: bool = True


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """What a skill must be to belong to a wish of this shape."""
    found = [OPEN]
    if shape.dated:
        found.append(shared.there_already(SKILLS))
    if shape.kind:
        found.append(Skill.kind == bindparam("kind"))
    if shape.category:
        found.append(shared.on_shelf(SKILLS))
    if shape.mode:
        found.append(PLACES[shape.mode])
    if shape.hub:
        found.append(shared.at_hub(SKILLS, shape.hub))
    if shape.level:
        found.append(Skill.level == bindparam("level"))
    if shape.language:
        found.append(cast(Skill.languages, String).like(bindparam("language")))
    if shape.words:
        found.append(shared.called_so(SKILLS, shape.words))
    return found


SKILLS = Searched(
    name="skills",
    table=Skill,
    category=SkillCategory,
    tree=TREE,
    known_word=KnownSkillWord,
    known_slip=KnownSkillSlip,
    conditions=conditions,
)


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `kind` offer, need, or "" for both; `mode` hub, home, online; `near` in degrees; `language` a
    code; `sort`: near, new, relevance."""

    of: ClassVar[Searched] = SKILLS

    q: str = ""
    kind: str = ""
    category: str = ""
    mode: str = ""
    level: str = ""
    language: str = ""
    near: Place | None = None
    radius_km: float | None = None
    hub: str = ""
    sort: str = "new"

    def shape(self, words: Words | None = None) -> Shape:
        """Which filters it has; with `words`, those instead of its own."""
        return Shape(
            category=bool(self.category),
            kind=bool(self.kind),
            mode=self.mode,
            hub=shared.hub_named(self.hub),
            level=bool(self.level),
            language=bool(self.language),
            words=shared.way_of(words or shared.words_of(self.q)),
        )

    def values(self, *, moment: datetime, words: Words | None = None) -> dict[str, Any]:
        """What the parameters of `conditions` stand for; with `words`, those instead of its own."""
        words = words or shared.words_of(self.q)
        found: dict[str, Any] = {"moment": moment}
        for name in ("kind", "category", "level"):
            if said := getattr(self, name):
                found[name] = said
        if self.language:
            found["language"] = f'%"{self.language}"%'
        if self.hub:
            found["hub"] = int(self.hub) if shared.hub_named(self.hub) == "id" else self.hub
        if words is not None and words.asked.readings:
            found["words"] = words.said
        return found
