"""Asking for an object, reserving it, answering, calling it off, and talking about it."""

from datetime import date, datetime

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, Forbidden, Invalid, NotFound
from app.core.images import Stored
from app.core.text import checked
from app.events.lending import LoanCancelled, LoanDeclined, LoanRequested, LoanReserved
from app.hubs.services import require_role
from app.items import claims
from app.items import rules as item_rules
from app.items.models import Item
from app.lending import policy, queries, rules
from app.lending.models import Loan
from app.lending.services.ground import (
    finish,
    item_held,
    loan_held,
    refuse_taken,
    resident_held,
    write_down,
    write_on_behalf,
)
from app.lending.waiting import line as waiting
from app.messages import services as messages
from app.messages.models import Message

WHY_LONGEST = 500


def reserve(
    *,
    item_id: int,
    actor_id: int,
    first_day: date,
    due: date,
    message: str | None = None,
    for_id: int | None = None,
    now: datetime,
) -> Loan:
    """Reserve an object for these civil days of its place, both included, for oneself or, as a volunteer of its hub,
    `for_id`; a neighbour's object is asked for, and the loan is `requested` until the owner answers. `Invalid` for days
    that cannot be (fields `from`, `to`), `Blocked` for reasons in the borrower or the object, `Conflict` with
    alternatives for days that are taken."""
    if due < first_day:
        raise Invalid({"to": "lending.reversed"})
    said = messages.checked_text(message, field="message") if message and message.strip() else None
    borrower = resident_held(for_id or actor_id)
    item = item_held(item_id)
    refuse_hidden(item, actor_id=actor_id)
    refuse_meddling(item, actor_id=actor_id, resident_id=borrower.id)
    terms = queries.terms_of(item, item.hub)
    faults = rules.faults_of_days(terms, first_day=first_day, due=due, now=now)
    if faults:
        raise Invalid(faults)
    refuse_object(item, borrower)
    found = queries.blockers(item, borrower, hub=item.hub, now=now)
    if found:
        raise Blocked(found)
    place = waiting.make_room(item.id, borrower.id)
    _refuse_days(item, terms, rules.Period(first_day, due), now=now)
    loan = write(item, borrower, terms, rules.Period(first_day, due), actor_id=actor_id, now=now)
    write_on_behalf("lending.reserved", loan, actor_id=actor_id, now=now)
    if place is not None:
        waiting.collect(place, loan, now=now)
        waiting.serve(item.id, now=now)
    if said is not None:
        messages.post(subject_kind="loan", subject_id=loan.id, actor_id=actor_id, text=said, now=now)
    return loan


def refuse_hidden(item: Item, *, actor_id: int) -> None:
    """A draft is its owner's own affair, and so is what lies in a hub that is not open to the public yet."""
    draft = item.status == "draft" or (item.hub is not None and item.hub.status == "draft")
    if draft and item.owner_resident_id != actor_id:
        raise NotFound


def refuse_meddling(item: Item, *, actor_id: int, resident_id: int) -> None:
    """For others act only the volunteers of the hub where it is kept."""
    if actor_id == resident_id:
        return
    if item.hub_id is None:
        raise Forbidden("lending.not_a_party")
    require_role("volunteer", actor_id=actor_id, hub_id=item.hub_id)


def refuse_object(item: Item, borrower: Resident) -> None:
    """What is not lent, and what one owns, nobody can borrow whatever the days."""
    if not item.lends:
        raise Conflict("lending.not_lent")
    if item.owner_resident_id == borrower.id:
        raise Conflict("lending.own_item")


def _refuse_days(item: Item, terms: rules.Terms, wished: rules.Period, *, now: datetime) -> None:
    today = terms.days.today(now)
    taken = queries.taken(item.id, today=today)
    earliest = item_rules.earliest_first_day(taken, today=today, terms=terms.of_calendar)
    if wished.first_day < earliest:
        raise refuse_taken(item, terms, wished, now=now, code="lending.not_back_yet", first=earliest)
    end = terms.claim_end(wished.first_day, wished.due)
    if not item_rules.fits(taken, wished.first_day, end, today=today):
        raise refuse_taken(item, terms, wished, now=now)


