"""At the counter: two scans hand an object out, one takes it back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import audit, codes, outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, Invalid, NotFound
from app.core.text import checked
from app.events.lending import LoanCheckedOut, LoanReturned
from app.hubs.models import Hub
from app.hubs.services import require_role
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import policy, queries, rules
from app.lending.models import Loan
from app.lending.services.ground import (
    as_it_is,
    forget_reminders,
    free_days,
    item_held,
    refuse_taken,
    resident_held,
    set_due,
    write_down,
)
from app.lending.services.mending import open_repair

NOTE_LONGEST = 1000
REASON_SHORTEST, REASON_LONGEST = 3, 500
CONDITIONS = ("good", "worn", "damaged", "incomplete")
BROKEN = ("damaged", "incomplete")
MOST_CENTS = 10_000_000


@dataclass(frozen=True)
class Override:
    """What a volunteer passes over, and why: codes of blockers, with or without their room."""

    codes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CheckedOut:
    """The loan, and whether the same scan had made it before."""

    loan: Loan
    repeated: bool


@dataclass(frozen=True)
class WhereNext:
    """Where the object goes now: its shelf, the hold shelf for somebody until a day, or repair."""

    kind: Literal["shelf", "waiting", "repair", "transfer"]
    shelf: str
    user_id: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class CheckedIn:
    """The loan, whether the same scan had ended it before, and where the object goes."""

    loan: Loan
    repeated: bool
    next: WhereNext


@dataclass(frozen=True)
class _Desk:
    """Who scans where and when. `at` is the scan's own moment, `today` its day at the hub."""

    hub_id: int
    actor_id: int
    roles: Collection[str]
    at: datetime
    now: datetime

    def today(self, terms: rules.Terms) -> date:
        return terms.days.today(self.at)


# -- handing out ------------------------------------------------------------------------------------------


def check_out(
    *,
    item_code: str,
    member_code: str,
    hub_id: int,
    actor_id: int,
    due: date | None = None,
    parts: Sequence[str] | None = None,
    acknowledged: bool = False,
    deposit_received_cents: int | None = None,
    override: Override | None = None,
    condition: str | None = None,
    note: str | None = None,
    at: datetime | None = None,
    now: datetime,
) -> CheckedOut:
    """Hand an object to a member: her reservation where there is one, else a new loan. `parts`: the names that were
    ticked; `at`: the moment of a scan that was kept while offline. The same scan again answers the same loan."""
    reason = _checked_reason(override)
    said = _checked_fields(condition, note, deposit_received_cents)
    desk = _desk(hub_id=hub_id, actor_id=actor_id, at=at, now=now)
    borrower_id = _member_id(member_code)
    item_id = _item_id(item_code)
    borrower, item = resident_held(borrower_id), item_held(item_id)
    _refuse_elsewhere(item.hub_id, desk)
    out = _loan_out(item.id)
    if out is not None:
        return _already_out(out, borrower)
    _refuse_overtaken(item, desk)
    terms = queries.terms_of(item, item.hub)
    _refuse_in_repair(item)
    reservation = _to_collect(item, borrower, desk.today(terms))
    days = _days_out(item, borrower, terms, reservation, due, desk)
    overridden = _pass_blockers(
        item,
        borrower,
        reservation,
        desk,
        override,
        deposit_received_cents,
        _to_tick(item, parts, acknowledged),
    )
    loan, before = _taken_out(item, borrower, terms, reservation, days, desk)
    loan.condition_out = condition or item.condition
    loan.deposit_received_cents = deposit_received_cents or loan.deposit_received_cents
    line = write_down(loan, "checked_out", at=desk.at, actor_id=actor_id, why=said or None, before=before)
    _audit_check_out(loan, desk, overridden, reason, deposit_received_cents)
    outbox.record(LoanCheckedOut(loan.id, line.id), now=now)
    return CheckedOut(loan, repeated=False)


def _checked_reason(override: Override | None) -> str:
    if override is None or not override.codes:
        return ""
    reason = checked("reason", override.reason, longest=REASON_LONGEST, lines=True)
    if len(reason) < REASON_SHORTEST:
        raise Invalid({"reason": "lending.reason_needed"})
    return reason


def _checked_fields(
    condition: str | None, note: str | None, cents: int | None, field: str = "received"
) -> str:
    """The clean note; `Invalid` for what is no condition or no sum."""
    if condition is not None and condition not in (*CONDITIONS, "new"):
        raise Invalid({"condition": "core.not_a_choice"})
    if cents is not None and not 0 <= cents <= MOST_CENTS:
        raise Invalid({f"deposit_{field}_cents": "lending.negative"})
    return checked("note", note, longest=NOTE_LONGEST, lines=True)


