"""What can be seen of skills: lines of lists, one whole, one's own, a neighbour's."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Resident
from app.core import paging
from app.core.db import db, one_of, plain_rows
from app.core.errors import Forbidden, NotFound
from app.finding import search
from app.finding.search import Results
from app.geo.rules import COARSE_M
from app.hubs.models import Hub
from app.skills import policy
from app.skills.filters import Wanted
from app.skills.models import Skill, SkillCategory

LARGEST_ID = 2**31 - 1
MOST_HERS = 100
"""What a neighbour's page shows of each kind."""


class Reference(NamedTuple):
    """Somebody or some place, small; `slug` of hubs only."""

    id: int
    name: str
    slug: str = ""


class Branch(NamedTuple):
    """The category of a skill; named by its reader's language."""

    slug: str
    name_fr: str
    name_en: str

    def name(self, locale: str) -> str:
        """ "Couture et tricot" · "Sewing and knitting"."""
        return self.name_en if locale == "en" else self.name_fr


class Line(NamedTuple):
    """A skill as lists show it: a plain tuple, because a page makes twenty. `metres`: from the place that was searched;
    `modes`: which of hub, home, online."""

    id: int
    kind: str
    title: str
    state: str
    branch: Branch
    drawing: str
    level: str
    modes: tuple[str, ...]
    languages: tuple[str, ...]
    hub: Reference | None
    resident: Reference
    lat: float
    lon: float
    precision_m: int
    metres: int | None


_COLUMNS: tuple[Any, ...] = (
    Skill.id, Skill.kind, Skill.title, Skill.state, Skill.level, Skill.at_hub, Skill.at_home, Skill.online,
    Skill.languages, Skill.hub_id, Skill.resident_id, Skill.lat, Skill.lon, Skill.precision_m, Skill.coarse_lat,
    Skill.coarse_lon, SkillCategory.slug, SkillCategory.name_fr, SkillCategory.name_en, SkillCategory.drawing,
    Resident.name, Hub.name.label("hub_name"), Hub.slug.label("hub_slug"),
)  # fmt: skip


def _listed() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .join(Resident, Resident.id == Skill.resident_id)
        .outerjoin(Hub, Hub.id == Skill.hub_id)
    )


_LINES = _listed().where(one_of(Skill.id, "skill_ids"))
_HERS = _listed().where(one_of(Skill.resident_id, "resident_ids"))


def page(
    wanted: Wanted,
    *,
    signed_in: bool,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
    now: datetime,
) -> Results[Line]:
    """One page of the skills that are wanted, in two statements whatever its size; two or three more the first time where
    words are taken loosely (`finding.search.page`)."""
    return search.page(wanted, lines, signed_in=signed_in, cursor=cursor, limit=limit, now=now)


def lines(
    skill_ids: Collection[int],
    *,
    signed_in: bool,
    now: datetime,  # noqa: ARG001 -- every search tells it
    metres: Mapping[int, int | None] | None = None,
) -> list[Line]:
    """These skills in the order given, in one statement; those that are gone are left out."""
    if not skill_ids:
        return []
    rows = {row.id: row for row in plain_rows(_LINES, {"skill_ids": list(skill_ids)})}
    away = metres or {}
    return [
        line_of(rows[number], metres=away.get(number), signed_in=signed_in)
        for number in skill_ids
        if number in rows
    ]


def line_of(row: Any, *, metres: int | None = None, signed_in: bool) -> Line:
    """The skill of this row as lists show it. Who is not logged in may know of a home no more than a wide cell."""
    exact = signed_in or row.precision_m == 0
    places = (("hub", row.at_hub), ("home", row.at_home), ("online", row.online))
    return Line(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        branch=Branch(row.slug, row.name_fr, row.name_en),
        drawing=row.drawing,
        level=row.level,
        modes=tuple(mode for mode, suits in places if suits),
        languages=tuple(row.languages),
        hub=Reference(row.hub_id, row.hub_name, row.hub_slug) if row.hub_id else None,
        resident=Reference(row.resident_id, row.name),
        lat=row.lat if exact else row.coarse_lat,
        lon=row.lon if exact else row.coarse_lon,
        precision_m=row.precision_m if exact else COARSE_M,
        metres=metres,
    )


# -- one, and somebody's ----------------------------------------------------------------------------------


def visible(skill_id: int, viewer_id: int | None) -> Skill:
    """The skill with all that its page shows; `NotFound` for what this viewer may not see."""
    whole = select(Skill).options(
        joinedload(Skill.category),
        joinedload(Skill.resident),
        joinedload(Skill.hub),
        selectinload(Skill.availability),
    )
    skill = db.session.scalar(whole.where(Skill.id == skill_id)) if 0 < skill_id <= LARGEST_ID else None
    if skill is None or not policy.sees(skill.state, skill.resident_id, viewer_id):
        raise NotFound("skills.unknown")
    return skill


def line(skill: Skill, *, metres: int | None = None, signed_in: bool) -> Line:
    """A skill that is at hand whole, as lists would show it."""
    exact = signed_in or skill.precision_m == 0
    return Line(
        id=skill.id,
        kind=skill.kind,
        title=skill.title,
        state=skill.state,
        branch=Branch(skill.category.slug, skill.category.name_fr, skill.category.name_en),
        drawing=skill.category.drawing,
        level=skill.level,
        modes=tuple(skill.modes),
        languages=tuple(skill.languages),
        hub=Reference(skill.hub.id, skill.hub.name, skill.hub.slug) if skill.hub else None,
        resident=Reference(skill.resident.id, skill.resident.name),
        lat=skill.lat if exact else skill.coarse_lat,
        lon=skill.lon if exact else skill.coarse_lon,
        precision_m=skill.precision_m if exact else COARSE_M,
        metres=metres,
    )


def owned(skill_id: int, viewer_id: int | None) -> Skill:
    """The skill for whose it is; `Forbidden` for others."""
    skill = visible(skill_id, viewer_id)
    if skill.resident_id != viewer_id:
        raise Forbidden("skills.only_hers")
    return skill


def of_resident(resident_id: int, *, viewer_id: int | None) -> tuple[str, list[Line]]:
    """Somebody's first name, and what she teaches and wants to learn; with what she has paused, and lately closed, for
    herself. `NotFound` where there is nothing: who shows nothing has no page."""
    query = _HERS.order_by(
        case((Skill.state == "open", 0), (Skill.state == "paused", 1), else_=2),
        Skill.created_at.desc(),
        Skill.id,
    ).limit(2 * MOST_HERS)
    if viewer_id != resident_id:
        query = query.where(Skill.state == "open")
    rows = plain_rows(query, {"resident_ids": [resident_id]})
    if not rows:
        raise NotFound("skills.nothing_shown")
    return rows[0].name, [line_of(row, signed_in=viewer_id is not None) for row in rows]


def hers(resident_id: int) -> list[Line]:
    """One's own, open ones first; one statement."""
    try:
        return of_resident(resident_id, viewer_id=resident_id)[1]
    except NotFound:
        return []


def category_rows() -> Sequence[SkillCategory]:
    """The tree, in order."""
    return db.session.scalars(select(SkillCategory).order_by(SkillCategory.position)).all()
