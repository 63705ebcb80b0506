"""Who hears how a repair goes: the owner at each turn, and whoever waits for the object when it is back."""

from datetime import datetime

from app.core.db import db
from app.events.lending import RepairMoved
from app.lending import handlers
from app.lending.models import RepairTicket
from app.lending.repairs import queries, rules
from app.lending.repairs.models import RepairStep
from app.notifications import services as notifications


def tell_repair_moved(event: RepairMoved, *, now: datetime) -> None:
    """What is on its way is told on the site; that it is whole again, or given up, by mail too."""
    ticket = db.session.get(RepairTicket, event.ticket_id)
    step = db.session.get(RepairStep, event.step_id)
    if ticket is None or step is None or event.state == rules.DROPPED:
        return
    over = event.state in rules.OVER
    owner_id = ticket.item.owner_resident_id
    hub = queries.hub_of(ticket)
    if owner_id is not None and owner_id != step.actor_id:
        notifications.tell(
            resident_id=owner_id,
            kind=f"lending.repair_{event.state if over else 'goes_on'}",
            params={"item": ticket.item.title, "why": step.note, "hub": hub.name if hub else ""},
            path=f"/repairs/{ticket.id}",
            key=f"lending.repair_moved:{ticket.id}:{step.id}",
            now=now,
            mail=over,
            timezone=hub.timezone if hub else None,
        )
    if event.state == "back":
        handlers.tell_next(ticket.item, f"repair{ticket.id}", now=now)
