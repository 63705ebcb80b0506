"""What came back broken, what does not come back, and the deposit that waited for a decision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import audit, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.events.lending import LoanExpired, LoanLost, RepairMoved, RepairOpened
from app.hubs.models import Hub
from app.hubs.queries import open_days
from app.hubs.services import require_role
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import deposits, kits, policy, rules
from app.lending.models import Loan, RepairTicket
from app.lending.repairs.models import RepairStep
from app.lending.repairs.rules import DROPPED
from app.lending.services.ground import finish, forget_reminders, item_held, loan_held, write_down
from app.lending.waiting import line as waiting


def open_repair(
    loan: Loan,
    *,
    condition: str,
    note: str,
    missing: Sequence[str],
    actor_id: int,
    at: datetime,
    now: datetime,
) -> RepairTicket:
    """The object of this loan came back so that it needs mending: nobody knows until when."""
    return open_ticket(
        loan.item,
        loan.hub,
        loan_id=loan.id,
        condition=condition,
        note=note,
        missing=missing,
        actor_id=actor_id,
        at=at,
        now=now,
    )


def open_ticket(
    item: Item,
    hub: Hub | None,
    *,
    loan_id: int | None,
    condition: str,
    note: str,
    missing: Sequence[str],
    actor_id: int,
    at: datetime,
    now: datetime,
) -> RepairTicket:
    """This object, kept at `hub` (None: at home), needs mending."""
    ticket = RepairTicket(
        item_id=item.id,
        loan_id=loan_id,
        hub_id=hub.id if hub else None,
        condition=condition,
        note=note,
        missing=list(missing),
        opened_at=at,
        opened_by_id=actor_id,
    )
    db.session.add(ticket)
    waiting.stand_back(item.id, now=now)
    hold_for_repair(ticket, hub, at=at)
    db.session.flush()
    _audit_repair("lending.repair_opened", ticket, actor_id=actor_id, now=now, condition=condition)
    outbox.record(RepairOpened(ticket.id, loan_id, condition), now=now)
    return ticket


def hold_for_repair(ticket: RepairTicket, hub: Hub | None, *, at: datetime) -> None:
    """Take today for the repair, unless somebody has it reserved: that claim stands, and its people are told."""
    today = open_days(hub).today(at)
    covered = any(one.first_day <= today for one in claims.live_claims(ticket.item_id, from_day=today))
    if not covered:
        claim = claims.take(ticket.item_id, "repair", today, today + rules.ONE_DAY, uncertain=True)
        ticket.claim_id = claim.id


def close_repair(*, ticket_id: int, actor_id: int, now: datetime) -> RepairTicket:
    """It is whole again: a volunteer of the hub says so, or the owner where there is no hub. Said twice, it holds once."""
    seen = db.session.get(RepairTicket, ticket_id)
    if seen is None:
        raise NotFound
    _require_keeper(seen, actor_id)
    item_held(seen.item_id)
    ticket = locked_one(RepairTicket, ticket_id)
    if ticket is None or ticket.closed_at is not None:
        return seen
    bring_back(ticket, actor_id=actor_id, now=now)
    write_step(ticket, actor_id=actor_id, now=now)
    return ticket


def bring_back(ticket: RepairTicket, *, actor_id: int, now: datetime) -> None:
    """The object is whole, and in house again: it is kept aside for whose turn it is."""
    end_repair(ticket, state="back", actor_id=actor_id, now=now)
    if ticket.item.condition == ticket.condition:
        ticket.item.condition = "good"
    _audit_repair("lending.repair_closed", ticket, actor_id=actor_id, now=now)
    waiting.serve(ticket.item_id, now=now)


def write_step(
    ticket: RepairTicket, *, actor_id: int, note: str = "", cents: int = 0, minutes: int = 0, now: datetime
) -> RepairStep:
    """Leave a line in the ticket's own history: how far it is from now on."""
    step = RepairStep(
        ticket_id=ticket.id,
        at=now,
        actor_id=actor_id,
        state=ticket.state,
        note=note,
        cents=cents,
        minutes=minutes,
    )
    db.session.add(step)
    db.session.flush()
    outbox.record(RepairMoved(ticket.id, step.id, ticket.state), now=now)
    return step


