"""What can be seen of the ledger: whose sides a transfer has, who acts."""

from sqlalchemy import select

from app.accounts import queries as residents
from app.core.db import db
from app.core.errors import NotFound
from app.hubs import queries as hubs
from app.skills.ledger.models import TimeAccount, TimeEntry
from app.skills.ledger.policy import Actor, Holder, Sides


def actor(actor_id: int) -> Actor:
    """Who acts, as the policy asks."""
    return Actor(actor_id, residents.resident(actor_id).is_steward, hubs.coordinated_by(actor_id))


def sides(transfer_id: int) -> Sides:
    """The two of a transfer; `NotFound` where there is none."""
    rows = db.session.execute(
        select(TimeEntry.side, TimeAccount.id, TimeAccount.resident_id, TimeAccount.hub_id)
        .join(TimeAccount, TimeAccount.id == TimeEntry.account_id)
        .where(TimeEntry.transfer_id == transfer_id)
        .order_by(TimeEntry.side)
    ).all()
    if not rows:
        raise NotFound("ledger.unknown")
    residents_of = hubs.verified_at([row.resident_id for row in rows if row.resident_id is not None])
    payer, payee = (
        Holder(row.id, row.resident_id, row.hub_id, residents_of.get(row.resident_id, ())) for row in rows
    )
    return Sides(payer, payee)
