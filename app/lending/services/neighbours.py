"""Between neighbours, without a counter: the one who receives says so, or the one who gives, and a day passes."""

from datetime import date, datetime

from sqlalchemy import select

from app.core import codes, outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, Invalid
from app.events.lending import LoanCheckedOut, LoanGiven, LoanGivingContested, LoanReturned
from app.items import claims
from app.lending import policy, queries, rules
from app.lending.models import Loan
from app.lending.services.ground import forget_reminders, free_days, loan_held, set_due, write_down
from app.lending.waiting import line as waiting


def hand_over(*, loan_id: int, actor_id: int, code: str | None = None, now: datetime) -> Loan:
    """The object changes hands: at once when the borrower says so, or when one has scanned the other's `code` (the
    member card or the object's label); when only the owner says so, after 24 hours without objection."""
    loan = _between_neighbours(loan_id, actor_id=actor_id)
    if loan.status == "checked_out":
        return loan
    if loan.status == "requested":
        raise Conflict("lending.not_agreed")
    if loan.status != "reserved":
        raise Conflict("lending.already_ended")
    if not _free_before(loan, queries.terms_of(loan.item, None).days.today(now)):
        raise Conflict("lending.promised_before", first=loan.first_day)
    if loan.given_at is None and _given_to_another(loan):
        raise Conflict("lending.given_to_another")
    if _counts_at_once(loan, actor_id, receiver_id=loan.borrower_id, code=code):
        _refuse_blocked(loan, now)
        loan.received_at = now
        leave(loan, actor_id=actor_id, at=now, now=now)
    elif loan.given_at is None:
        loan.given_at = now
        line = write_down(loan, "given", at=now, actor_id=actor_id)
        counts_at = now + rules.ONE_SIDED_COUNTS_AFTER
        outbox.record(LoanGiven(loan.id, line.id, back=False, counts_at=counts_at), now=now)
    return loan


def hand_back(*, loan_id: int, actor_id: int, code: str | None = None, now: datetime) -> Loan:
    """The object comes back: at once when the owner says so, or when one has scanned the other's code; when only the
    borrower says so, after 24 hours without objection."""
    loan = _between_neighbours(loan_id, actor_id=actor_id)
    if loan.status == "returned":
        return loan
    if loan.status != "checked_out":
        raise Conflict("lending.not_out")
    if _counts_at_once(loan, actor_id, receiver_id=loan.owner_id, code=code):
        come_back(loan, actor_id=actor_id, at=now, now=now)
    elif loan.back_given_at is None:
        loan.back_given_at = now
        line = write_down(loan, "back_given", at=now, actor_id=actor_id)
        counts_at = now + rules.ONE_SIDED_COUNTS_AFTER
        outbox.record(LoanGiven(loan.id, line.id, back=True, counts_at=counts_at), now=now)
    return loan


def contest(*, loan_id: int, actor_id: int, now: datetime) -> Loan:
    """The one who should have received says that nothing was received: the giver's word no longer counts."""
    loan = _between_neighbours(loan_id, actor_id=actor_id)
    if loan.status == "reserved" and loan.given_at is not None and actor_id == loan.borrower_id:
        loan.given_at = None
        back = False
    elif loan.status == "checked_out" and loan.back_given_at is not None and actor_id == loan.owner_id:
        loan.back_given_at = None
        back = True
    else:
        raise Conflict("lending.nothing_to_contest")
    line = write_down(loan, "back_contested" if back else "give_contested", at=now, actor_id=actor_id)
    outbox.record(LoanGivingContested(loan.id, line.id, back=back), now=now)
    return loan


def leave(loan: Loan, *, actor_id: int | None, at: datetime, now: datetime) -> None:
    """The object is in the borrower's hands since `at`; the loan starts that day, earlier or later than agreed."""
    terms = queries.terms_of(loan.item, loan.hub)
    today = terms.days.today(at)
    if today <= loan.due and _free_before(loan, today):
        claims.change(loan.claim, first_day=today)
        loan.first_day = today
    loan.status = "checked_out"
    loan.checked_out_at = at
    loan.checked_out_by_id = actor_id
    loan.condition_out = loan.item.condition
    set_due(loan, loan.due, now=at)
    line = write_down(loan, "checked_out", at=at, actor_id=actor_id)
    outbox.record(LoanCheckedOut(loan.id, line.id), now=now)


def _free_before(loan: Loan, day: date) -> bool:
    """Whether nothing stands between `day` and the loan's own first day."""
    others = [one for one in claims.live_claims(loan.item_id, from_day=day) if one.id != loan.claim_id]
    return all(one.first_day > loan.claim.first_day for one in others)


def _given_to_another(loan: Loan) -> bool:
    """Whether the owner has said that somebody else has it: that counts within a day, if it is not contested."""
    other = select(Loan.id).where(
        Loan.item_id == loan.item_id, Loan.status == "reserved", Loan.given_at.is_not(None)
    )
    return db.session.scalar(other) is not None


def come_back(loan: Loan, *, actor_id: int | None, at: datetime, now: datetime) -> None:
    """The object is with its owner again since `at`."""
    terms = queries.terms_of(loan.item, loan.hub)
    came = max(at, loan.checked_out_at or at)
    today = terms.days.today(came)
    loan.status = "returned"
    loan.checked_in_at = loan.ended_at = came
    loan.checked_in_by_id = actor_id
    loan.condition_in = loan.item.condition
    free_days(loan.claim, came=today, today=terms.days.today(now), buffer_days=loan.item.buffer_days)
    forget_reminders(loan)
    line = write_down(loan, "returned", at=came, actor_id=actor_id)
    late = rules.overdue_days(loan.due, today)
    outbox.record(LoanReturned(loan.id, line.id, late, loan.condition_in), now=now)
    waiting.serve(loan.item_id, now=now)


def _between_neighbours(loan_id: int, *, actor_id: int) -> Loan:
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_hand_over, count_borrower=True)
    if loan.hub_id is not None:
        raise Conflict("lending.at_the_counter")
    return loan


def _counts_at_once(loan: Loan, actor_id: int, *, receiver_id: int | None, code: str | None) -> bool:
    if code is None:
        return actor_id == receiver_id
    read = codes.read(code)
    other = loan.owner if actor_id == loan.borrower_id else loan.borrower
    if read is None:
        raise Invalid({"code": "lending.unknown_code"})
    if str(read) not in (loan.item.code, other.code if other else ""):
        raise Invalid({"code": "lending.not_her_code"})
    return True


def _refuse_blocked(loan: Loan, now: datetime) -> None:
    found = queries.blockers(loan.item, loan.borrower, hub=None, now=now, besides=loan.id, agreed=True)
    if found:
        raise Blocked(found)
