"""What is told after success: goods that arrived, a crate that somebody else picked up. Each runs after the commit, in a
transaction of its own."""

from datetime import datetime

from app.core.db import db
from app.core.i18n import format_money, in_language
from app.events.purchases import GoodsArrived, PledgePickedUp
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.purchases.delivery import queries
from app.purchases.delivery.models import Delivery
from app.purchases.delivery.queries import Crate
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge


def tell_arrived(event: GoodsArrived, *, now: datetime) -> None:
    """It is there, what of it is hers, and what is to be paid; after a corrected count or price, once more to those whose
    sum is another."""
    campaign = queries.campaign(event.campaign_id)
    delivery = db.session.get(Delivery, campaign.id)
    if delivery is None or campaign.status not in ("delivered", "closed"):
        return
    notifications.tell_many(
        [
            _arrived(campaign, crate)
            for crate in queries.crates(campaign)
            if crate.pledge.picked_up_at is None
        ],
        now=now,
    )


def _arrived(campaign: Campaign, crate: Crate) -> Telling:
    """The key names the sum: told again, it is another sum."""
    due, owed = crate.sums.due_cents, max(0, crate.sums.owed_cents)
    with in_language(crate.pledge.resident.locale):
        to_pay = format_money(owed, campaign.currency)
    if not crate.to_hand_out:
        kind = "delivery.nothing_came"
    elif crate.short:
        kind = "delivery.arrived_short" if owed else "delivery.arrived_short_paid"
    else:
        kind = "delivery.arrived" if owed else "delivery.arrived_paid"
    return Telling(
        resident_id=crate.pledge.resident_id,
        kind=kind,
        params={
            "title": campaign.title,
            "hub": campaign.hub.name,
            "to_pay": to_pay,
        },
        path=f"/purchases/{campaign.id}/pick-up",
        key=f"delivery.arrived:{crate.pledge.id}:{due}:{sum(line.units for line in crate.lines)}",
        timezone=campaign.hub.timezone,
        urgent=True,
    )


def tell_picked_up(event: PledgePickedUp, *, now: datetime) -> None:
    """Nobody needs to be reminded of it any more; who sent somebody else learns that it was handed out."""
    pledge = db.session.get(Pledge, event.pledge_id)
    if pledge is None or pledge.picked_up_at != event.at:
        return
    notifications.withdraw(key_prefix=f"delivery.slot:{pledge.id}:")
    campaign = queries.campaign(pledge.campaign_id)
    notifications.tell(
        resident_id=pledge.resident_id,
        kind="delivery.picked_up",
        params={"title": campaign.title, "hub": campaign.hub.name},
        path=f"/purchases/{campaign.id}/pick-up",
        key=f"delivery.picked_up:{pledge.id}:{event.at.isoformat()}",
        now=now,
        mail=False,
        timezone=campaign.hub.timezone,
    )
