"""Another day to bring it back than the usual one, said right after the scan that handed it out."""

from datetime import date, datetime

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.events.lending import LoanCheckedOut, LoanCheckOutUndone
from app.hubs.services import require_role
from app.items import claims
from app.lending import queries, rules
from app.lending.models import Loan, LoanEvent
from app.lending.services.ground import fresh_loan, set_due, write_down


def choose_due(*, loan_id: int, hub_id: int, actor_id: int, due: date, now: datetime) -> Loan:
    """Bring it back on this day instead, for ten minutes after the scan: not past what the terms allow; moved off
    closed days; `Conflict` where somebody has the object next. The borrower is told the new day, no longer the old
    one, and an undo puts back what was before the scan."""
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    seen = db.session.get(Loan, loan_id)
    if seen is None or seen.hub_id != hub_id:
        raise NotFound
    loan = fresh_loan(seen)
    line = _scan_line(loan, now)
    terms = queries.terms_of(loan.item, loan.hub)
    today = terms.days.today(now)
    if due < today:
        raise Invalid({"due": ("lending.due_too_early", {"first": today})})
    if (due - loan.first_day).days > terms.longest_days:
        raise Invalid({"due": ("lending.too_long", {"days": terms.longest_days})})
    following = claims.next_claim(loan.item_id, after_day=loan.first_day, besides=loan.claim_id)
    latest = following.first_day if following else None
    found = rules.due_day(terms, first_day=loan.first_day, wished=due, today=today, next_claim=latest)
    if found is None or found < due:
        raise Conflict("lending.reserved_before", latest=found, from_day=latest)
    if found == loan.due:
        return loan
    claims.change(loan.claim, end_day=terms.claim_end(loan.first_day, found))
    set_due(loan, found, now=now)
    again = write_down(loan, "checked_out", at=line.at, actor_id=actor_id, why=line.why, before=line.before)
    outbox.record(LoanCheckOutUndone(loan.id, line.id), now=now)
    outbox.record(LoanCheckedOut(loan.id, again.id), now=now)
    return loan


def _scan_line(loan: Loan, now: datetime) -> LoanEvent:
    """The line of the scan that handed it out, while it is the last of the loan and fresh."""
    line = db.session.scalar(
        select(LoanEvent).where(LoanEvent.loan_id == loan.id).order_by(LoanEvent.id.desc()).limit(1)
    )
    if line is None or line.kind != "checked_out" or line.before is None:
        raise Conflict("lending.nothing_to_undo")
    if datetime.fromisoformat(line.before["written_at"]) <= now - rules.UNDO_FOR:
        raise Conflict("lending.too_late_to_undo")
    return line
