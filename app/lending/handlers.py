"""What lending does when something happened: it tells those whom it concerns. Each runs after the commit, in a
transaction of its own; what was undone meanwhile is not told, whichever of the two is heard first."""

from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import exists, select

from app.core.db import db, locked_one
from app.events.hubs import OpeningDaysChanged
from app.events.lending import (
    LoanCancelled,
    LoanCheckedOut,
    LoanCheckOutUndone,
    LoanDaysChanged,
    LoanDeclined,
    LoanDueMoved,
    LoanExpired,
    LoanGiven,
    LoanGivingContested,
    LoanLost,
    LoanOverdue,
    LoanPickUpExtended,
    LoanRenewed,
    LoanRequested,
    LoanReserved,
    LoanReturned,
    LoanReturnUndone,
    LoansMoved,
    RepairOpened,
)
from app.events.messages import MessagePosted
from app.events.transfers import ReservationMoved
from app.hubs.models import Hub, Membership
from app.items.models import Item
from app.lending import kits, queries, rules
from app.lending.models import HOLDING, Loan, LoanEvent, RepairTicket
from app.lending.services import chasing, closing
from app.messages.models import Message
from app.notifications import services as notifications

NAMED = 3
"""The most titles in one sentence."""


def tell_requested(event: LoanRequested, *, now: datetime) -> None:
    """A neighbour would like to borrow: the owner is asked."""
    loan = _loan(event.loan_id)
    if loan is not None and loan.status == "requested":
        to = f"{event.answer_by:%Y%m%dT%H%M}:"
        _tell(loan, loan.owner_id, "lending.requested", now=now, to=to, answer_by=event.answer_by)


def tell_reserved(event: LoanReserved, *, now: datetime) -> None:
    """The days are hers: at once at a hub, or because the owner said yes."""
    loan = _loan(event.loan_id)
    if loan is None or loan.status not in ("reserved", "checked_out"):
        return
    _forget_request(loan)
    kind = "lending.approved" if event.approved else "lending.reserved"
    # Approved, changed and approved again is told each time.
    to = f"{loan.reserved_at:%Y%m%dT%H%M%S}:" if event.approved and loan.reserved_at else ""
    _tell(loan, loan.borrower_id, kind, now=now, to=to, urgent=not event.approved)


def tell_declined(event: LoanDeclined, *, now: datetime) -> None:
    """The owner said no."""
    loan = _loan(event.loan_id)
    if loan is not None:
        _forget_request(loan)
        _tell(loan, loan.borrower_id, "lending.declined", now=now, why=event.why)


def tell_expired(event: LoanExpired, *, now: datetime) -> None:
    """Nobody answered, nobody came, or it was not there."""
    loan = _loan(event.loan_id)
    if loan is None:
        return
    _forget_request(loan)
    _tell(loan, loan.borrower_id, f"lending.{event.why}", now=now)
    if event.why == "unanswered":
        _tell(loan, loan.owner_id, "lending.unanswered_owner", now=now, mail=False)


def tell_cancelled(event: LoanCancelled, *, now: datetime) -> None:
    """Called off: the other one is told, and nobody is asked any more."""
    loan = _loan(event.loan_id)
    if loan is None:
        return
    _forget_request(loan)
    why = _why(loan, "cancelled")
    for resident_id in {loan.borrower_id, loan.owner_id} - {event.by_id, None}:
        _tell(loan, resident_id, "lending.cancelled", now=now, to=f"{resident_id}:", why=why)


def tell_pick_up_kept(event: LoanPickUpExtended, *, now: datetime) -> None:
    """Not collected: it is kept for her one more time."""
    loan = _loan(event.loan_id)
    if loan is not None and loan.status == "reserved":
        _tell(
            loan, loan.borrower_id, "lending.pick_up_kept", now=now, to=f"{event.until}:", until=event.until
        )


def tell_given(event: LoanGiven, *, now: datetime) -> None:
    """One of two neighbours says that it changed hands: the other can confirm or object."""
    loan = _loan(event.loan_id)
    still = loan is not None and (
        loan.status == "checked_out" and loan.back_given_at is not None
        if event.back
        else loan.status == "reserved" and loan.given_at is not None
    )
    if loan is None or not still:
        return
    kind, receiver = (
        ("lending.back_given", loan.owner_id) if event.back else ("lending.given", loan.borrower_id)
    )
    _tell(loan, receiver, kind, now=now, to=f"{event.line_id}:", counts_at=event.counts_at)


def tell_contested(event: LoanGivingContested, *, now: datetime) -> None:
    """The other one has not received it."""
    loan = _loan(event.loan_id)
    if loan is None:
        return
    kind, giver = (
        ("lending.back_contested", loan.borrower_id)
        if event.back
        else ("lending.give_contested", loan.owner_id)
    )
    _tell(loan, giver, kind, now=now, to=f"{event.line_id}:")


