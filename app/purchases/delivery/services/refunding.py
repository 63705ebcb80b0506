"""What was paid too much goes back to the card that paid it, instead of staying on her balance."""

from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import Conflict
from app.payments.cards import queries as cards
from app.payments.cards.models import PaymentAttempt
from app.payments.cards.services import plan
from app.purchases.delivery import sums
from app.purchases.delivery.services.ground import campaign_held, require, write_down
from app.purchases.delivery.services.handing import pledge_of
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge

ON_ITS_WAY = ("planned", "unknown", "processing", "requires_action")


def to_give_back(campaign: Campaign, pledge: Pledge) -> tuple[PaymentAttempt | None, int]:
    """What paid, and how much of it is hers again and not on its way back yet."""
    taken = cards.taken_of(pledge.subject) if pledge.payment == "card" else None
    if taken is None:
        return None, 0
    on_its_way = db.session.scalar(
        select(func.coalesce(func.sum(PaymentAttempt.cents), 0)).where(
            PaymentAttempt.of_id == taken.id,
            PaymentAttempt.kind == "refund",
            PaymentAttempt.status.in_(ON_ITS_WAY),
        )
    )
    hers = -sums.of_pledges(campaign, [pledge.id])[pledge.id].owed_cents - int(on_its_way or 0)
    return taken, max(0, min(hers, cards.refundable(taken)))


def give_back(*, campaign_id: int, pledge_id: int, actor_id: int, now: datetime) -> PaymentAttempt:
    """All that is hers of this pledge, and can go there. It is spoken after the commit, as all that cards are asked."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    require(campaign, "delivered", "closed")
    pledge = pledge_of(campaign, pledge_id)
    taken, cents = to_give_back(campaign, pledge)
    if taken is None or not cents:
        raise Conflict("delivery.nothing_to_give_back")
    attempt = plan(
        kind="refund",
        subject=pledge.subject,
        resident_id=pledge.resident_id,
        cents=cents,
        currency=campaign.currency,
        of=taken.id,
        now=now,
    )
    write_down("purchases.given_back", campaign, actor_id=actor_id, now=now, pledge=pledge.id, cents=cents)
    return attempt
