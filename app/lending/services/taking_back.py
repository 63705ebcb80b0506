"""At the counter: one scan takes an object back, from whomever, and says where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.events.lending import LoanReturned
from app.hubs.models import Hub
from app.items.models import Item
from app.lending import deposits, kits, queries, rules
from app.lending.models import Loan
from app.lending.services.desk import (
    BROKEN,
    CONDITIONS,
    Desk,
    at_desk,
    checked_fields,
    item_id_of,
    loan_out,
    refuse_elsewhere,
    write_audit,
)
from app.lending.services.ground import as_it_is, forget_reminders, free_days, item_held, write_down
from app.lending.services.mending import open_repair
from app.lending.services.missing import note_missing
from app.lending.transfers.queries import to_leave
from app.lending.waiting import line as waiting
from app.lending.waiting import queries as waiting_queries


@dataclass(frozen=True)
class WhereNext:
    """Where the object goes now: its shelf, the hold shelf for somebody until a day, repair, or another hub."""

    kind: Literal["shelf", "waiting", "repair", "transfer"]
    shelf: str
    user_id: int | None = None
    until: date | None = None
    hub: Hub | None = None


@dataclass(frozen=True)
class CheckedIn:
    """The loan, whether the same scan had ended it before, and where the object goes."""

    loan: Loan
    repeated: bool
    next: WhereNext


def check_in(
    *,
    item_code: str,
    hub_id: int,
    actor_id: int,
    parts: Sequence[str] | None = None,
    condition: str = "good",
    note: str | None = None,
    deposit_returned_cents: int | None = None,
    at: datetime | None = None,
    now: datetime,
) -> CheckedIn:
    """Take an object back, from whomever. `parts`: the names that are there (None: nobody looked). Broken or
    incomplete opens a repair, and the deposit waits. The same scan within 10 minutes answers the same again."""
    said = checked_fields(condition, note, deposit_returned_cents, "returned")
    if condition not in CONDITIONS:
        raise Invalid({"condition": "core.not_a_choice"})
    desk = at_desk(hub_id=hub_id, actor_id=actor_id, at=at, now=now)
    item = item_held(item_id_of(item_code))
    loan = _loan_to_end(item, desk)
    refuse_elsewhere(loan.hub_id if loan is not None else item.hub_id, desk)
    if loan is None:
        return _repeated(item, desk)
    missing = [part.name for part in item.parts if part.name not in parts] if parts is not None else []
    seen = "incomplete" if missing and condition not in BROKEN else condition
    _check_deposit(loan, seen, deposit_returned_cents)
    _end_out(loan, seen, desk, said=said, returned=deposit_returned_cents)
    if seen in BROKEN:
        open_repair(loan, condition=seen, note=said, missing=missing, actor_id=actor_id, at=desk.at, now=now)
        note_missing(loan, missing, note=said, actor_id=actor_id, at=desk.at, now=now)
    waiting.serve(item.id, now=now)
    return CheckedIn(loan, repeated=False, next=where_next(item, desk))


def _loan_to_end(item: Item, desk: Desk) -> Loan | None:
    """The loan that this scan ends: the one that is out (unless the scan is older than it), or the one that was
    given up as lost."""
    out = loan_out(item.id)
    if out is not None:
        began = out.checked_out_at or desk.at
        if desk.at >= began:
            return out
        # A little older than the loan: the device's clock is slow, unless it is the return that came before this loan.
        slow = began - desk.at <= rules.REPEATED_WITHIN and _returned_near(item, desk) is None
        return out if slow else None
    if item.status != "lost":
        return None
    return db.session.scalar(
        select(Loan).where(Loan.item_id == item.id, Loan.status == "lost").order_by(Loan.id.desc()).limit(1)
    )


def _repeated(item: Item, desk: Desk) -> CheckedIn:
    last = _returned_near(item, desk)
    if last is None:
        kits.refuse_apart(item)
        raise Conflict("lending.not_out")
    return CheckedIn(last, repeated=True, next=where_next(item, desk))


def _returned_near(item: Item, desk: Desk) -> Loan | None:
    """The last loan of this object that ended, if it came back about when this scan was."""
    last = db.session.scalar(
        select(Loan)
        .where(
            Loan.item_id == item.id,
            Loan.hub_id == desk.hub_id,
            Loan.status == "returned",
            Loan.checked_in_at.is_not(None),
        )
        .order_by(Loan.checked_in_at.desc())
        .limit(1)
    )
    if last is None or last.checked_in_at is None:
        return None
    return last if abs(desk.at - last.checked_in_at) <= rules.REPEATED_WITHIN else None


def _check_deposit(loan: Loan, condition: str, returned: int | None) -> None:
    if not returned:
        return
    if condition in BROKEN:
        raise Invalid({"deposit_returned_cents": "lending.deposit_waits"})
    if returned > (loan.deposit_received_cents or 0):
        raise Invalid({"deposit_returned_cents": "lending.deposit_too_high"})


def _end_out(loan: Loan, condition: str, desk: Desk, *, said: str, returned: int | None) -> None:
    item = loan.item
    terms = queries.terms_of(item, loan.hub)
    came = max(desk.at, loan.checked_out_at or desk.at)
    today = terms.days.today(came)
    before = as_it_is(loan, now=desk.now)
    loan.status = "returned"
    loan.checked_in_at = loan.ended_at = came
    loan.checked_in_by_id = desk.actor_id
    loan.condition_in = condition
    loan.deposit_returned_cents = returned or loan.deposit_returned_cents
    if item.status == "lost":
        kits.set_status(item, "active")
    if condition != "good":
        item.condition = condition
    buffer_days = 0 if condition in BROKEN else item.buffer_days
    free_days(loan.claim, came=today, today=terms.days.today(desk.now), buffer_days=buffer_days)
    forget_reminders(loan)
    line = write_down(loan, "returned", at=came, actor_id=desk.actor_id, why=said or None, before=before)
    late = rules.overdue_days(loan.due, today)
    outbox.record(LoanReturned(loan.id, line.id, late, condition), now=desk.now)
    if returned:
        deposits.follow(loan, actor_id=desk.actor_id, now=desk.now)
        write_audit("lending.deposit_returned", loan, desk, cents=returned, currency=loan.currency)


def where_next(item: Item, desk: Desk) -> WhereNext:
    """Where this object goes, now that it is in the hub's hands."""
    if queries.open_ticket(item.id) is not None:
        return WhereNext("repair", item.shelf)
    place = waiting_queries.ready_place(item.id)
    if place is not None:
        return WhereNext("waiting", item.shelf, place.resident_id, place.ready_until)
    terms = queries.terms_of(item, item.hub)
    today = desk.today(terms)
    soon = terms.days.next_open(today + rules.ONE_DAY) or today
    following = db.session.scalar(
        select(Loan)
        .where(
            Loan.item_id.in_(kits.it_and_its_kits(item.id)),
            Loan.status == "reserved",
            Loan.first_day <= soon,
            Loan.due >= today,
        )
        .order_by(Loan.first_day)
        .limit(1)
    )
    if following is None:
        leaves = to_leave(item.id, desk.hub_id)
        return WhereNext("transfer" if leaves else "shelf", item.shelf, hub=leaves.to_hub if leaves else None)
    chance = rules.pick_up(terms.days, first_day=following.first_day, due=following.due, since=desk.at)
    return WhereNext("waiting", item.shelf, following.borrower_id, chance.until if chance else following.due)