def tell_checked_out(event: LoanCheckedOut, *, now: datetime) -> None:
    """It is in her hands: what, until when, where it goes back."""
    loan = _loan(event.loan_id)
    if loan is None or not _stands(loan, event.line_id, "checked_out"):
        return
    withdraw = notifications.withdraw
    withdraw(key_prefix=_key("lending.given", loan))
    withdraw(key_prefix=_key("lending.pick_up_kept", loan))
    line = f"{event.line_id}:"
    _tell(loan, loan.borrower_id, "lending.checked_out", now=now, to=line, urgent=True)
    _tell(loan, loan.owner_id, "lending.lent_out", now=now, to=line, mail=False)


def untell_checked_out(event: LoanCheckOutUndone, *, now: datetime) -> None:  # noqa: ARG001 -- every handler gets it
    """It had not left: what has not been read or sent is taken back."""
    loan = _loan(event.loan_id)
    if loan is not None:
        for kind in ("lending.checked_out", "lending.lent_out"):
            notifications.withdraw(key_prefix=f"{_key(kind, loan)}{event.line_id}:")


def tell_returned(event: LoanReturned, *, now: datetime) -> None:
    """It is back: the borrower has a receipt, the owner knows, and who waited for it can come."""
    loan = _loan(event.loan_id)
    if loan is None or not _stands(loan, event.line_id, "returned"):
        return
    notifications.withdraw(key_prefix=_key("lending.back_given", loan))
    line = f"{event.line_id}:"
    _tell(
        loan, loan.borrower_id, "lending.returned", now=now, to=line, urgent=True, days_late=event.days_late
    )
    _tell(loan, loan.owner_id, "lending.came_back", now=now, to=line, mail=loan.hub_id is None)
    tell_next(loan.item, str(event.line_id), now=now)


def lift_suspension(event: LoanReturned, *, now: datetime) -> None:
    """What the terms of the hub had stopped goes on, now that it is back."""
    loan = _loan(event.loan_id)
    if loan is not None and loan.hub_id is not None and loan.status == "returned":
        chasing.lift_when_back(hub_id=loan.hub_id, resident_id=loan.borrower_id, now=now)


def tell_next(item: Item, why: str, *, now: datetime) -> None:
    """Who has it reserved for today or before, and could not have it yet, can come now; once for each `why`, which
    says what brought it back."""
    terms = queries.terms_of(item, item.hub)
    today = terms.days.today(now)
    waiting = (
        select(Loan)
        .where(
            Loan.item_id.in_(kits.touched(item.id)),
            Loan.status == "reserved",
            Loan.first_day <= today,
            Loan.due >= today,
        )
        .order_by(Loan.first_day, Loan.id)
    )
    for loan in db.session.scalars(waiting).all():
        chance = rules.pick_up(terms.days, first_day=loan.first_day, due=loan.due, since=now)
        if chance is not None and queries.in_house_since(loan.item_id, besides=loan.id) is not None:
            _tell(loan, loan.borrower_id, "lending.ready", now=now, to=f"{why}:", until=chance.until)


def untell_returned(event: LoanReturnUndone, *, now: datetime) -> None:  # noqa: ARG001 -- every handler gets it
    """It had not come back: thanks, news of a repair, and the call to who waits are taken back."""
    loan = _loan(event.loan_id)
    if loan is None:
        return
    for kind in ("lending.returned", "lending.came_back"):
        notifications.withdraw(key_prefix=f"{_key(kind, loan)}{event.line_id}:")
    waiting = select(Loan.id).where(Loan.item_id.in_(kits.touched(loan.item_id)), Loan.status == "reserved")
    for loan_id in db.session.scalars(waiting).all():
        notifications.withdraw(key_prefix=f"lending.ready:{loan_id}:{event.line_id}:")
    tickets = select(RepairTicket.id).where(
        RepairTicket.loan_id == loan.id, RepairTicket.closed_at.is_not(None)
    )
    for ticket_id in db.session.scalars(tickets).all():
        notifications.withdraw(key_prefix=f"lending.repair_opened:{ticket_id}:")


def tell_renewed(event: LoanRenewed, *, now: datetime) -> None:
    """Longer: until when."""
    loan = _loan(event.loan_id)
    if loan is None or loan.status != "checked_out" or loan.due != event.due:
        return
    line = f"{event.line_id}:"
    _tell(loan, loan.borrower_id, "lending.renewed", now=now, to=line, urgent=True)
    _tell(loan, loan.owner_id, "lending.renewed_owner", now=now, to=line, mail=loan.hub_id is None)


