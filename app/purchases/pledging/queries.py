"""What can be seen of pledges: one's own, and how it stands while one changes it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.errors import NotFound
from app.purchases.models import Campaign, Product
from app.purchases.pledging import ground
from app.purchases.pledging.models import COUNTS, Allotment, Pledge
from app.purchases.pledging.rules import Line, Running
from app.purchases.pledging.standing import products_of, standing, terms_of
from app.purchases.rules import Outcome
from app.purchases.shown import goods_of

__all__ = ["COUNTS", "products_of", "standing"]

Said = Mapping[int, tuple[int, int]]
"""Want and tolerance by product."""


def campaign(campaign_id: int) -> Campaign:
    """A campaign that neighbours may see, with its hub."""
    found = db.session.scalar(
        select(Campaign).options(joinedload(Campaign.hub)).where(Campaign.id == campaign_id)
    )
    if found is None or found.status == "draft":
        raise NotFound("purchases.unknown")
    return found


def pledge_of(campaign_id: int, resident_id: int | None) -> Pledge | None:
    """Hers, whatever became of it."""
    return db.session.scalar(
        select(Pledge).where(Pledge.campaign_id == campaign_id, Pledge.resident_id == resident_id)
    )


def said_by(pledge: Pledge | None) -> Said:
    """What a pledge says."""
    return {} if pledge is None else ground.said(pledge.id)


def running(campaign: Campaign, products: Sequence[Product], *, before: Said, wished: Said) -> Running:
    """How it stands if somebody who said `before` says `wished` instead."""
    lines = []
    for product in products:
        want, tolerance = before.get(product.id, (0, 0))
        others = (product.wanted - want, product.tolerated - tolerance)
        lines.append(Line(goods_of(product), *wished.get(product.id, (0, 0)), *others))
    return Running(terms_of(campaign), lines)


def forecast(campaign: Campaign) -> Outcome:
    """How it would end if it closed now; `hub_cents` is what the ceilings would leave to the hub."""
    return standing(campaign).outcome()


def allotted(pledge: Pledge) -> Sequence[Allotment]:
    """What a pledge gets, in the order of the products."""
    return db.session.scalars(
        select(Allotment)
        .join(Product)
        .options(joinedload(Allotment.product))
        .where(Allotment.pledge_id == pledge.id)
        .order_by(Product.position, Product.id)
    ).all()


def counting(campaign_id: int) -> Sequence[Pledge]:
    """The pledges that count, in the order of their numbers."""
    return db.session.scalars(
        select(Pledge).where(Pledge.campaign_id == campaign_id, Pledge.status.in_(COUNTS)).order_by(Pledge.id)
    ).all()
