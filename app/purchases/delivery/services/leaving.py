"""What came and is nobody's: sold at the hub to a member who stands there, or given away."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.core import codes
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.payments.cash import services as cash
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases.delivery.models import Leftover
from app.purchases.delivery.services.ground import campaign_held, require, write_down
from app.purchases.delivery.weighing import MOST_CENTS
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import Allotment, Pledge


def left_over(campaign: Campaign) -> dict[int, int]:
    """Units of each product that are at the hub and nobody's, where there are any."""
    given = _sums(
        select(Allotment.product_id, func.sum(Allotment.received_quantity))
        .join(Pledge, Pledge.id == Allotment.pledge_id)
        .where(Pledge.campaign_id == campaign.id, Pledge.status == "live")
        .group_by(Allotment.product_id)
    )
    gone = _sums(
        select(Leftover.product_id, func.sum(Leftover.quantity))
        .where(Leftover.campaign_id == campaign.id)
        .group_by(Leftover.product_id)
    )
    left = {
        product.id: (product.received or 0) - given.get(product.id, 0) - gone.get(product.id, 0)
        for product in campaign.products
    }
    return {number: units for number, units in left.items() if units}


def _sums(query: Any) -> dict[int, int]:
    return {number: int(units or 0) for number, units in db.session.execute(query)}


def sell(
    *,
    campaign_id: int,
    product_id: int,
    quantity: int,
    cents: int,
    buyer: str,
    means: str,
    once: str,
    actor_id: int,
    now: datetime,
) -> Leftover:
    """A member buys them, by her card, for `cents` together, and pays there ("cash", "cheque", "transfer"). Once for
    each form (`once`)."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    done = _done(once)
    if done is not None:
        return done
    _there(campaign, product_id, quantity)
    if not 0 < cents <= MOST_CENTS:
        raise Invalid({"cents": ("core.out_of_range", {"min": 1, "max": MOST_CENTS})})
    code = codes.read(buyer)
    person = accounts.by_code(code) if code is not None and code.kind == codes.MEMBER else None
    if person is None:
        raise Invalid({"buyer": "delivery.no_such_card"})
    sold = _written(
        campaign,
        product_id,
        "sold",
        quantity,
        cents=cents,
        buyer_id=person.id,
        once=once,
        actor_id=actor_id,
        now=now,
    )
    subject = f"leftover:{sold.id}"
    ledger.post(
        source=subject,
        kind="sale",
        subject=subject,
        lines=[(Account.member(person.id), cents), (Account.campaign(campaign.subject), -cents)],
        currency=campaign.currency,
        actor_id=actor_id,
        now=now,
    )
    cash.take(
        key=subject,
        hub_id=campaign.hub_id,
        resident_id=person.id,
        subject=subject,
        cents=cents,
        means=means,
        currency=campaign.currency,
        actor_id=actor_id,
        now=now,
    )
    return sold


def give_away(
    *, campaign_id: int, product_id: int, quantity: int, once: str, actor_id: int, now: datetime
) -> Leftover:
    """They go for nothing; the hub bears what they cost. Once for each form (`once`)."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    done = _done(once)
    if done is not None:
        return done
    _there(campaign, product_id, quantity)
    return _written(
        campaign, product_id, "given", quantity, cents=0, buyer_id=None, once=once, actor_id=actor_id, now=now
    )


def _done(once: str) -> Leftover | None:
    if not 16 <= len(once) <= 64:
        raise NotFound
    return db.session.scalar(select(Leftover).where(Leftover.once == once))


def _there(campaign: Campaign, product_id: int, quantity: int) -> None:
    require(campaign, "delivered")
    product = db.session.get(Product, product_id)
    if product is None or product.campaign_id != campaign.id:
        raise NotFound("delivery.no_such_product")
    left = left_over(campaign).get(product_id, 0)
    if quantity < 1:
        raise Invalid({"quantity": ("core.out_of_range", {"min": 1, "max": max(1, left)})})
    if quantity > left:
        raise Conflict("delivery.not_left", left=left)


def _written(
    campaign: Campaign,
    product_id: int,
    kind: str,
    quantity: int,
    *,
    cents: int,
    buyer_id: int | None,
    once: str,
    actor_id: int,
    now: datetime,
) -> Leftover:
    row = Leftover(
        campaign_id=campaign.id,
        product_id=product_id,
        kind=kind,
        quantity=quantity,
        cents=cents,
        buyer_id=buyer_id,
        once=once,
        at=now,
        by_id=actor_id,
    )
    db.session.add(row)
    db.session.flush()
    write_down(f"purchases.leftover_{kind}", campaign, actor_id=actor_id, now=now, leftover=row.id)
    return row