def _desk(*, hub_id: int, actor_id: int, at: datetime | None, now: datetime) -> _Desk:
    if at is not None and at.tzinfo is None:
        raise Invalid({"at": "lending.moment_without_zone"})
    held = require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    if at is not None and at > now + rules.CLOCKS_DIFFER_BY:
        raise Conflict("lending.from_the_future")
    if at is not None and at < now - rules.SCANS_KEPT_FOR:
        raise Conflict("lending.too_old")
    return _Desk(hub_id, actor_id, tuple(held.roles), min(at or now, now), now)


def _member_id(text: str) -> int:
    code = codes.read(text)
    if code is not None and code.kind != codes.MEMBER:
        raise Invalid({"member_code": "lending.not_a_member_code"})
    found = db.session.scalar(select(Resident.id).where(Resident.code == str(code))) if code else None
    if found is None:
        raise NotFound("lending.unknown_code")
    return found


def _item_id(text: str) -> int:
    code = codes.read(text)
    if code is not None and code.kind != codes.ITEM:
        raise Invalid({"item_code": "lending.not_an_item_code"})
    found = db.session.scalar(select(Item.id).where(Item.code == str(code))) if code else None
    if found is None:
        raise NotFound("lending.unknown_code")
    return found


def _refuse_elsewhere(at_hub: int | None, desk: _Desk) -> None:
    if at_hub == desk.hub_id:
        return
    if at_hub is None:
        raise Conflict("lending.kept_at_home")
    hub = db.session.get(Hub, at_hub)
    raise Conflict("lending.other_hub", hub=hub.name if hub else "")


def _loan_out(item_id: int) -> Loan | None:
    return db.session.scalar(select(Loan).where(Loan.item_id == item_id, Loan.status == "checked_out"))


def _already_out(out: Loan, borrower: Resident) -> CheckedOut:
    if out.borrower_id == borrower.id:
        return CheckedOut(out, repeated=True)
    raise Conflict("lending.already_out", holder=out.borrower.name)


def _refuse_overtaken(item: Item, desk: _Desk) -> None:
    """A scan kept while offline that is older than what the counter has seen since is for a person to settle."""
    if desk.at == desk.now:
        return
    last = db.session.scalar(select(func.max(Loan.checked_in_at)).where(Loan.item_id == item.id))
    if last is not None and last > desk.at:
        raise Conflict("lending.overtaken")


def _refuse_in_repair(item: Item) -> None:
    if queries.open_ticket(item.id) is not None:
        raise Conflict("lending.in_repair")


def _to_collect(item: Item, borrower: Resident, today: date) -> Loan | None:
    """Her reservation that covers today, else a later one that nothing stands before."""
    own = db.session.scalars(
        select(Loan)
        .where(
            Loan.item_id == item.id,
            Loan.borrower_id == borrower.id,
            Loan.status == "reserved",
            Loan.due >= today,
        )
        .order_by(Loan.first_day)
    ).all()
    for loan in own:
        if loan.first_day <= today:
            return loan
    for loan in own[:1]:
        between = claims.live_claims(item.id, from_day=today)
        if all(claim.id == loan.claim_id for claim in between if claim.first_day < loan.claim.first_day):
            return loan
    return None


def _days_out(
    item: Item,
    borrower: Resident,
    terms: rules.Terms,
    reservation: Loan | None,
    due: date | None,
    desk: _Desk,
) -> rules.Period:
    """From today until the day asked for, the reservation's, or the usual one, whichever holds by the rule of closed
    days and the next claim."""
    today = desk.today(terms)
    _check_due(terms, due, today)
    if reservation is not None and due in (None, reservation.due):
        return rules.Period(today, reservation.due)
    own = reservation.claim_id if reservation else None
    taken = [one for one in claims.live_claims(item.id, from_day=today) if one.id != own]
    if reservation is None:
        _refuse_walk_in(item, borrower, [one for one in taken if one.first_day <= today], terms, desk)
    following = next((one for one in taken if one.first_day > today), None)
    wished = due or today + timedelta(days=terms.usual_days)
    found = rules.due_day(
        terms,
        first_day=today,
        wished=wished,
        today=today,
        next_claim=following.first_day if following else None,
    )
    if found is None and following is not None:
        raise _claimed("lending.claimed_soon", item, terms, following, desk)
    return rules.Period(today, found or wished)


def _check_due(terms: rules.Terms, due: date | None, today: date) -> None:
    if due is None:
        return
    if due < today:
        raise Invalid({"due": ("lending.due_too_early", {"first": today})})
    if (due - today).days > terms.longest_days:
        raise Invalid({"due": ("lending.too_long", {"days": terms.longest_days})})


