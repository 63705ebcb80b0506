"""What can be seen of the lines: who stands in one, for whom an object is kept, what somebody waits for."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, desc, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.accounts.models import Resident
from app.core.db import db, one_of, plain_rows
from app.hubs.models import Hub, Membership
from app.items.models import Category, Item, Photo
from app.lending.models import Loan
from app.lending.told import OF_HUB, At
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


class Waited(NamedTuple):
    """What is waited for. `photo` is the name of its first one, `drawing` what stands in for it; `owner`: whose home it
    is kept at, where it has no hub."""

    id: int
    title: str
    shelf: str
    hub_id: int | None
    owner_id: int | None
    asks_each_time: bool
    buffer_days: int
    max_days: int
    photo: str | None
    drawing: str
    owner: str | None
    hub: At | None

    @property
    def needs_approval(self) -> bool:
        """As `Item.needs_approval`."""
        return self.owner_id is not None and (self.hub_id is None or self.asks_each_time)


class Stands(NamedTuple):
    """Somebody's place in a line, and as which one (from 1)."""

    item_id: int
    status: str
    joined_at: datetime
    passed_at: datetime | None
    ready_until: date | None
    position: int
    item: Waited


def open_places(resident_id: int, *, item_id: int | None = None) -> list[Stands]:
    """The lines in which this resident stands (only the one of `item_id` where it is given); what is kept aside comes
    first. One statement, in columns: it is on the page of everybody's loans."""
    given = {"resident_id": resident_id, "item_id": item_id}
    return [_stands(row) for row in plain_rows(_OPEN if item_id is None else _OPEN_HERE, given)]


def _stands(row: Any) -> Stands:
    hub = At._make(row[_AT:]) if row[_AT] is not None else None
    return Stands._make((*row[:_ITEM], Waited._make((*row[_ITEM:_AT], hub))))


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
_COLUMNS: list[Any] = [
    PlaceInLine.item_id,
    PlaceInLine.status,
    PlaceInLine.joined_at,
    PlaceInLine.passed_at,
    PlaceInLine.ready_until,
    _POSITION,
    Item.id,
    Item.title,
    Item.shelf,
    Item.hub_id,
    Item.owner_resident_id,
    Item.asks_each_time,
    Item.buffer_days,
    Item.max_days,
    Photo.file,
    func.coalesce(func.nullif(Item.picture, ""), Category.drawing),
    Resident.name,
    *OF_HUB,
]
_ITEM = Stands._fields.index("item")
_AT = _ITEM + Waited._fields.index("hub")
_OPEN = (
    select(*(column.label(f"c{at}") for at, column in enumerate(_COLUMNS)))
    .select_from(PlaceInLine)
    .join(Item, Item.id == PlaceInLine.item_id)
    .join(Category, Category.id == Item.category_id)
    .outerjoin(Photo, and_(Photo.item_id == Item.id, Photo.position == 0))
    .outerjoin(Resident, Resident.id == Item.owner_resident_id)
    .outerjoin(Hub, Hub.id == Item.hub_id)
    .where(PlaceInLine.resident_id == bindparam("resident_id"), PlaceInLine.ended_at.is_(None))
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
