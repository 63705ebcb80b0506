"""Other days for what was asked for or reserved: one act, so that nobody gives up days before having the new ones."""

from datetime import date, datetime

from app.core import outbox
from app.core.errors import Blocked, Conflict, Invalid
from app.events.lending import LoanDaysChanged
from app.items import claims
from app.items import rules as item_rules
from app.lending import policy, queries, rules
from app.lending.models import Loan
from app.lending.services.ground import loan_held, refuse_taken, set_due, write_down, write_on_behalf
from app.lending.waiting import line as waiting


def change_days(*, loan_id: int, actor_id: int, first_day: date, due: date, now: datetime) -> Loan:
    """Move a reservation to these civil days, both included: the borrower, or a volunteer for somebody who asks. Days
    that were hers already can be kept whatever else; new ones are had as a new reservation has them, refused alike.
    An owner who agreed to other days is asked again, and the loan is `requested` until then."""
    if due < first_day:
        raise Invalid({"to": "lending.reversed"})
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_change_days, count_borrower=True)
    _refuse_state(loan)
    before = rules.Period(loan.first_day, loan.due)
    if rules.Period(first_day, due) == before:
        return loan
    terms = queries.terms_of(loan.item, loan.hub)
    wished = rules.kept_from_today(rules.Period(first_day, due), before=before, today=terms.days.today(now))
    faults = rules.faults_of_days(terms, first_day=wished.first_day, due=wished.due, now=now)
    if faults:
        raise Invalid(faults)
    if not wished.within(before):
        _refuse_new_days(loan, terms, wished, now=now)
    _move(loan, terms, wished, asks=loan.item.needs_approval and not wished.within(before), now=now)
    line = write_down(loan, "days_changed", at=now, actor_id=actor_id, why=before.as_text())
    write_on_behalf("lending.days_changed", loan, actor_id=actor_id, now=now)
    outbox.record(LoanDaysChanged(loan.id, line.id, actor_id), now=now)
    waiting.serve(loan.item_id, now=now)
    return loan


def _refuse_state(loan: Loan) -> None:
    if loan.status == "checked_out" or loan.given_at is not None:
        raise Conflict("lending.renew_instead")
    if loan.status not in ("requested", "reserved"):
        raise Conflict("lending.already_ended")


def _refuse_new_days(loan: Loan, terms: rules.Terms, wished: rules.Period, *, now: datetime) -> None:
    found = queries.blockers(loan.item, loan.borrower, hub=loan.hub, now=now, besides=loan.id)
    if found:
        raise Blocked(found)
    today = terms.days.today(now)
    taken = queries.taken(loan.item_id, today=today, besides=loan.claim_id)
    earliest = item_rules.earliest_first_day(taken, today=today, terms=terms.of_calendar)
    if wished.first_day < min(earliest, loan.first_day):
        code, told = "lending.not_back_yet", {"first": earliest}
    elif not item_rules.fits(
        taken, wished.first_day, terms.claim_end(wished.first_day, wished.due), today=today
    ):
        code, told = "lending.already_reserved", {}
    else:
        return
    raise refuse_taken(loan.item, terms, wished, now=now, code=code, besides=loan.claim_id, **told)


def _move(loan: Loan, terms: rules.Terms, days: rules.Period, *, asks: bool, now: datetime) -> None:
    """These days from now on; the pick-up clock and the owner's begin anew."""
    claims.change(loan.claim, first_day=days.first_day, end_day=terms.claim_end(days.first_day, days.due))
    loan.first_day = days.first_day
    loan.pick_up_until = None
    set_due(loan, days.due, now=now)
    if asks or loan.status == "requested":
        loan.status = "requested"
        loan.requested_at = now
        loan.answer_by = rules.answer_by(terms, first_day=days.first_day, now=now)
        loan.owner_reminded_at = loan.reserved_at = None
    else:
        loan.reserved_at = now
