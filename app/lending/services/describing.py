"""Saying more about a return that was just made: one scan takes an object back, what it looks like comes after."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import audit
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import checked
from app.hubs.services import require_role
from app.items import claims
from app.lending import deposits, queries, rules
from app.lending.models import Loan, LoanEvent, RepairTicket
from app.lending.services.desk import BROKEN, CONDITIONS, MOST_CENTS, NOTE_LONGEST
from app.lending.services.ground import free_days, fresh_loan
from app.lending.services.mending import end_repair, open_repair
from app.lending.services.missing import note_missing
from app.lending.waiting import line as waiting


def describe_return(
    *,
    loan_id: int,
    hub_id: int,
    actor_id: int,
    condition: str = "good",
    parts: Sequence[str] | None = None,
    note: str | None = None,
    deposit_returned_cents: int | None = None,
    now: datetime,
) -> Loan:
    """How it came back, for ten minutes after the scan that took it back: condition, parts that are there (None:
    nobody looked), a note, the deposit given back. What opens or ends a repair does so now; said twice, the last
    word holds."""
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    if condition not in CONDITIONS:
        raise Invalid({"condition": "core.not_a_choice"})
    said = checked("note", note, longest=NOTE_LONGEST, lines=True)
    seen = db.session.get(Loan, loan_id)
    if seen is None or seen.hub_id != hub_id:
        raise NotFound
    loan = fresh_loan(seen)
    line = _return_line(loan, now)
    missing = [part.name for part in loan.item.parts if part.name not in parts] if parts is not None else []
    found = "incomplete" if missing and condition not in BROKEN else condition
    _give_back(loan, found, deposit_returned_cents, actor_id=actor_id, now=now)
    loan.condition_in = found
    line.why = said or None
    _mend(loan, line, found, said=said, missing=missing, actor_id=actor_id, now=now)
    return loan


def _return_line(loan: Loan, now: datetime) -> LoanEvent:
    line = db.session.scalar(
        select(LoanEvent).where(LoanEvent.loan_id == loan.id).order_by(LoanEvent.id.desc()).limit(1)
    )
    if line is None or line.kind != "returned" or line.before is None:
        raise Conflict("lending.nothing_to_undo")
    if datetime.fromisoformat(line.before["written_at"]) <= now - rules.UNDO_FOR:
        raise Conflict("lending.too_late_to_undo")
    return line


def _give_back(loan: Loan, condition: str, cents: int | None, *, actor_id: int, now: datetime) -> None:
    if not cents:
        return
    if condition in BROKEN:
        raise Invalid({"deposit_returned_cents": "lending.deposit_waits"})
    if not 0 < cents <= min(MOST_CENTS, loan.deposit_received_cents or 0):
        raise Invalid({"deposit_returned_cents": "lending.deposit_too_high"})
    loan.deposit_returned_cents = cents
    deposits.follow(loan, actor_id=actor_id, now=now)
    audit.note(
        "lending.deposit_returned",
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=loan.hub_id,
        cents=cents,
        currency=loan.currency,
    )


def _mend(
    loan: Loan,
    line: LoanEvent,
    condition: str,
    *,
    said: str,
    missing: Sequence[str],
    actor_id: int,
    now: datetime,
) -> None:
    """Open the repair that is needed, change what it says, or end one that was a mistake."""
    ticket = db.session.scalar(
        select(RepairTicket).where(
            RepairTicket.loan_id == loan.id,
            RepairTicket.item_id == loan.item_id,
            RepairTicket.closed_at.is_(None),
        )
    )
    assert line.before is not None
    note_missing(loan, missing, note=said, actor_id=actor_id, at=now, now=now)
    loan.item.condition = condition if condition != "good" else line.before["item"]["condition"]
    if condition not in BROKEN:
        if ticket is not None:
            end_repair(ticket, actor_id=actor_id, now=now)
            _keep_buffer(loan, now)
            waiting.serve(loan.item_id, now=now)
        return
    if ticket is not None:
        ticket.condition, ticket.note, ticket.missing = condition, said, list(missing)
        return
    today = queries.terms_of(loan.item, loan.hub).days.today(now)
    free_days(loan.claim, came=today, today=today, buffer_days=0)
    open_repair(loan, condition=condition, note=said, missing=missing, actor_id=actor_id, at=now, now=now)


def _keep_buffer(loan: Loan, now: datetime) -> None:
    """The days of rest that the repair had taken over, as far as nobody has taken them."""
    today = queries.terms_of(loan.item, loan.hub).days.today(now)
    end = today + timedelta(days=loan.item.buffer_days)
    following = claims.next_claim(loan.item_id, after_day=loan.claim.first_day, besides=loan.claim_id)
    if following is not None:
        end = min(end, following.first_day)
    if end > max(today, loan.claim.first_day):
        claims.change(loan.claim, end_day=end, uncertain=False)