def tell_due_moved(event: LoanDueMoved, *, now: datetime) -> None:
    """The hub closes on that day: it comes back on another."""
    loan = _loan(event.loan_id)
    if loan is not None and loan.status in ("requested", "reserved", "checked_out") and loan.due == event.due:
        _tell(loan, loan.borrower_id, "lending.due_moved", now=now, to=f"{event.line_id}:")


def tell_moved(event: ReservationMoved, *, now: datetime) -> None:
    """The object changed hubs: it is collected there now. Only the last move is told."""
    loan = _loan(event.loan_id)
    later = exists().where(
        LoanEvent.loan_id == event.loan_id, LoanEvent.id > event.line_id, LoanEvent.kind == "moved"
    )
    if loan is None or loan.status not in ("requested", "reserved") or db.session.scalar(select(later)):
        return
    for kind in ("lending.moved", "lending.pick_up_kept", "lending.ready"):
        notifications.withdraw(key_prefix=_key(kind, loan))
    _tell(loan, loan.borrower_id, "lending.moved", now=now, to=f"{event.line_id}:")


def tell_days_changed(event: LoanDaysChanged, *, now: datetime) -> None:
    """Other days: an owner who has to agree is asked, or asked again; the other one knows."""
    loan = _loan(event.loan_id)
    if loan is None or loan.status not in ("requested", "reserved") or not _last_of(loan, event.line_id):
        return
    _forget_request(loan)
    notifications.withdraw(key_prefix=_key("lending.pick_up_kept", loan))
    to = f"{event.line_id}:"
    if loan.status == "requested":
        _tell(loan, loan.owner_id, "lending.asked_anew", now=now, to=to, answer_by=loan.answer_by)
    else:
        _tell(loan, loan.owner_id, "lending.days_changed", now=now, to=f"{to}{loan.owner_id}:", mail=False)
    if event.by_id != loan.borrower_id:
        _tell(loan, loan.borrower_id, "lending.days_changed", now=now, to=f"{to}{loan.borrower_id}:")


def tell_days_moved(event: LoansMoved, *, now: datetime) -> None:
    """The hub closes: all that moves for one borrower, in one message."""
    loans = db.session.scalars(
        select(Loan)
        .join(LoanEvent, LoanEvent.loan_id == Loan.id)
        .where(LoanEvent.id.in_(event.lines), Loan.status.in_(HOLDING))
        .order_by(Loan.first_day, Loan.id)
    ).all()
    if not loans:
        return
    hub = db.session.get_one(Hub, event.hub_id)
    titles = ", ".join(loan.item.title for loan in loans[:NAMED]) + (" …" if len(loans) > NAMED else "")
    notifications.tell(
        resident_id=event.borrower_id,
        kind="lending.days_moved",
        params={
            "place": hub.name,
            "items": titles,
            "moved": [
                {
                    "title": one.item.title,
                    "first": None if one.status == "checked_out" else one.first_day,
                    "due": one.due,
                }
                for one in loans
            ],
        },
        path=f"/loans/{loans[0].id}" if len(loans) == 1 else "/loans",
        key=f"lending.days_moved:{event.borrower_id}:{event.lines[0]}",
        now=now,
        timezone=hub.timezone,
    )


def tell_late_before(event: LoanOverdue, *, now: datetime) -> None:
    """What somebody has reserved for the coming days is not back: she can look for another one."""
    loan = _loan(event.loan_id)
    if loan is None or loan.status != "checked_out":
        return
    terms = queries.terms_of(loan.item, loan.hub)
    last = terms.days.today(now) + rules.ONE_DAY * terms.policy.overdue_gap_days
    waiting = db.session.scalars(
        select(Loan).where(Loan.item_id == loan.item_id, Loan.status == "reserved", Loan.first_day <= last)
    ).all()
    for following in waiting:
        _tell(following, following.borrower_id, "lending.late_before", now=now, to=f"{loan.id}:")


def tell_lost(event: LoanLost, *, now: datetime) -> None:
    """A coordinator decided that it will not come back."""
    loan = _loan(event.loan_id)
    if loan is not None and loan.status == "lost":
        _tell(loan, loan.borrower_id, "lending.lost", now=now)


def tell_repair_opened(event: RepairOpened, *, now: datetime) -> None:
    """It came back broken: the owner and the hub's coordinators look at it."""
    ticket = db.session.get(RepairTicket, event.ticket_id)
    if ticket is None or ticket.closed_at is not None:
        return
    people = {ticket.item.owner_resident_id, *_coordinators(ticket.hub_id)} - {None}
    for resident_id in sorted(one for one in people if one is not None):
        notifications.tell(
            resident_id=resident_id,
            kind="lending.repair_opened",
            params={
                "item": ticket.item.title,
                "condition": ticket.condition,
                "why": ticket.note or ", ".join(ticket.missing),
            },
            path=f"/repairs/{ticket.id}",
            key=f"lending.repair_opened:{ticket.id}:{resident_id}",
            now=now,
            timezone=_zone(ticket.item.hub),
        )


