"""What the counter of a hub shows of its loans: what today holds, and what was done there just now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.core.db import UtcDateTime, db
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.lending import kits, rules
from app.lending.models import Loan, LoanEvent, RepairTicket
from app.lending.queries import DESK_LIST
from app.lending.transfers.models import Transfer
from app.lending.waiting import queries as waiting
from app.lending.waiting.models import PlaceInLine


@dataclass(frozen=True)
class Today:
    """One day of a hub. `expected`: due back today; `ready`: to be collected, the object is here; `missing`: to be
    collected, but it is not; `kept`: kept aside for those who waited; `to_put_away`: came back today; `closed_due`:
    what must come back on a closed day and could not be moved."""

    today: date
    expected: Sequence[Loan]
    ready: Sequence[Loan]
    missing: Sequence[Loan]
    kept: Sequence[PlaceInLine]
    overdue: Sequence[Loan]
    to_put_away: Sequence[Loan]
    repairs: Sequence[RepairTicket]
    closed_due: Sequence[Loan]


def _of_hub(*where: Any, order: Any) -> Select[Loan]:
    return (
        select(Loan)
        .options(joinedload(Loan.item), joinedload(Loan.borrower))
        .where(Loan.hub_id == bindparam("hub_id"), *where)
        .order_by(order, Loan.id)
        .limit(DESK_LIST)
    )


_TODAY = bindparam("today", type_=Date())
_TO_COLLECT = _of_hub(Loan.status == "reserved", Loan.first_day <= _TODAY, order=Loan.first_day)
_OUT = _of_hub(Loan.status == "checked_out", Loan.due <= _TODAY, order=Loan.due)
_SOON = _of_hub(
    Loan.status.in_(("reserved", "checked_out")),
    Loan.due >= _TODAY,
    Loan.due <= bindparam("later", type_=Date()),
    order=Loan.due,
)
_CAME_BACK = _of_hub(
    Loan.status == "returned",
    Loan.due >= bindparam("earlier", type_=Date()),
    Loan.checked_in_at >= bindparam("morning", type_=UtcDateTime()),
    order=Loan.checked_in_at.desc(),
)
_TO_MEND = (
    select(RepairTicket)
    .options(joinedload(RepairTicket.item))
    .where(RepairTicket.hub_id == bindparam("hub_id"), RepairTicket.closed_at.is_(None))
    .order_by(RepairTicket.opened_at)
    .limit(DESK_LIST)
)
"""What the desk shows after each scan: written once, because putting them together costs more than asking them."""


def today_at(hub_id: int, *, now: datetime) -> Today:
    """What today holds at this hub."""
    hub = db.session.get(Hub, hub_id)
    days = hub_queries.open_days(hub)
    today = days.today(now)
    given = {
        "hub_id": hub_id,
        "today": today,
        "later": today + timedelta(days=60),
        "earlier": today - timedelta(days=60),
        "morning": days.opens_at(today).replace(hour=0, minute=0),
    }

    def listed(query: Select[Any]) -> Sequence[Any]:
        return db.session.scalars(query, given).all()

    to_collect, out = listed(_TO_COLLECT), listed(_OUT)
    away = _away({loan.item_id for loan in to_collect})
    return Today(
        today=today,
        expected=[loan for loan in out if loan.due == today],
        ready=[loan for loan in to_collect if loan.item_id not in away],
        missing=[loan for loan in to_collect if loan.item_id in away],
        kept=waiting.kept_at(hub_id),
        overdue=[loan for loan in out if loan.due < today],
        to_put_away=listed(_CAME_BACK),
        repairs=listed(_TO_MEND),
        closed_due=[loan for loan in listed(_SOON) if not days.is_open(loan.due)],
    )


def _away(item_ids: Collection[int]) -> set[int]:
    """Those of these objects that are out (a kit: that miss an object), in repair, or on their way here."""
    out = select(Loan.item_id).where(Loan.item_id.in_(item_ids), Loan.status == "checked_out")
    broken = select(RepairTicket.item_id).where(
        RepairTicket.item_id.in_(item_ids), RepairTicket.closed_at.is_(None)
    )
    sent = select(Transfer.item_id).where(Transfer.item_id.in_(item_ids), Transfer.status == "sent")
    return (
        set(db.session.scalars(out.union(broken, sent, *kits.out_otherwise(item_ids)))) if item_ids else set()
    )


@dataclass(frozen=True)
class JustNow:
    """One act at the counter; whether it can still be undone with one tap at the desk, and in the hub's list."""

    event: LoanEvent
    loan: Loan
    undoable: bool
    in_list: bool


_JUST_NOW = (
    select(LoanEvent)
    .options(joinedload(LoanEvent.loan).options(joinedload(Loan.item), joinedload(Loan.borrower)))
    .where(
        LoanEvent.hub_id == bindparam("hub_id"),
        LoanEvent.kind.in_((*rules.UNDONE, *rules.UNDONE.values())),
        LoanEvent.at > bindparam("since", type_=UtcDateTime()),
    )
    .order_by(LoanEvent.at.desc(), LoanEvent.id.desc())
    .limit(bindparam("most"))
)


def just_now(hub_id: int, *, now: datetime, limit: int = 20) -> list[JustNow]:
    """What was handed out and taken back at this hub in the last day and still holds, newest first."""
    given = {"hub_id": hub_id, "since": now - rules.UNDO_IN_LIST_FOR, "most": 2 * limit}
    events = db.session.scalars(_JUST_NOW, given).all()
    last = _last_lines({event.loan_id for event in events})
    return [
        JustNow(event, event.loan, _undoable(event, last, now), event.id in last and event.before is not None)
        for event in _that_hold(events)[:limit]
    ]


def _that_hold(events: Sequence[LoanEvent]) -> list[LoanEvent]:
    """Without what was undone, and without what the same act said again since; `events`: the newest first."""
    newer: dict[int, str] = {}
    found = []
    for event in events:
        since = newer.get(event.loan_id)
        newer[event.loan_id] = event.kind
        if event.kind in rules.UNDONE and since not in (event.kind, rules.UNDONE[event.kind]):
            found.append(event)
    return found


def _undoable(event: LoanEvent, last: Collection[int], now: datetime) -> bool:
    return event.id in last and event.before is not None and event.at > now - rules.UNDO_FOR


def _last_lines(loan_ids: Collection[int]) -> set[int]:
    if not loan_ids:
        return set()
    query = select(func.max(LoanEvent.id)).where(LoanEvent.loan_id.in_(loan_ids)).group_by(LoanEvent.loan_id)
    return set(db.session.scalars(query))
