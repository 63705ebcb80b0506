"""What can be seen of the lines: who stands in one, for whom an object is kept, what somebody waits for."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, desc, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.core.db import db, one_of, plain_rows
from app.hubs.models import Membership
from app.items.models import Category, Item, Photo
from app.lending.models import Loan
from app.lending.waiting import rules
from app.lending.waiting.models import PlaceInLine

_HUB = bindparam("hub_id", type_=Integer())


SKIPPED = exists().where(
    Membership.resident_id == PlaceInLine.resident_id,
    Membership.status == "suspended",
    or_(_HUB.is_(None), Membership.hub_id == _HUB),
)
"""Whether who stands in a line is suspended where the object is kept (parameter `hub_id`): anywhere, if it is at a home."""
_LINE = (
    select(
        PlaceInLine.id.label("number"),
        PlaceInLine.resident_id,
        PlaceInLine.turn,
        PlaceInLine.status.label("word"),
        PlaceInLine.passed_at,
        SKIPPED.label("skipped"),
    )
    .where(PlaceInLine.item_id == bindparam("item_id"), PlaceInLine.ended_at.is_(None))
    .order_by(PlaceInLine.turn)
)


def line(item: Item) -> list[rules.Standing]:
    """Everybody who stands in line for this object, in order."""
    rows = db.session.execute(_LINE, {"item_id": item.id, "hub_id": item.hub_id})
    return [standing_of(row) for row in rows]


def standing_of(row: Any) -> rules.Standing:
    """One place, as the line sees it."""
    return rules.Standing(
        row.number, row.resident_id, row.turn, row.word == "ready", row.passed_at, bool(row.skipped)
    )


def ready_place(item_id: int) -> PlaceInLine | None:
    """For whom this object is kept aside."""
    return db.session.scalar(
        select(PlaceInLine).where(PlaceInLine.item_id == item_id, PlaceInLine.status == "ready")
    )


def place_of(item_id: int, resident_id: int) -> PlaceInLine | None:
    """The place of this resident in the line of this object."""
    return db.session.scalar(
        select(PlaceInLine).where(
            PlaceInLine.item_id == item_id,
            PlaceInLine.resident_id == resident_id,
            PlaceInLine.ended_at.is_(None),
        )
    )


def held_by(claim_id: int) -> PlaceInLine | None:
    """Whom this claim keeps the object for."""
    return db.session.scalar(
        select(PlaceInLine)
        .where(PlaceInLine.claim_id == claim_id, PlaceInLine.status == "ready")
        .options(joinedload(PlaceInLine.resident))
    )


def kept_for(resident_id: int) -> Sequence[PlaceInLine]:
    """What is kept aside for this resident, what ends first first."""
    return db.session.scalars(
        select(PlaceInLine)
        .where(PlaceInLine.resident_id == resident_id, PlaceInLine.status == "ready")
        .options(joinedload(PlaceInLine.item).joinedload(Item.hub))
        .order_by(PlaceInLine.ready_until, PlaceInLine.id)
    ).all()


class Stands(NamedTuple):
    """Somebody's place in a line, as which one (from 1), and what the object looks like."""

    place: PlaceInLine
    position: int
    photo: str | None
    drawing: str


def open_places(resident_id: int, *, item_id: int | None = None) -> list[Stands]:
    """The lines in which this resident stands (only the one of `item_id` where it is given); what is kept aside comes
    first. One statement."""
    given = {"resident_id": resident_id, "item_id": item_id}
    return [Stands(*row) for row in db.session.execute(_OPEN if item_id is None else _OPEN_HERE, given)]


_before = aliased(PlaceInLine)
_POSITION = (
    select(func.count() + 1)
    .where(
        _before.item_id == PlaceInLine.item_id,
        _before.ended_at.is_(None),
        _before.turn < PlaceInLine.turn,
    )
    .scalar_subquery()
)
_OPEN = (
    select(PlaceInLine, _POSITION, Photo.file, func.coalesce(func.nullif(Item.picture, ""), Category.drawing))
    .join(Item, Item.id == PlaceInLine.item_id)
    .join(Category, Category.id == Item.category_id)
    .outerjoin(Photo, and_(Photo.item_id == Item.id, Photo.position == 0))
    .where(PlaceInLine.resident_id == bindparam("resident_id"), PlaceInLine.ended_at.is_(None))
    .options(contains_eager(PlaceInLine.item).options(joinedload(Item.hub), joinedload(Item.owner_resident)))
    .order_by(PlaceInLine.status, PlaceInLine.ready_until, PlaceInLine.id)
)
_OPEN_HERE = _OPEN.where(PlaceInLine.item_id == bindparam("item_id"))
"""Written once: to put them together costs three times as much as to ask them."""


class Away(NamedTuple):
    """`out`: by object, the loan that has it out; `days`: for how many days each was away, its latest loans first."""

    out: dict[int, Any]
    days: dict[int, list[int]]


def _loans(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Loan.id,
        Loan.item_id,
        Loan.status,
        Loan.first_day,
        Loan.due,
        Loan.checked_out_at,
        Loan.checked_in_at,
    )
    return select(*columns).where(one_of(Loan.item_id, "item_ids"), *more)


_LATEST = (
    _loans(Loan.status == "returned", Loan.checked_out_at.is_not(None), Loan.checked_in_at.is_not(None))
    .order_by(Loan.first_day.desc(), Loan.id.desc())
    .limit(bindparam("count"))
    .subquery()
)
_AWAY = union_all(_loans(Loan.status == "checked_out"), select(_LATEST)).order_by(
    desc("first_day"), desc("id")
)


def away(item_ids: Collection[int]) -> Away:
    """The loans that have these objects out, and how long they were away before; one statement."""
    found = Away({}, {})
    for loan in plain_rows(_AWAY, {"item_ids": list(item_ids), "count": rules.PAST_LOANS * len(item_ids)}):
        if loan.status == "checked_out":
            found.out[loan.item_id] = loan
        elif len(days := found.days.setdefault(loan.item_id, [])) < rules.PAST_LOANS:
            days.append((loan.checked_in_at.date() - loan.checked_out_at.date()).days)
    return found


_KEPT_AT = (
    select(PlaceInLine)
    .join(Item, Item.id == PlaceInLine.item_id)
    .where(Item.hub_id == bindparam("hub_id"), PlaceInLine.status == "ready")
    .options(contains_eager(PlaceInLine.item), joinedload(PlaceInLine.resident))
    .order_by(PlaceInLine.ready_until, PlaceInLine.id)
    .limit(200)
)


def kept_at(hub_id: int) -> Sequence[PlaceInLine]:
    """What is kept aside at this hub, for whom, what ends first first; for its counter."""
    return db.session.scalars(_KEPT_AT, {"hub_id": hub_id}).all()
