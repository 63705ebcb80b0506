"""What a day at the counter was: what went out and came back, the deposits, who was verified, what was passed over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.hubs.models import Hub, Membership
from app.lending import desk
from app.lending.desk import JustNow
from app.lending.models import Loan, LoanEvent
from app.lending.rules import UNDONE, overdue_days

MOST = 300
"""Acts that one page shows."""


@dataclass(frozen=True)
class Line:
    """One act that still holds: when in the hub's own time, and by whom."""

    act: JustNow
    at: datetime
    by: str


@dataclass(frozen=True)
class Passed:
    """Something that was lent all the same: by whom, to whom, and why."""

    by: str
    to: str
    reason: str


@dataclass(frozen=True)
class Day:
    """`lines`: of today, and what can still be undone of yesterday, the newest first; the counts are of today alone.
    Deposits in cents, of the acts that hold. `hands`: who did how many."""

    today: date
    lines: Sequence[Line]
    lent: int
    returned: int
    late: int
    undone: int
    received_cents: int
    given_back_cents: int
    verified: int
    passed: Sequence[Passed]
    hands: Sequence[tuple[str, int]]


def of(hub: Hub, *, now: datetime) -> Day:
    """The day of this hub so far."""
    zone = ZoneInfo(hub.timezone)
    today = clock.day_at(now, hub.timezone)
    midnight = datetime.combine(today, time(), zone)
    acts = desk.just_now(hub.id, now=now, limit=MOST)
    overrides = _overrides(hub.id, midnight)
    names = _names(
        {act.event.actor_id for act in acts}
        | {number for entry in overrides for number in (entry.actor_id, entry.on_behalf_of_id)}
    )
    fresh = [act for act in acts if act.event.at >= midnight]
    lent = [act.loan for act in fresh if act.event.kind == "checked_out"]
    back = [act.loan for act in fresh if act.event.kind == "returned"]
    return Day(
        today=today,
        lines=[Line(act, act.event.at.astimezone(zone), names.get(act.event.actor_id, "")) for act in acts],
        lent=len(lent),
        returned=len(back),
        late=sum(overdue_days(loan.due, _came(loan, hub)) > 0 for loan in back),
        undone=_undone(hub.id, midnight),
        received_cents=sum(loan.deposit_received_cents or 0 for loan in lent),
        given_back_cents=sum(loan.deposit_returned_cents or 0 for loan in back),
        verified=_verified(hub.id, midnight),
        passed=[
            Passed(
                names.get(one.actor_id, ""), names.get(one.on_behalf_of_id, ""), one.details.get("reason", "")
            )
            for one in overrides
        ],
        hands=Counter(names.get(act.event.actor_id, "") for act in fresh).most_common(),
    )


def _came(loan: Loan, hub: Hub) -> date:
    return clock.day_at(loan.checked_in_at, hub.timezone) if loan.checked_in_at else loan.due


def _overrides(hub_id: int, since: datetime) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(
        AuditEntry.at >= since, AuditEntry.hub_id == hub_id, AuditEntry.act == "lending.override"
    )
    return db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(MOST)).all()


def _names(resident_ids: set[int | None]) -> dict[int | None, str]:
    rows = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(resident_ids)))
    return {row.id: row.name for row in rows}


def _undone(hub_id: int, since: datetime) -> int:
    query = select(func.count()).where(
        LoanEvent.hub_id == hub_id, LoanEvent.at >= since, LoanEvent.kind.in_(UNDONE.values())
    )
    return db.session.scalar(query) or 0


def _verified(hub_id: int, since: datetime) -> int:
    query = select(func.count()).where(Membership.hub_id == hub_id, Membership.verified_at >= since)
    return db.session.scalar(query) or 0