def _refuse_walk_in(
    item: Item, borrower: Resident, today_taken: Sequence[ItemClaim], terms: rules.Terms, desk: _Desk
) -> None:
    if not item.lends:
        raise Conflict("lending.not_lent")
    if item.owner_resident_id == borrower.id:
        raise Conflict("lending.own_item")
    if today_taken:
        raise _claimed("lending.claimed", item, terms, today_taken[0], desk)
    if item.needs_approval:
        raise Conflict("lending.owner_must_agree")


def _claimed(code: str, item: Item, terms: rules.Terms, claim: ItemClaim, desk: _Desk) -> Conflict:
    """Somebody else's days: who, until when, and what can be had instead."""
    loan = db.session.scalar(select(Loan).where(Loan.claim_id == claim.id))
    today = desk.today(terms)
    wished = rules.Period(today, today + timedelta(days=terms.usual_days))
    if loan is None or loan.status == "returned":
        code = "lending.kept_free"
    return refuse_taken(
        item,
        terms,
        wished,
        now=desk.now,
        code=code,
        holder=loan.borrower.name if loan else None,
        from_day=claim.first_day,
        until=claim.end_day - rules.ONE_DAY,
    )


def _to_tick(item: Item, parts: Sequence[str] | None, acknowledged: bool) -> dict[str, Any] | None:
    """Parts and notices that nobody has ticked yet; None when all is ticked."""
    ticked = {part.strip() for part in parts or ()}
    open_parts = [part for part in item.parts if part.name not in ticked]
    notices = [] if acknowledged else list(item.notices)
    if not open_parts and not notices:
        return None
    return {
        "parts": [{"name": part.name, "count": part.count} for part in open_parts],
        "notices": notices,
    }


def _pass_blockers(
    item: Item,
    borrower: Resident,
    reservation: Loan | None,
    desk: _Desk,
    override: Override | None,
    received: int | None,
    to_tick: dict[str, Any] | None,
) -> list[str]:
    """The words that were overridden; `Blocked` or `to_tick` for what still stands."""
    deposit = (reservation.deposit_cents if reservation else item.deposit_cents) or 0
    found = queries.blockers(
        item,
        borrower,
        hub=item.hub,
        now=desk.now,
        besides=reservation.id if reservation else None,
        deposit_open_cents=max(0, deposit - (received or 0)),
        roles=desk.roles,
    )
    left = policy.left_over(found, override.codes if override else ())
    if left:
        blocked = Blocked(left)
        blocked.params |= {"to_tick": to_tick} if to_tick else {}
        raise blocked
    if to_tick:
        raise Conflict("lending.to_tick", to_tick=to_tick)
    return [blocker.word for blocker in found]


def _taken_out(
    item: Item,
    borrower: Resident,
    terms: rules.Terms,
    reservation: Loan | None,
    days: rules.Period,
    desk: _Desk,
) -> tuple[Loan, dict[str, Any]]:
    """The loan, out from now on, and what an undo puts back."""
    end = terms.claim_end(days.first_day, days.due)
    if reservation is None:
        loan = _walk_in(item, borrower, days, end, desk)
        before: dict[str, Any] = {"walk_in": True, "written_at": desk.now.isoformat()}
    else:
        loan = reservation
        before = as_it_is(loan, now=desk.now)
        claims.change(loan.claim, first_day=days.first_day, end_day=end)
    loan.status = "checked_out"
    loan.first_day = days.first_day
    loan.checked_out_at = desk.at
    loan.checked_out_by_id = desk.actor_id
    set_due(loan, days.due, now=desk.at)
    return loan, before


def _walk_in(item: Item, borrower: Resident, days: rules.Period, end: date, desk: _Desk) -> Loan:
    claim = claims.take(item.id, "loan", days.first_day, end)
    loan = Loan(
        item_id=item.id,
        borrower_id=borrower.id,
        owner_id=item.owner_resident_id,
        hub_id=item.hub_id,
        claim_id=claim.id,
        status="checked_out",
        first_day=days.first_day,
        due=days.due,
        walk_in=True,
        requested_at=desk.at,
        deposit_cents=item.deposit_cents,
        currency=item.currency,
    )
    db.session.add(loan)
    db.session.flush()
    return loan


def _audit_check_out(
    loan: Loan, desk: _Desk, overridden: Collection[str], reason: str, received: int | None
) -> None:
    acts: list[tuple[str, dict[str, Any]]] = []
    if overridden:
        acts.append(("lending.override", {"codes": sorted(overridden), "reason": reason}))
    if desk.actor_id == loan.borrower_id:
        acts.append(("lending.lent_to_oneself", {}))
    if received:
        acts.append(("lending.deposit_received", {"cents": received, "currency": loan.currency}))
    for act, details in acts:
        _audit(act, loan, desk, **details)