def tell_message(event: MessagePosted, *, now: datetime) -> None:
    """One of the two wrote to the other; a hub is written to through its coordinators."""
    if event.subject_kind != "loan":
        return
    loan = db.session.get(Loan, event.subject_id)
    message = db.session.get(Message, event.message_id)
    if loan is None or message is None:
        return
    readers: set[int | None] = {loan.borrower_id, loan.owner_id}
    if loan.owner_id is None or event.author_id not in readers:
        readers |= set(_coordinators(loan.hub_id)) if event.author_id == loan.borrower_id else set()
    author = _name(loan, event.author_id)
    for resident_id in readers - {event.author_id, None}:
        _tell(
            loan,
            resident_id,
            "lending.message",
            now=now,
            to=f"{message.id}:{resident_id}:",
            author=author,
        )


def leave_closed_days(event: OpeningDaysChanged, *, now: datetime) -> None:
    """Days that were open may not be any more: what is due then moves."""
    closing.leave_closed_days(hub_id=event.hub_id, now=now)


# -- how it is told ---------------------------------------------------------------------------------------


def _loan(loan_id: int) -> Loan | None:
    """The loan, held: an undo that comes at the same moment is heard before or after, never in between."""
    return locked_one(Loan, loan_id)


def _stands(loan: Loan, line_id: int, kind: str) -> bool:
    """Whether this line of the history was not undone since."""
    undone = exists().where(
        LoanEvent.loan_id == loan.id, LoanEvent.id > line_id, LoanEvent.kind == rules.UNDONE[kind]
    )
    return not db.session.scalar(select(undone))


def _last_of(loan: Loan, line_id: int) -> bool:
    """Whether the days were not changed once more since this line."""
    later = exists().where(
        LoanEvent.loan_id == loan.id, LoanEvent.id > line_id, LoanEvent.kind == "days_changed"
    )
    return not db.session.scalar(select(later))


def _key(kind: str, loan: Loan) -> str:
    return f"{kind}:{loan.id}:"


def _forget_request(loan: Loan) -> None:
    for kind in ("lending.requested", "lending.asked_anew", "lending.request_waits"):
        notifications.withdraw(key_prefix=_key(kind, loan))


def _tell(
    loan: Loan,
    resident_id: int | None,
    kind: str,
    *,
    now: datetime,
    to: str = "",
    mail: bool = True,
    urgent: bool = False,
    **params: Any,
) -> None:
    """Tell one of the people of a loan; nobody where there is nobody."""
    if resident_id is None:
        return
    notifications.tell(
        resident_id=resident_id,
        kind=kind,
        params={**_words(loan), **params},
        path=f"/loans/{loan.id}",
        key=_key(kind, loan) + to,
        now=now,
        mail=mail,
        urgent=urgent,
        timezone=_zone(loan.hub),
    )


def _words(loan: Loan) -> dict[str, Any]:
    """What every sentence and mail about a loan may name."""
    days = queries.terms_of(loan.item, loan.hub).days
    return {
        "item": loan.item.title,
        "borrower": loan.borrower.name,
        "owner": loan.owner.name if loan.owner else (loan.hub.name if loan.hub else ""),
        "place": loan.hub.name if loan.hub else (loan.owner.name if loan.owner else ""),
        "address": loan.hub.address if loan.hub else "",
        "at_hub": loan.hub is not None,
        "first": loan.first_day,
        "due": loan.due,
        "opens": _edge(days.openings_on(loan.first_day), first=True) if days.week else None,
        "closes": _edge(days.openings_on(loan.due), first=False) if days.week else None,
    }


def _edge(openings: Collection[Any], *, first: bool) -> time | None:
    times: Iterable[time] = (o.opens if first else o.closes for o in openings)
    found = sorted(times)
    return (found[0] if first else found[-1]) if found else None


def _zone(hub: Any) -> str | None:
    return hub.timezone if hub is not None else None


def _coordinators(hub_id: int | None) -> list[int]:
    if hub_id is None:
        return []
    query = select(Membership.resident_id).where(
        Membership.hub_id == hub_id, Membership.is_coordinator, Membership.status == "verified"
    )
    return list(db.session.scalars(query))


def _name(loan: Loan, resident_id: int) -> str:
    if resident_id == loan.borrower_id:
        return loan.borrower.name
    return loan.owner.name if loan.owner is not None else (loan.hub.name if loan.hub is not None else "")


def _why(loan: Loan, kind: str) -> str:
    """What was written beside the last line of this kind."""
    query = (
        select(LoanEvent.why)
        .where(LoanEvent.loan_id == loan.id, LoanEvent.kind == kind)
        .order_by(LoanEvent.id.desc())
        .limit(1)
    )
    return db.session.scalar(query) or ""
