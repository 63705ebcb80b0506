"""Objects of a kit that did not come back with it: each of them is in repair, as incomplete, until it is found."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from app.core.db import db
from app.items.models import Item
from app.lending import queries
from app.lending.models import Loan, RepairTicket
from app.lending.services.mending import end_repair, open_ticket


def note_missing(
    loan: Loan, missing: Collection[str], *, note: str, actor_id: int, at: datetime, now: datetime
) -> None:
    """Of this loan's kit, which is held with its objects, these names are missing; said again, the last word holds."""
    gone = {part.object_id for part in loan.item.parts if part.object_id is not None and part.name in missing}
    for ticket in tickets_of_objects(loan):
        if ticket.item_id not in gone:
            end_repair(ticket, actor_id=actor_id, now=now)
    for item_id in sorted(gone):
        if queries.open_ticket(item_id) is None:
            open_ticket(
                db.session.get_one(Item, item_id),
                loan.hub,
                loan_id=loan.id,
                condition="incomplete",
                note=note,
                missing=[],
                actor_id=actor_id,
                at=at,
                now=now,
            )


def tickets_of_objects(loan: Loan) -> Sequence[RepairTicket]:
    """The open repairs of what did not come back with this loan's kit; none for what is no kit."""
    if all(part.object_id is None for part in loan.item.parts):
        return []
    return db.session.scalars(
        select(RepairTicket).where(
            RepairTicket.loan_id == loan.id,
            RepairTicket.item_id != loan.item_id,
            RepairTicket.closed_at.is_(None),
        )
    ).all()
