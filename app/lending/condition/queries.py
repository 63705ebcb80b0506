"""What can be seen of how an object looked, and which photos somebody may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.lending import queries
from app.lending.condition.models import ConditionNote
from app.messages import queries as messages


@dataclass(frozen=True)
class Seen:
    """What somebody saw of it: `stage` out or in, words, a photo (its measures are those of the largest size)."""

    id: int
    stage: str
    text: str
    photo: str | None
    width: int | None
    height: int | None
    author_id: int
    author: str
    at: datetime


def notes(loan_id: int, *, stage: str | None = None) -> Sequence[Seen]:
    """What both sides saw of it when it went out and came in, in the order in which they said so."""
    query = (
        select(ConditionNote, Resident.name)
        .join(Resident, Resident.id == ConditionNote.author_id)
        .where(ConditionNote.loan_id == loan_id)
        .order_by(ConditionNote.id)
    )
    if stage is not None:
        query = query.where(ConditionNote.stage == stage)
    return [
        Seen(one.id, one.stage, one.text, one.photo, one.width, one.height, one.author_id, name, one.at)
        for one, name in db.session.execute(query)
    ]


def require_photo(loan_id: int, name: str, viewer_id: int) -> None:
    """`NotFound` unless this photo belongs to this loan, and the loan concerns this viewer."""
    queries.require_sight(loan_id, viewer_id)
    noted = select(ConditionNote.id).where(ConditionNote.loan_id == loan_id, ConditionNote.photo == name)
    if db.session.scalar(noted) is None and not messages.photo_said("loan", loan_id, name):
        raise NotFound("items.photo_unknown")


def photos_in_use(names: Collection[str]) -> set[str]:
    """Those of these private photos that a note or a message shows."""
    noted = select(ConditionNote.photo).where(ConditionNote.photo.in_(names))
    return {name for name in db.session.scalars(noted) if name} | messages.photos_in_use(names)
