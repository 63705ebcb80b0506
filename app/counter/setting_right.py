"""The desk sets right: an act is undone, a loan kept longer, a member verified, an object mended."""

from flask import g
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import NotFound
from app.counter import queries
from app.counter.pages import Stand, act
from app.counter.said import Said
from app.hubs import services as hub_services
from app.lending import queries as lending_queries
from app.lending import services


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
    """It stays with whoever has it."""
    with transaction():
        loan = services.renew(loan_id=stand.loan().id, actor_id=current_user.id, now=g.now)
    return Said("renewed", "lent", item=queries.item(loan.item_id), loan=loan)


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
