"""What could bring a time account back: needs near somebody that she could answer, or offers to learn from."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import and_, func, select

from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import Conflict
from app.geo.distance import metres
from app.geo.rules import box_around
from app.skills.models import Skill, SkillCategory

REACH_KM = 20
LOOKED_AT = 60
"""The nearest of so many are ordered; more would change nothing on a page that names three."""


class Nearby(NamedTuple):
    """A need or an offer of a neighbour. `fits`: of a category that is hers too; `metres` None where no home is known."""

    id: int
    title: str
    name: str
    drawing: str
    fits: bool
    metres: int | None


def ways_back(
    resident_id: int, kind: Literal["need", "offer"], *, near: tuple[float, float] | None, limit: int = 3
) -> Sequence[Nearby]:
    """Open needs of others (or offers), what fits her own offers (or needs) first, then the nearest; one statement."""
    hers = select(Skill.category_id).where(
        Skill.resident_id == resident_id,
        Skill.kind == ("offer" if kind == "need" else "need"),
        Skill.state == "open",
    )
    fits = Skill.category_id.in_(hers)
    query = (
        select(Skill.id, Skill.title, Resident.name, SkillCategory.drawing, fits.label("fits"), Skill.lat, Skill.lon)
        .join(Resident, Resident.id == Skill.resident_id)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .where(Skill.kind == kind, Skill.state == "open", Skill.resident_id != resident_id)
    )  # fmt: skip
    if near is None:
        query = query.order_by(fits.desc(), Skill.id.desc())
    else:
        box = box_around(*near, REACH_KM)
        away = func.abs(Skill.lat - near[0]) + func.abs(Skill.lon - near[1])
        query = query.where(
            and_(
                Skill.lat.between(box.south, box.north),
                Skill.lon.between(box.west, box.east),
            )
        ).order_by(fits.desc(), away, Skill.id)
    found = [
        Nearby(
            row.id,
            row.title,
            row.name,
            row.drawing,
            row.fits,
            metres(*near, row.lat, row.lon) if near else None,
        )
        for row in db.session.execute(query.limit(LOOKED_AT))
    ]
    return sorted(found, key=lambda one: (not one.fits, one.metres or 0, one.id))[:limit]


def say_ways_back(refused: Conflict, resident_id: int, *, near: tuple[float, float] | None) -> None:
    """Reaching a limit starts a conversation: where it is her own, the refusal names three needs that she could answer
    (`needs`), or three offers where her account is full (`offers`)."""
    kind = _ANSWERS.get(refused.word)
    if kind is not None and refused.params.get("resident_id") == resident_id:
        refused.params[f"{kind}s"] = [
            {"id": str(one.id), "title": one.title, "name": one.name}
            for one in ways_back(resident_id, kind, near=near)
        ]


_ANSWERS: dict[str, Literal["need", "offer"]] = {"limit_reached": "need", "giver_full": "offer"}
