"""What can be seen of the lines: who stands in one, for whom an object is kept, what somebody waits for."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.core.db import db
from app.hubs.models import Membership
from app.items.models import Item
from app.lending.models import Loan
from app.lending.waiting import rules
from app.lending.waiting.models import PlaceInLine


def line(item: Item) -> list[rules.Standing]:
    """Everybody who stands in line for this object, in order."""
    return [_standing(row) for row in _open(PlaceInLine.item_id == item.id, item.hub_id)]


def line_and_holds(item: Item, resident_id: int) -> tuple[list[rules.Standing], int]:
    """The same, and how many other objects are kept aside for this resident now; in one statement."""
    kept = and_(PlaceInLine.resident_id == resident_id, PlaceInLine.status == "ready")
    rows = _open(or_(PlaceInLine.item_id == item.id, kept), item.hub_id)
    here = [_standing(row) for row in rows if row.item_id == item.id]
    return here, sum(row.item_id != item.id for row in rows)


def _open(where: Any, hub_id: int | None) -> Sequence[Any]:
    at_hub = [] if hub_id is None else [Membership.hub_id == hub_id]
    suspended = exists().where(
        Membership.resident_id == PlaceInLine.resident_id, Membership.status == "suspended", *at_hub
    )
    return db.session.execute(
        select(
            PlaceInLine.id,
            PlaceInLine.item_id,
            PlaceInLine.resident_id,
            PlaceInLine.turn,
            PlaceInLine.status,
            PlaceInLine.passed_at,
            suspended.label("suspended"),
        )
        .where(PlaceInLine.ended_at.is_(None), where)
        .order_by(PlaceInLine.turn)
    ).all()


def _standing(row: Any) -> rules.Standing:
    return rules.Standing(
        row.id, row.resident_id, row.turn, row.status == "ready", row.passed_at, bool(row.suspended)
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


def open_places(resident_id: int, *, item_id: int | None = None) -> list[tuple[PlaceInLine, int]]:
    """The lines in which this resident stands (only the one of `item_id` where it is given), and as which one in each;
    what is kept aside comes first. One statement."""
    before = aliased(PlaceInLine)
    position = (
        select(func.count() + 1)
        .where(
            before.item_id == PlaceInLine.item_id,
            before.ended_at.is_(None),
            before.turn < PlaceInLine.turn,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(PlaceInLine, position)
        .where(
            PlaceInLine.resident_id == resident_id,
            PlaceInLine.ended_at.is_(None),
            *([] if item_id is None else [PlaceInLine.item_id == item_id]),
        )
        .options(joinedload(PlaceInLine.item).options(joinedload(Item.hub), joinedload(Item.owner_resident)))
        .order_by(PlaceInLine.status, PlaceInLine.ready_until, PlaceInLine.id)
    )
    return [(place, int(number)) for place, number in rows]


def past_days(item_ids: Collection[int]) -> dict[int, list[int]]:
    """For how many days each of these objects was away, its latest loans first; one statement."""
    rows = db.session.execute(
        select(Loan.item_id, Loan.checked_out_at, Loan.checked_in_at)
        .where(
            Loan.item_id.in_(item_ids),
            Loan.status == "returned",
            Loan.checked_out_at.is_not(None),
            Loan.checked_in_at.is_not(None),
        )
        .order_by(Loan.first_day.desc(), Loan.id.desc())
        .limit(rules.PAST_LOANS * len(item_ids))
    )
    found: dict[int, list[int]] = {}
    for item_id, out, back in rows:
        days = found.setdefault(item_id, [])
        if out is not None and back is not None and len(days) < rules.PAST_LOANS:
            days.append((back.date() - out.date()).days)
    return found


def out_now(item_ids: Collection[int]) -> dict[int, Loan]:
    """The loans that have these objects out; one statement."""
    out = select(Loan).where(Loan.item_id.in_(item_ids), Loan.status == "checked_out")
    return {loan.item_id: loan for loan in db.session.scalars(out)}


def kept_at(hub_id: int) -> Sequence[PlaceInLine]:
    """What is kept aside at this hub, for whom, what ends first first; for its counter."""
    return db.session.scalars(
        select(PlaceInLine)
        .join(Item, Item.id == PlaceInLine.item_id)
        .where(Item.hub_id == hub_id, PlaceInLine.status == "ready")
        .options(contains_eager(PlaceInLine.item), joinedload(PlaceInLine.resident))
        .order_by(PlaceInLine.ready_until, PlaceInLine.id)
        .limit(200)
    ).all()
