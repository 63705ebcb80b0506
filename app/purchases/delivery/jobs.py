"""What happens when time passes: orders leave by mail, and slots are remembered."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.jobs import Walked, through
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.purchases.delivery import mailing, queries
from app.purchases.delivery.rules import REMINDED
from app.purchases.models import PickUpSlot
from app.purchases.pledging.models import Allotment, Pledge

BATCH = 50

send_orders = mailing.send_orders


def remind_of_slots(*, now: datetime) -> int:
    """The day before her slot each is reminded of it, once for each slot that she chose."""
    return through(lambda after: _remind(now=now, after_id=after, limit=BATCH))


def _remind(*, now: datetime, after_id: int, limit: int) -> Walked:
    slots = queries.slots_soon(now=now, until=now + REMINDED, after_id=after_id, limit=limit)
    told = notifications.tell_many(_tellings([slot.id for slot in slots]), now=now) if slots else 0
    return Walked(told, slots[-1].id if len(slots) == limit else None)


def _tellings(slot_ids: list[int]) -> Iterable[Telling]:
    """For what is at the hub, or on its way: not for what failed."""
    pledges = db.session.scalars(
        select(Pledge)
        .join(PickUpSlot, PickUpSlot.id == Pledge.slot_id)
        .where(
            Pledge.slot_id.in_(slot_ids),
            Pledge.status == "live",
            Pledge.picked_up_at.is_(None),
            select(Allotment.pledge_id)
            .where(Allotment.pledge_id == Pledge.id, Allotment.quantity > 0)
            .exists(),
        )
        .options(joinedload(Pledge.slot), joinedload(Pledge.campaign))
        .order_by(Pledge.id)
    )
    for pledge in pledges:
        campaign, slot = pledge.campaign, pledge.slot
        if slot is None or campaign.status not in ("ordered", "delivered"):
            continue
        yield Telling(
            resident_id=pledge.resident_id,
            kind="delivery.slot",
            params={"title": campaign.title, "hub": campaign.hub.name, "starts": slot.starts_at},
            path=f"/purchases/{campaign.id}/pick-up",
            key=f"delivery.slot:{pledge.id}:{slot.id}:{slot.starts_at.isoformat()}",
            timezone=campaign.hub.timezone,
        )
