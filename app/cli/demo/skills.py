"""What the neighbours of the demo teach and want to learn: rows, each of which the page of posting would have written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from sqlalchemy import select

from app.cli.demo.people import (
    FIRST_BORROWER_DAYS,
    ORGANIZER,
    RESIDENT,
    RESIDENT2,
    RESIDENT3,
    VOLUNTEER,
    HubHere,
    home_of_log_in,
    moment,
)
from app.cli.demo.reading import HERE
from app.cli.demo.rows import Rows
from app.finding.words import search_text
from app.geo import places
from app.geo import rules as geo
from app.skills.catalogue import FILE
from app.skills.models import Availability, Skill, SkillCategory

Kind = str
EVENINGS = ((17, 20), (18, 21), (9, 12), (14, 18))
"""Hours of the day at which somebody has time."""
OF_LOG_INS: dict[int, tuple[tuple[Kind, str], ...]] = {
    RESIDENT: (("offer", "Couscous du vendredi"), ("offer", "Conversation en français"), ("need", "Régler un dérailleur")),
    RESIDENT2: (("offer", "Régler ses freins et ses vitesses"), ("need", "Apprendre le couscous et le tajine")),
    RESIDENT3: (("offer", "Premiers pas à la machine à coudre"), ("need", "Envoyer des photos depuis un ordinateur")),
    VOLUNTEER: (("offer", "Affûter ciseaux et rabots"), ("need", "Poser une fermeture éclair à la machine à coudre")),
    ORGANIZER: (("offer", "Débuter sur un ordinateur"), ("need", "Aide pour raboter une porte")),
}  # fmt: skip
"""Nadia and Samir teach each other what the other one wants; Inès, Loïc and Mona could go round."""


@cache
def written() -> dict[str, Any]:
    """What was written by hand of skills, sessions and workshops."""
    found: dict[str, Any] = json.loads((HERE / "skills.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Posted:
    """A skill as it was written, for whoever plans a session about it. `free`: it is open, and any time suits."""

    id: int
    kind: Kind
    title: str
    category: str
    resident_id: int
    hub: HubHere | None
    free: bool


class Skills:
    """Writes every title of the content once, for the demo log-ins and for neighbours all around."""

    def __init__(self, *, rows: Rows, rng: Random, hubs: Sequence[HubHere], today: date) -> None:
        self.rows = rows
        self.rng = rng
        self.hubs = hubs
        self.today = today
        self.posted: list[Posted] = []
        self.branches: dict[str, tuple[int, tuple[str, ...]]] = {}

    def post(self) -> None:
        """All of them, branch by branch."""
        self._open_branches()
        own = {title: who for who, kept in OF_LOG_INS.items() for _kind, title in kept}
        for category, titles in written()["skills"].items():
            for kind, name in (("offer", "offers"), ("need", "needs")):
                for title in titles[name]:
                    self._post(kind, title, category, own.get(title))

    def of(self, resident_id: int, title: str) -> Posted:
        """What this resident posted under this title."""
        return next(one for one in self.posted if (one.resident_id, one.title) == (resident_id, title))

    def _post(self, kind: Kind, title: str, category: str, who: int | None) -> None:
        rng = self.rng
        hub = self.hubs[0] if who else rng.choices(self.hubs, [one.weight for one in self.hubs])[0]
        resident_id, home = self._somebody(hub, who)
        at_hub = who is not None or rng.random() < 0.75
        at_home = not at_hub or (who is None and rng.random() < 0.15)
        number, names = self.branches[category]
        seen = self._published(hub if at_hub and not at_home else None, home)
        day = self.today - timedelta(days=rng.randrange(5, FIRST_BORROWER_DAYS))
        paused = who is None and rng.random() < 0.05
        notes = written()["offer_notes" if kind == "offer" else "need_notes"]
        skill_id = self.rows.add(
            Skill,
            resident_id=resident_id,
            kind=kind,
            title=title,
            note=rng.choice(notes),
            category_id=number,
            level=rng.choice(("beginner", "beginner", "intermediate", "expert")),
            at_hub=at_hub,
            at_home=at_home,
            online=rng.random() < 0.15,
            hub_id=hub.id if at_hub else None,
            languages=["fr", rng.choice(("en", "ar", "es", "it"))] if rng.random() < 0.2 else ["fr"],
            state="paused" if paused else "open",
            search_text=search_text(title, *names),
            created_at=moment(day, 10),
            updated_at=moment(day, 10),
            **seen,
        )
        free = who is not None or kind == "need" or rng.random() < 0.6
        if not free:
            self._times(skill_id)
        met_at = hub if at_hub else None
        self.posted.append(Posted(skill_id, kind, title, category, resident_id, met_at, free and not paused))

    def _somebody(self, hub: HubHere, who: int | None) -> tuple[int, geo.Place]:
        """Whose it is, and the cell of her home."""
        if who is not None:
            return who, home_of_log_in(hub, who)
        one = self.rng.choice(hub.members)
        return one.id, geo.cell(one.lat, one.lon, geo.HOME_M)

    def _published(self, hub: HubHere | None, home: geo.Place) -> dict[str, Any]:
        """The two points by the rule of the posting page: a hub's own, else cells around the home."""
        near = geo.Place(hub.lat, hub.lon) if hub else geo.cell(home.lat, home.lon, geo.PUBLISHED_M)
        far = near if hub else places.coarse(near.lat, near.lon)
        return {
            "lat": near.lat,
            "lon": near.lon,
            "precision_m": near.precision_m,
            "coarse_lat": far.lat,
            "coarse_lon": far.lon,
        }

    def _times(self, skill_id: int) -> None:
        """Two or three times of the week."""
        for weekday in sorted(self.rng.sample(range(7), self.rng.choice((2, 3)))):
            opens, closes = self.rng.choice(EVENINGS)
            self.rows.add(
                Availability, skill_id=skill_id, weekday=weekday, opens=opens * 60, closes=closes * 60
            )

    def _open_branches(self) -> None:
        """The tree of skills with the words of each branch; what the migrations have not written is added."""
        there = dict(iter(self.rows.session.execute(select(SkillCategory.slug, SkillCategory.id))))
        for position, row in enumerate(json.loads(FILE.read_text(encoding="utf-8"))):
            slug, parent = row["slug"], row["parent"]
            if slug not in there:
                there[slug] = self.rows.add(
                    SkillCategory,
                    slug=slug,
                    name_fr=row["name_fr"],
                    name_en=row["name_en"],
                    parent_id=there[parent] if parent else None,
                    drawing=row["drawing"],
                    position=position,
                )
            above = self.branches[parent][1] if parent else ()
            self.branches[slug] = (there[slug], (row["name_fr"], row["name_en"], *above))
