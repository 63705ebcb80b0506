"""The goods came: counted, shared where they are too few, priced anew where the supplier's price was another."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict
from app.events.purchases import GoodsArrived
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases.delivery.services.ground import campaign_held, delivery_of, require, write_down
from app.purchases.delivery.weighing import Counted, Share, Weighed, weigh
from app.purchases.models import Campaign
from app.purchases.pledging.models import Allotment, Pledge


def receive(*, campaign_id: int, lines: Mapping[int, Counted], actor_id: int, now: datetime) -> Weighed:
    """What came, by product; one that is not named came as ordered. Who goes short, and what each pays then, follows
    from the rule that the campaign names. What is paid too much is hers: it stands on her balance.

    A count can be mended until somebody has picked up what was hers, prices until the campaign is settled: what was
    booked stays, the difference is booked besides.
    """
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    require(campaign, "ordered", "delivered")
    weighed = weigh(campaign, lines)
    delivery = delivery_of(campaign)
    first = delivery.received_at is None
    if not first and _recounted(weighed) and _handed_out(campaign):
        raise Conflict("delivery.handed_out")
    if not first and not _recounted(weighed) and not _repriced(weighed):
        return weighed
    delivery.receptions += 1
    delivery.received_at, delivery.received_by_id = now, actor_id
    for came in weighed.products:
        came.product.received, came.product.paid_price_cents = came.received, came.price_cents
    _allot(campaign, weighed)
    for share in weighed.shares:
        _correct(campaign, share, number=delivery.receptions, actor_id=actor_id, now=now)
    campaign.status = "delivered"
    campaign.version += 1
    db.session.flush()
    outbox.record(GoodsArrived(campaign.id), now=now)
    write_down("purchases.received", campaign, actor_id=actor_id, now=now, reception=delivery.receptions)
    return weighed


def _recounted(weighed: Weighed) -> bool:
    return any(came.received != came.product.received for came in weighed.products)


def _repriced(weighed: Weighed) -> bool:
    return any(came.price_cents != came.product.paid_price_cents for came in weighed.products)


def _handed_out(campaign: Campaign) -> bool:
    picked_up = select(Pledge.id).where(Pledge.campaign_id == campaign.id, Pledge.picked_up_at.is_not(None))
    return db.session.scalar(picked_up.limit(1)) is not None


def _allot(campaign: Campaign, weighed: Weighed) -> None:
    """What each gets of each, at its price."""
    prices = {came.product.id: came.price_cents for came in weighed.products}
    units = {
        (share.pledge.id, number): count for share in weighed.shares for number, count in share.units.items()
    }
    for one in db.session.scalars(
        select(Allotment)
        .join(Pledge, Pledge.id == Allotment.pledge_id)
        .where(Pledge.campaign_id == campaign.id, Pledge.status == "live")
    ):
        one.received_quantity = units[one.pledge_id, one.product_id]
        one.received_cents = one.received_quantity * prices[one.product_id]


def _correct(campaign: Campaign, share: Share, *, number: int, actor_id: int, now: datetime) -> None:
    """The difference to what she was to pay, as an entry besides."""
    if not share.change_cents:
        return
    subject = share.pledge.subject
    ledger.post(
        source=f"{subject}:{number}",
        kind="correction",
        subject=subject,
        lines=[
            (Account.member(share.pledge.resident_id), share.change_cents),
            (Account.campaign(campaign.subject), -share.change_cents),
        ],
        currency=campaign.currency,
        actor_id=actor_id,
        now=now,
    )