def end_repair(ticket: RepairTicket, *, state: str = DROPPED, actor_id: int, now: datetime) -> None:
    """The ticket is done with (where nobody says otherwise: it was a mistake), and gives back its days."""
    ticket.state = state
    ticket.closed_at = now
    ticket.closed_by_id = actor_id
    claim = db.session.get(ItemClaim, ticket.claim_id) if ticket.claim_id is not None else None
    if claim is not None and claim.live:
        claims.end(claim)


def _require_keeper(ticket: RepairTicket, actor_id: int) -> None:
    if ticket.hub_id is not None:
        require_role("volunteer", actor_id=actor_id, hub_id=ticket.hub_id)
    elif ticket.item.owner_resident_id != actor_id:
        raise Forbidden("lending.only_the_owner")


def _audit_repair(act: str, ticket: RepairTicket, *, actor_id: int, now: datetime, **details: Any) -> None:
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        subject_kind="repair",
        subject_id=ticket.id,
        hub_id=ticket.hub_id,
        item_id=ticket.item_id,
        **details,
    )


def mark_lost(*, loan_id: int, actor_id: int, now: datetime) -> Loan:
    """It will not come back, a coordinator decides (the owner where there is no hub). Those who have reserved it are
    told. A scan that finds it again takes it back all the same."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_decide)
    if loan.status == "lost":
        return loan
    if loan.status != "checked_out":
        raise Conflict("lending.not_out")
    finish(loan, "lost", now=now)
    kits.set_status(loan.item, "lost")
    forget_reminders(loan)
    write_down(loan, "lost", at=now, actor_id=actor_id)
    _audit_loan("lending.lost", loan, actor_id=actor_id, now=now)
    outbox.record(LoanLost(loan.id), now=now)
    for item_id in (loan.item_id, *claims.objects_of(loan.item_id)):
        call_off(item_id, why="not_in_house", actor_id=actor_id, now=now)
    waiting.serve(loan.item_id, now=now)
    return loan


def call_off(item_id: int, *, why: str, actor_id: int, now: datetime) -> None:
    """Those who have asked for it or reserved it, or a kit that it belongs to, will not get it, and are told why: it is
    not there (`not_in_house`), or could not be mended (`not_mended`)."""
    waiting = db.session.scalars(
        select(Loan)
        .where(Loan.item_id.in_(kits.it_and_its_kits(item_id)), Loan.status.in_(("requested", "reserved")))
        .order_by(Loan.id)
    ).all()
    for loan in waiting:
        finish(loan, "expired", now=now)
        write_down(loan, "expired", at=now, actor_id=actor_id, why=why)
        outbox.record(LoanExpired(loan.id, why), now=now)


def return_deposit(*, loan_id: int, actor_id: int, cents: int, now: datetime) -> Loan:
    """Give back what waited for a decision after a damage, whole or in part: a coordinator, or the owner."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_decide)
    if not loan.deposit_received_cents or loan.checked_in_at is None:
        raise Conflict("lending.no_deposit")
    if not 0 <= cents <= loan.deposit_received_cents:
        raise Invalid({"deposit_returned_cents": "lending.deposit_too_high"})
    loan.deposit_returned_cents = cents
    deposits.follow(loan, actor_id=actor_id, now=now)
    deposits.keep_rest(loan, actor_id=actor_id, now=now)
    write_down(loan, "deposit_returned", at=now, actor_id=actor_id)
    _audit_loan(
        "lending.deposit_returned", loan, actor_id=actor_id, now=now, cents=cents, currency=loan.currency
    )
    return loan


def _audit_loan(act: str, loan: Loan, *, actor_id: int, now: datetime, **details: Any) -> None:
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=loan.hub_id,
        **details,
    )
