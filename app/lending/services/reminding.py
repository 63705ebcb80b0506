"""Calling to mind what must come back: each level once per loan and due day, whoever sweeps and however often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import Resident
from app.core import clock
from app.core.db import UtcDateTime, db, inserting
from app.hubs.models import Hub, Membership, OpeningHours
from app.items.models import Item
from app.lending import rules
from app.lending.models import Loan, ReminderSent
from app.notifications import services as notifications
from app.notifications.rules import Telling

_owner = aliased(Resident)


@dataclass(frozen=True)
class _Due:
    """A loan and the level that its borrower is told now."""

    row: Any
    level: rules.Level
    timezone: str


def remind(*, now: datetime, limit: int) -> int:
    """Tell the next few whose reminder is due, and say when each is looked at again; how many were looked at."""
    rows = _looked_at(now, limit)
    if not rows:
        return 0
    found: list[_Due] = []
    again: dict[datetime | None, list[int]] = {}
    for row in rows:
        zone = row.timezone or clock.home_zone()
        level, next_at = rules.reminder(row.due, set_at=row.due_set_at, timezone=zone, now=now)
        again.setdefault(next_at, []).append(row.id)
        if level is not None:
            found.append(_Due(row, level, zone))
    _look_again(again)
    fresh = _not_told_yet(found, now)
    notifications.tell_many(_tellings([due for due in found if due.row.id in fresh]), now=now)
    return len(rows)


def _looked_at(now: datetime, limit: int) -> Sequence[Any]:
    """Loans out whose moment has come, the longest waiting first; what another sweep holds is left to it."""
    query = (
        select(
            Loan.id,
            Loan.due,
            Loan.due_set_at,
            Loan.hub_id,
            Loan.borrower_id,
            Loan.owner_id,
            Resident.name.label("borrower"),
            _owner.name.label("owner"),
            Item.title,
            Hub.name.label("hub"),
            Hub.timezone,
        )
        .join(Item, Item.id == Loan.item_id)
        .join(Resident, Resident.id == Loan.borrower_id)
        .outerjoin(_owner, _owner.id == Loan.owner_id)
        .outerjoin(Hub, Hub.id == Loan.hub_id)
        .where(Loan.status == "checked_out", Loan.remind_at <= now)
        .order_by(Loan.remind_at, Loan.id)
        .limit(limit)
        .with_for_update(of=Loan, skip_locked=True, key_share=True)
    )
    return db.session.execute(query).all()


def _look_again(again: dict[datetime | None, list[int]]) -> None:
    """Few moments, many loans: one statement for each moment."""
    for next_at, ids in again.items():
        db.session.execute(
            update(Loan)
            .where(Loan.id.in_(ids))
            .values(remind_at=next_at)
            .execution_options(synchronize_session=False)
        )


def _not_told_yet(found: Sequence[_Due], now: datetime) -> set[int]:
    """Whose level was not told for this due day; from now on it is."""
    by_level: dict[str, list[int]] = {}
    for due in found:
        by_level.setdefault(due.level.name, []).append(due.row.id)
    fresh: set[int] = set()
    for level, loan_ids in by_level.items():
        rows = select(Loan.id, Loan.due, literal(level), literal(now, UtcDateTime)).where(
            Loan.id.in_(loan_ids)
        )
        table = ReminderSent.__table__
        told = inserting(table).from_select(["loan_id", "due", "level", "at"], rows)
        fresh |= set(db.session.scalars(told.on_conflict_do_nothing().returning(table.c.loan_id)))
    return fresh


def _tellings(found: Sequence[_Due]) -> Iterator[Telling]:
    closings = _closings(found)
    coordinators = _coordinators(
        {due.row.hub_id for due in found if due.level.name in rules.COORDINATOR_JOINS and due.row.hub_id}
    )
    for due in found:
        closes = closings.get((due.row.hub_id, due.row.due.weekday()))
        yield _telling(due, due.row.borrower_id, due.level.kind, closes)
        kind = rules.COORDINATOR_JOINS.get(due.level.name)
        if kind is not None:
            for resident_id in coordinators.get(due.row.hub_id, [due.row.owner_id]):
                if resident_id is not None and resident_id != due.row.borrower_id:
                    yield _telling(due, resident_id, kind, closes, to=f":{resident_id}")


def _telling(due: _Due, resident_id: int, kind: str, closes: time | None, to: str = "") -> Telling:
    row = due.row
    return Telling(
        resident_id=resident_id,
        kind=kind,
        params={
            "item": row.title,
            "due": row.due,
            "borrower": row.borrower,
            "place": row.hub or row.owner or "",
            "closes": closes,
            "at_hub": row.hub_id is not None,
        },
        path=f"/loans/{row.id}",
        key=f"lending.reminder:{row.id}:{row.due}:{due.level.name}{to}",
        urgent=due.level.days == 0,
        timezone=due.timezone,
    )


def _closings(found: Sequence[_Due]) -> dict[tuple[int, int], time]:
    """When each hub's door closes on each weekday that something is due there."""
    weekdays = {due.row.due.weekday() for due in found if due.row.hub_id is not None}
    if not weekdays:
        return {}
    query = (
        select(OpeningHours.hub_id, OpeningHours.weekday, func.max(OpeningHours.closes))
        .where(OpeningHours.hub_id.in_({due.row.hub_id for due in found}), OpeningHours.weekday.in_(weekdays))
        .group_by(OpeningHours.hub_id, OpeningHours.weekday)
    )
    return {(hub_id, weekday): closes for hub_id, weekday, closes in db.session.execute(query)}


def _coordinators(hub_ids: set[int]) -> dict[int, list[int | None]]:
    if not hub_ids:
        return {}
    query = select(Membership.hub_id, Membership.resident_id).where(
        Membership.hub_id.in_(hub_ids), Membership.is_coordinator, Membership.status == "verified"
    )
    found: dict[int, list[int | None]] = {hub_id: [] for hub_id in hub_ids}
    for hub_id, resident_id in db.session.execute(query):
        found[hub_id].append(resident_id)
    return found
