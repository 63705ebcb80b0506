"""At the counter: two scans hand an object out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import codes, outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, Invalid, NotFound
from app.core.text import checked
from app.events.lending import LoanCheckedOut
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import deposits, kits, policy, queries, rules
from app.lending.card_deposits import standing as card_deposits
from app.lending.models import Loan
from app.lending.services.desk import (
    Desk,
    at_desk,
    checked_fields,
    item_id_of,
    loan_out,
    refuse_elsewhere,
    write_audit,
)
from app.lending.services.ground import (
    as_it_is,
    item_held,
    refuse_taken,
    resident_held,
    set_due,
    write_down,
)
from app.lending.transfers.arriving import note_arrival
from app.lending.waiting import line as waiting
from app.lending.waiting import queries as waiting_queries

REASON_SHORTEST, REASON_LONGEST = 3, 500


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
    said = checked_fields(condition, note, deposit_received_cents)
    desk = at_desk(hub_id=hub_id, actor_id=actor_id, at=at, now=now)
    borrower_id = _member_id(member_code)
    item_id = item_id_of(item_code)
    borrower, item = resident_held(borrower_id), item_held(item_id)
    refuse_elsewhere(item.hub_id, desk)
    note_arrival(item.id, hub_id=hub_id, actor_id=actor_id, at=desk.at, now=now)
    out = loan_out(item.id)
    if out is not None:
        return _already_out(out, borrower)
    kits.refuse_apart(item)
    _refuse_overtaken(item, desk)
    terms = queries.terms_of(item, item.hub)
    _refuse_in_repair(item)
    place = waiting.make_room(item.id, borrower.id)
    kept = place is not None and place.status == "ready"
    reservation = None if kept else _to_collect(item, borrower, desk.today(terms))
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
    if place is not None:
        before["place"] = waiting.collect(place, loan, now=now)
    loan.condition_out = condition or item.condition
    loan.deposit_received_cents = deposit_received_cents or loan.deposit_received_cents
    line = write_down(loan, "checked_out", at=desk.at, actor_id=actor_id, why=said or None, before=before)
    if loan.deposit_received_cents:
        deposits.follow(loan, actor_id=actor_id, now=now)
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


def _member_id(text: str) -> int:
    code = codes.read(text)
    if code is not None and code.kind != codes.MEMBER:
        raise Invalid({"member_code": "lending.not_a_member_code"})
    found = db.session.scalar(select(Resident.id).where(Resident.code == str(code))) if code else None
    if found is None:
        raise NotFound("lending.unknown_code")
    return found


def _already_out(out: Loan, borrower: Resident) -> CheckedOut:
    if out.borrower_id == borrower.id:
        return CheckedOut(out, repeated=True)
    raise Conflict("lending.already_out", holder=out.borrower.name)


def _refuse_overtaken(item: Item, desk: Desk) -> None:
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
    desk: Desk,
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
    item: Item, borrower: Resident, today_taken: Sequence[ItemClaim], terms: rules.Terms, desk: Desk
) -> None:
    if not item.lends:
        raise Conflict("lending.not_lent")
    if item.owner_resident_id == borrower.id:
        raise Conflict("lending.own_item")
    if today_taken:
        raise _claimed("lending.claimed", item, terms, today_taken[0], desk)
    if item.needs_approval:
        raise Conflict("lending.owner_must_agree")


def _claimed(code: str, item: Item, terms: rules.Terms, claim: ItemClaim, desk: Desk) -> Conflict:
    """Somebody else's days: who, until when, and what can be had instead."""
    taken_by = claim.kit_claim_id or claim.id
    loan = db.session.scalar(select(Loan).where(Loan.claim_id == taken_by))
    place = waiting_queries.held_by(taken_by) if loan is None else None
    today = desk.today(terms)
    wished = rules.Period(today, today + timedelta(days=terms.usual_days))
    if place is None and (loan is None or loan.status == "returned"):
        code = "lending.kept_free"
    holder = loan.borrower if loan else place.resident if place else None
    return refuse_taken(
        item,
        terms,
        wished,
        now=desk.now,
        code=code,
        holder=holder.name if holder else None,
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
    desk: Desk,
    override: Override | None,
    received: int | None,
    to_tick: dict[str, Any] | None,
) -> list[str]:
    """The words that were overridden; `Blocked` or `to_tick` for what still stands."""
    deposit = (reservation.deposit_cents if reservation else item.deposit_cents) or 0
    if deposit and not received and card_deposits.securing(reservation):
        deposit = 0
    found = queries.blockers(
        item,
        borrower,
        hub=item.hub,
        now=desk.now,
        besides=reservation.id if reservation else None,
        deposit_open_cents=max(0, deposit - (received or 0)),
        roles=desk.roles,
        agreed=reservation is not None,
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
    desk: Desk,
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


def _walk_in(item: Item, borrower: Resident, days: rules.Period, end: date, desk: Desk) -> Loan:
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
    loan: Loan, desk: Desk, overridden: Collection[str], reason: str, received: int | None
) -> None:
    acts: list[tuple[str, dict[str, Any]]] = []
    if overridden:
        acts.append(("lending.override", {"codes": sorted(overridden), "reason": reason}))
    if desk.actor_id == loan.borrower_id:
        acts.append(("lending.lent_to_oneself", {}))
    if received:
        acts.append(("lending.deposit_received", {"cents": received, "currency": loan.currency}))
    for act, details in acts:
        write_audit(act, loan, desk, **details)
