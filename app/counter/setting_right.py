"""The desk sets right: an act is undone, a loan kept longer, a member verified, an object mended."""

from flask import g
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import Blocked, NotFound
from app.counter import queries
from app.counter.handing_out import about
from app.counter.pages import Stand, act
from app.counter.said import Said
from app.hubs import services as hub_services
from app.lending import queries as lending_queries
from app.lending import services
from app.lending.models import Loan


@act("undo")
def undo(stand: Stand) -> Said:
    """As before the last scan of this loan."""
    with transaction():
        loan = services.undo(
            loan_id=stand.loan().id, hub_id=stand.hub.id, actor_id=current_user.id, now=g.now
        )
    return Said("undone", "returned", item=queries.item(loan.item_id), loan=loan)


@act("renew")
def renew(stand: Stand) -> Said:
    """It stays with whoever has it; where it cannot, each reason is said of that person."""
    try:
        with transaction():
            loan = services.renew(loan_id=stand.loan().id, actor_id=current_user.id, now=g.now)
    except Blocked as problem:
        return _not_longer(stand.loan(), problem)
    return Said("renewed", "lent", item=queries.item(loan.item_id), loan=loan)


def _not_longer(loan: Loan, problem: Blocked) -> Said:
    said = Said("blocked", "stop", 409, item=queries.item(loan.item_id), loan=loan, blockers=problem.blockers)
    said.reasons, _ways = about(loan.borrower.name, problem)
    said.ways = dict.fromkeys(said.reasons, "")  # what helps a loan begin does not help it go on
    return said


@act("verify")
def verify(stand: Stand) -> Said:
    """The proof was looked at, here and now; who is not a member yet joins with it."""
    person = stand.person
    if person is None:
        raise NotFound
    with transaction():
        if person.status is None:
            hub_services.join(hub_id=stand.hub.id, actor_id=person.id, now=g.now)
        hub_services.verify(hub_id=stand.hub.id, resident_id=person.id, actor_id=current_user.id, now=g.now)
    return Said("verified", "returned")


@act("repaired")
def repaired(stand: Stand) -> Said:
    """It works again and goes back to its shelf."""
    with transaction():
        ticket = services.close_repair(ticket_id=_ticket_id(stand), actor_id=current_user.id, now=g.now)
    return Said("repaired", "returned", item=queries.item(ticket.item_id))


def _ticket_id(stand: Stand) -> int:
    if stand.practice is None:
        return stand.number("ticket")
    item = queries.item_by_code(str(codes.read(stand.form.get("code", ""))))
    ticket = lending_queries.open_ticket(item.id) if item else None
    if ticket is None:
        raise NotFound
    return ticket.id
