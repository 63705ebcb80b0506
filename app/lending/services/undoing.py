"""Taking back a scan, while nothing has been built on it: for ten minutes at the desk, for a day in the hub's list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, NotFound
from app.events.lending import LoanCheckOutUndone, LoanReturnUndone
from app.hubs.services import require_role
from app.items import claims
from app.lending import deposits, rules
from app.lending.models import Loan, LoanEvent, RepairTicket
from app.lending.services.ground import (
    finish,
    forget_reminders,
    fresh_loan,
    put_back,
    recall_reminders,
    write_down,
)
from app.lending.services.mending import end_repair
from app.lending.waiting import line as waiting


def undo(*, loan_id: int, hub_id: int, actor_id: int, in_list: bool = False, now: datetime) -> Loan:
    """Take back the last scan of this loan at this hub: a check-out is reserved again (a walk-in is cancelled), a
    check-in is out again, with the days it had. `in_list`: not at the desk but in the hub's list, for a day. Tapped
    twice, it holds once."""
    undo_for = rules.UNDO_IN_LIST_FOR if in_list else rules.UNDO_FOR
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    seen = db.session.get(Loan, loan_id)
    if seen is None or seen.hub_id != hub_id:
        raise NotFound
    loan = fresh_loan(seen)
    line = _last_line(loan)
    if line is not None and line.kind in rules.UNDONE.values() and line.at > now - undo_for:
        return loan
    if line is None or line.kind not in rules.UNDONE or line.before is None:
        raise Conflict("lending.nothing_to_undo")
    if datetime.fromisoformat(line.before["written_at"]) <= now - undo_for:
        raise Conflict("lending.too_late_to_undo_in_list" if in_list else "lending.too_late_to_undo")
    left = loan.deposit_received_cents
    if line.kind == "checked_out":
        _undo_check_out(loan, line.before, now=now)
        outbox.record(LoanCheckOutUndone(loan.id, line.id), now=now)
    else:
        _undo_check_in(loan, line.before, actor_id=actor_id, now=now)
        outbox.record(LoanReturnUndone(loan.id, line.id), now=now)
    write_down(loan, rules.UNDONE[line.kind], at=now, actor_id=actor_id)
    if left:
        deposits.follow(loan, actor_id=actor_id, now=now)
    return loan


def _last_line(loan: Loan) -> LoanEvent | None:
    """What was done with the object last; that time has let go of a card is no act at the counter."""
    return db.session.scalar(
        select(LoanEvent)
        .where(LoanEvent.loan_id == loan.id, LoanEvent.kind.not_in(rules.OF_CARDS))
        .order_by(LoanEvent.id.desc())
        .limit(1)
    )


def _undo_check_out(loan: Loan, before: Mapping[str, Any], *, now: datetime) -> None:
    forget_reminders(loan)
    if before.get("walk_in"):
        finish(loan, "cancelled", now=now)
        loan.deposit_received_cents = None
    else:
        put_back(loan, before)
    if "place" in before:
        waiting.put_back(before["place"], now=now)
    else:
        waiting.serve(loan.item_id, now=now)


def _undo_check_in(loan: Loan, before: Mapping[str, Any], *, actor_id: int, now: datetime) -> None:
    out = db.session.scalar(select(Loan.id).where(Loan.item_id == loan.item_id, Loan.status == "checked_out"))
    if out is not None:
        raise Conflict("lending.built_upon")
    opened = select(RepairTicket).where(RepairTicket.loan_id == loan.id, RepairTicket.closed_at.is_(None))
    for ticket in db.session.scalars(opened).all():
        end_repair(ticket, actor_id=actor_id, now=now)
    for item_id in (loan.item_id, *claims.objects_of(loan.item_id)):
        waiting.stand_back(item_id, now=now)
    put_back(loan, before)
    recall_reminders(loan)
