"""The last act: what everybody paid meets what everything cost, and the campaign's account ends at zero."""

from datetime import datetime

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.events.purchases import CampaignSettled
from app.payments.ledger import queries as money
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases.delivery import sums
from app.purchases.delivery.models import Delivery
from app.purchases.delivery.rules import Settlement
from app.purchases.delivery.services.ground import campaign_held, delivery_of, require, write_down
from app.purchases.models import Campaign


def settlement(campaign: Campaign) -> Settlement:
    """What it would come to now: what came, at the price that was paid; what members owe, whether they paid yet or
    not."""
    promised = sums.promised(campaign)
    return Settlement(
        members_cents=promised.members_cents,
        leftovers_cents=promised.leftovers_cents,
        supplier_cents=sum(
            (product.received or 0) * (product.paid_price_cents or 0) for product in campaign.products
        ),
        transport_cents=campaign.transport_cents,
        fees_cents=campaign.fees_cents,
    )


def settle(*, campaign_id: int, actor_id: int, now: datetime) -> Delivery:
    """Books what is owed to the supplier, with transport; the campaign's fees to the hub, which had them; and what the
    hub bears, or gets. What members still owe stays owed on their balances. Said twice, it is settled once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    delivery = db.session.get(Delivery, campaign.id)
    if campaign.status == "closed" and delivery is not None:
        return delivery
    require(campaign, "delivered")
    delivery = delivery_of(campaign)
    settled = settlement(campaign)
    _book(campaign, settled, actor_id=actor_id, now=now)
    delivery.members_cents, delivery.leftovers_cents = settled.members_cents, settled.leftovers_cents
    delivery.supplier_cents, delivery.transport_cents = settled.supplier_cents, settled.transport_cents
    delivery.fees_cents, delivery.hub_cents = settled.fees_cents, settled.hub_cents
    delivery.settled_at, delivery.settled_by_id = now, actor_id
    campaign.status, campaign.ended_at = "closed", now
    campaign.version += 1
    db.session.flush()
    outbox.record(CampaignSettled(campaign.id), now=now)
    write_down("purchases.settled", campaign, actor_id=actor_id, now=now, hub_cents=settled.hub_cents)
    return delivery


def _book(campaign: Campaign, settled: Settlement, *, actor_id: int, now: datetime) -> None:
    account, hub = Account.campaign(campaign.subject), Account.hub(campaign.hub_id)
    to_supplier = settled.supplier_cents + settled.transport_cents
    covered = sums.promised(campaign).hub_cents
    lines = [
        (account, settled.costs_cents),
        (Account.supplier(campaign.subject), -to_supplier),
        (hub, -settled.fees_cents),
        (hub, settled.hub_cents - covered),
        (account, covered - settled.hub_cents),
    ]
    if any(sum(cents for one, cents in lines if one == each) for each in (account, hub)) or to_supplier:
        ledger.post(
            source=campaign.subject,
            kind="settlement",
            subject=campaign.subject,
            lines=lines,
            currency=campaign.currency,
            actor_id=actor_id,
            now=now,
        )
    left = money.balance(account, campaign.currency)
    if left:
        raise RuntimeError(f"{campaign.subject} does not end at zero, but at {left}")


def pay_supplier(*, campaign_id: int, means: str, actor_id: int, now: datetime) -> Delivery:
    """The hub has paid him, from its cash box ("cash") or its bank account ("transfer"). Said twice, it is paid once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    require(campaign, "closed")
    delivery = delivery_of(campaign)
    if delivery.supplier_paid_at is not None:
        return delivery
    if means not in ("cash", "transfer"):
        raise Invalid({"means": "delivery.no_such_means"})
    supplier = Account.supplier(campaign.subject)
    owed = -money.balance(supplier, campaign.currency)
    if owed <= 0:
        raise Conflict("delivery.nothing_owed")
    paid_from = Account.cash(campaign.hub_id) if means == "cash" else Account.bank(campaign.hub_id)
    ledger.post(
        source=campaign.subject,
        kind="supplier_paid",
        subject=campaign.subject,
        lines=[(supplier, owed), (paid_from, -owed)],
        currency=campaign.currency,
        actor_id=actor_id,
        now=now,
    )
    delivery.supplier_paid_at = now
    db.session.flush()
    write_down("purchases.supplier_paid", campaign, actor_id=actor_id, now=now, means=means)
    return delivery