def write(
    item: Item, borrower: Resident, terms: rules.Terms, days: rules.Period, *, actor_id: int, now: datetime
) -> Loan:
    """Take the days: reserved at once, or asked for where the owner wants to answer. Nothing is checked here."""
    asks = item.needs_approval
    claim = claims.take(item.id, "loan", days.first_day, terms.claim_end(days.first_day, days.due))
    loan = Loan(
        item_id=item.id,
        borrower_id=borrower.id,
        owner_id=item.owner_resident_id,
        hub_id=item.hub_id,
        claim_id=claim.id,
        status="requested" if asks else "reserved",
        first_day=days.first_day,
        due=days.due,
        requested_at=now,
        answer_by=rules.answer_by(terms, first_day=days.first_day, now=now) if asks else None,
        reserved_at=None if asks else now,
        deposit_cents=item.deposit_cents,
        currency=item.currency,
    )
    db.session.add(loan)
    db.session.flush()
    write_down(loan, loan.status, at=now, actor_id=actor_id)
    if loan.answer_by is not None:
        outbox.record(LoanRequested(loan.id, loan.answer_by), now=now)
    else:
        outbox.record(LoanReserved(loan.id, approved=False), now=now)
    return loan


def approve(*, loan_id: int, actor_id: int, message: str | None = None, now: datetime) -> Loan:
    """The owner says yes, with a word or without. Said twice, it holds once."""
    said = messages.checked_text(message, field="message") if message and message.strip() else None
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_answer)
    if loan.status == "reserved":
        return loan
    _refuse_answer(loan, now)
    loan.status = "reserved"
    loan.reserved_at = now
    write_down(loan, "approved", at=now, actor_id=actor_id)
    outbox.record(LoanReserved(loan.id, approved=True), now=now)
    if said is not None:
        messages.post(subject_kind="loan", subject_id=loan.id, actor_id=actor_id, text=said, now=now)
    return loan


def decline(*, loan_id: int, actor_id: int, why: str | None = None, now: datetime) -> Loan:
    """The owner says no, with a word or without; the days are free at once."""
    reason = checked("why", why, longest=WHY_LONGEST, lines=True)
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_answer)
    if loan.status == "declined":
        return loan
    _refuse_answer(loan, now)
    finish(loan, "declined", now=now)
    write_down(loan, "declined", at=now, actor_id=actor_id, why=reason or None)
    waiting.serve(loan.item_id, now=now)
    outbox.record(LoanDeclined(loan.id, reason), now=now)
    return loan


def _refuse_answer(loan: Loan, now: datetime) -> None:
    if loan.status == "expired" or (loan.status == "requested" and loan.answer_by and loan.answer_by <= now):
        raise Conflict("lending.too_late_to_answer")
    if loan.status != "requested":
        raise Conflict("lending.already_answered")


def cancel(*, loan_id: int, actor_id: int, why: str | None = None, now: datetime) -> Loan:
    """Call it off before the object leaves: the borrower, the owner, or a volunteer of the hub for somebody who asks.
    The days are free at once. Said twice, it holds once."""
    reason = checked("why", why, longest=WHY_LONGEST, lines=True)
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_cancel)
    if loan.status == "cancelled":
        return loan
    if loan.status == "checked_out" or loan.given_at is not None:
        raise Conflict("lending.already_left")
    if loan.status not in ("requested", "reserved"):
        raise Conflict("lending.already_ended")
    finish(loan, "cancelled", now=now)
    write_down(loan, "cancelled", at=now, actor_id=actor_id, why=reason or None)
    write_on_behalf("lending.cancelled", loan, actor_id=actor_id, now=now)
    outbox.record(LoanCancelled(loan.id, actor_id), now=now)
    waiting.serve(loan.item_id, now=now)
    return loan


def post_message(
    *, loan_id: int, actor_id: int, text: str | None, photo: Stored | None = None, now: datetime
) -> Message:
    """Say something about a loan to whom it concerns, or show it: `photo` is stored already, under the private ones."""
    messages.checked_text(text, shortest=0 if photo else 1)
    loan = queries.loan_for(loan_id, actor_id)
    return messages.post(
        subject_kind="loan", subject_id=loan.id, actor_id=actor_id, text=text, photo=photo, now=now
    )
