"""Calling to mind what must come back: each level once per loan and due day, whoever sweeps and however often."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, literal, select, type_coerce, update
from sqlalchemy.orm import aliased
from sqlalchemy.types import NullType

from app.accounts.models import Resident
from app.core import clock
from app.core.db import UtcDateTime, db, inserting, moment_of, one_of, plain_rows
from app.hubs.models import Hub, Membership, OpeningHours
from app.items.models import Item
from app.lending import rules
from app.lending.models import Loan, ReminderSent
from app.notifications import services as notifications
from app.notifications.rules import Telling

_owner = aliased(Resident)


class _Due(NamedTuple):
    """A loan and the level that its borrower is told now."""

    loan_id: int
    due: date
    hub_id: int | None
    borrower_id: int
    owner_id: int | None
    borrower: str
    owner: str | None
    item: str
    hub: str | None
    timezone: str
    level: rules.Level


def remind(*, now: datetime, limit: int) -> int:
    """Tell the next few whose reminder is due, and say when each is looked at again; how many were looked at."""
    rows: Sequence[Any] = plain_rows(_LOOKED_AT, {"now": now, "most": limit})
    if not rows:
        return 0
    home = clock.home_zone()
    found: list[_Due] = []
    again: dict[datetime | None, list[int]] = {}
    for loan_id, due, *told, timezone, set_at in rows:
        zone = timezone or home
        since = None if set_at is None else moment_of(set_at)
        level, next_at = rules.reminder(due, set_at=since, timezone=zone, now=now)
        again.setdefault(next_at, []).append(loan_id)
        if level is not None:
            found.append(_Due._make((loan_id, due, *told, zone, level)))
    _look_again(again)
    fresh = _not_told_yet(found, now)
    notifications.tell_many(_tellings([due for due in found if due.loan_id in fresh]), now=now)
    return len(rows)


_LOOKED_AT = (
    select(
        Loan.id,
        Loan.due,
        Loan.hub_id,
        Loan.borrower_id,
        Loan.owner_id,
        Resident.name,
        _owner.name,
        Item.title,
        Hub.name,
        Hub.timezone,
        type_coerce(Loan.due_set_at, NullType()),
    )
    .join(Item, Item.id == Loan.item_id)
    .join(Resident, Resident.id == Loan.borrower_id)
    .outerjoin(_owner, _owner.id == Loan.owner_id)
    .outerjoin(Hub, Hub.id == Loan.hub_id)
    .where(Loan.status == "checked_out", Loan.remind_at <= bindparam("now"))
    .order_by(Loan.remind_at, Loan.id)
    .limit(bindparam("most"))
    .with_for_update(of=Loan, skip_locked=True, key_share=True)
)
"""Loans out whose moment has come, the longest waiting first; what another sweep holds is left to it."""
_LOOKED_AT_AGAIN = (
    update(Loan)
    .where(one_of(Loan.id, "loan_ids"))
    .values(remind_at=bindparam("next_at", type_=UtcDateTime()))
    .execution_options(synchronize_session=False)
)


def _look_again(again: dict[datetime | None, list[int]]) -> None:
    """Few moments, many loans: one statement for each moment."""
    for next_at, ids in again.items():
        db.session.execute(_LOOKED_AT_AGAIN, {"loan_ids": ids, "next_at": next_at})


def _not_told_yet(found: Sequence[_Due], now: datetime) -> set[int]:
    """Whose level was not told for this due day; from now on it is."""
    by_level: dict[str, list[int]] = {}
    for due in found:
        by_level.setdefault(due.level.name, []).append(due.loan_id)
    fresh: set[int] = set()
    for level, loan_ids in by_level.items():
        rows = select(Loan.id, Loan.due, literal(level), literal(now, UtcDateTime)).where(
            one_of(Loan.id, "loan_ids")
        )
        table = ReminderSent.__table__
        insert = inserting(table).from_select(["loan_id", "due", "level", "at"], rows)
        told = insert.on_conflict_do_nothing().returning(table.c.loan_id)
        fresh |= set(db.session.scalars(told, {"loan_ids": loan_ids}))
    return fresh


def _tellings(found: Sequence[_Due]) -> Iterator[Telling]:
    closings = _closings(found)
    coordinators = _coordinators(
        {due.hub_id for due in found if due.level.name in rules.COORDINATOR_JOINS and due.hub_id}
    )
    for due in found:
        told = _telling(due, closings.get((due.hub_id, due.due.weekday())))
        yield told
        kind = rules.COORDINATOR_JOINS.get(due.level.name)
        if kind is not None:
            for resident_id in coordinators.get(due.hub_id, [due.owner_id]):
                if resident_id is not None and resident_id != due.borrower_id:
                    yield replace(told, resident_id=resident_id, kind=kind, key=f"{told.key}:{resident_id}")


def _telling(due: _Due, closes: time | None) -> Telling:
    return Telling(
        resident_id=due.borrower_id,
        kind=due.level.kind,
        params={
            "item": due.item,
            "due": due.due,
            "borrower": due.borrower,
            "place": due.hub or due.owner or "",
            "closes": closes,
            "at_hub": due.hub_id is not None,
        },
        path=f"/loans/{due.loan_id}",
        key=f"lending.reminder:{due.loan_id}:{due.due}:{due.level.name}",
        urgent=due.level.days == 0,
        timezone=due.timezone,
    )


def _closings(found: Sequence[_Due]) -> dict[tuple[int | None, int], time]:
    """When each hub's door closes on each weekday that something is due there."""
    weekdays = {due.due.weekday() for due in found if due.hub_id is not None}
    if not weekdays:
        return {}
    query = (
        select(OpeningHours.hub_id, OpeningHours.weekday, func.max(OpeningHours.closes))
        .where(OpeningHours.hub_id.in_({due.hub_id for due in found}), OpeningHours.weekday.in_(weekdays))
        .group_by(OpeningHours.hub_id, OpeningHours.weekday)
    )
    return {(hub_id, weekday): closes for hub_id, weekday, closes in db.session.execute(query)}


def _coordinators(hub_ids: set[int]) -> dict[int | None, list[int | None]]:
    if not hub_ids:
        return {}
    query = select(Membership.hub_id, Membership.resident_id).where(
        Membership.hub_id.in_(hub_ids), Membership.is_coordinator, Membership.status == "verified"
    )
    found: dict[int | None, list[int | None]] = {hub_id: [] for hub_id in hub_ids}
    for hub_id, resident_id in db.session.execute(query):
        found[hub_id].append(resident_id)
    return found