def _audit(act: str, loan: Loan, desk: _Desk, **details: Any) -> None:
    audit.note(
        act,
        now=desk.now,
        actor_id=desk.actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=desk.hub_id,
        **details,
    )


# -- taking back ------------------------------------------------------------------------------------------


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
    said = _checked_fields(condition, note, deposit_returned_cents, "returned")
    if condition not in CONDITIONS:
        raise Invalid({"condition": "core.not_a_choice"})
    desk = _desk(hub_id=hub_id, actor_id=actor_id, at=at, now=now)
    item = item_held(_item_id(item_code))
    loan = _loan_to_end(item, desk)
    _refuse_elsewhere(loan.hub_id if loan is not None else item.hub_id, desk)
    if loan is None:
        return _repeated(item, desk)
    missing = [part.name for part in item.parts if part.name not in parts] if parts is not None else []
    seen = "incomplete" if missing and condition not in BROKEN else condition
    _check_deposit(loan, seen, deposit_returned_cents)
    _end_out(loan, seen, desk, said=said, returned=deposit_returned_cents)
    if seen in BROKEN:
        open_repair(loan, condition=seen, note=said, missing=missing, actor_id=actor_id, at=desk.at, now=now)
    return CheckedIn(loan, repeated=False, next=_where_next(item, desk))


def _loan_to_end(item: Item, desk: _Desk) -> Loan | None:
    """The loan that this scan ends: the one that is out (unless the scan is older than it), or the one that was
    given up as lost."""
    out = _loan_out(item.id)
    if out is not None:
        began = out.checked_out_at or desk.at
        return out if desk.at >= began - rules.REPEATED_WITHIN else None
    if item.status != "lost":
        return None
    return db.session.scalar(
        select(Loan).where(Loan.item_id == item.id, Loan.status == "lost").order_by(Loan.id.desc()).limit(1)
    )


def _repeated(item: Item, desk: _Desk) -> CheckedIn:
    last = db.session.scalar(
        select(Loan)
        .where(Loan.item_id == item.id, Loan.status == "returned", Loan.checked_in_at.is_not(None))
        .order_by(Loan.checked_in_at.desc())
        .limit(1)
    )
    near = last is not None and last.checked_in_at is not None
    if last is None or not near or abs(desk.at - _moment(last)) > rules.REPEATED_WITHIN:
        raise Conflict("lending.not_out")
    return CheckedIn(last, repeated=True, next=_where_next(item, desk))


def _moment(loan: Loan) -> datetime:
    assert loan.checked_in_at is not None
    return loan.checked_in_at


def _check_deposit(loan: Loan, condition: str, returned: int | None) -> None:
    if not returned:
        return
    if condition in BROKEN:
        raise Invalid({"deposit_returned_cents": "lending.deposit_waits"})
    if returned > (loan.deposit_received_cents or 0):
        raise Invalid({"deposit_returned_cents": "lending.deposit_too_high"})


def _end_out(loan: Loan, condition: str, desk: _Desk, *, said: str, returned: int | None) -> None:
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
        item.status = "active"
    if condition != "good":
        item.condition = condition
    buffer_days = 0 if condition in BROKEN else item.buffer_days
    free_days(loan.claim, came=today, today=terms.days.today(desk.now), buffer_days=buffer_days)
    forget_reminders(loan)
    line = write_down(loan, "returned", at=came, actor_id=desk.actor_id, why=said or None, before=before)
    late = rules.overdue_days(loan.due, today)
    outbox.record(LoanReturned(loan.id, line.id, late, condition), now=desk.now)
    if returned:
        _audit("lending.deposit_returned", loan, desk, cents=returned, currency=loan.currency)


def _where_next(item: Item, desk: _Desk) -> WhereNext:
    if queries.open_ticket(item.id) is not None:
        return WhereNext("repair", item.shelf)
    terms = queries.terms_of(item, item.hub)
    today = desk.today(terms)
    soon = terms.days.next_open(today + rules.ONE_DAY) or today
    waiting = db.session.scalar(
        select(Loan)
        .where(Loan.item_id == item.id, Loan.status == "reserved", Loan.first_day <= soon, Loan.due >= today)
        .order_by(Loan.first_day)
        .limit(1)
    )
    if waiting is None:
        return WhereNext("shelf", item.shelf)
    chance = rules.pick_up(terms.days, first_day=waiting.first_day, due=waiting.due, since=desk.at)
    return WhereNext("waiting", item.shelf, waiting.borrower_id, chance.until if chance else waiting.due)
