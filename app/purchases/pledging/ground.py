"""What all acts on pledges stand on: the campaign, held and in the state that is needed; counts that follow from rows."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, NotFound
from app.events.purchases import MinimumReached, PledgeLapsed
from app.payments.cards import queries as cards
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import COUNTS, Pledge, PledgeIncrement
from app.purchases.rules import Goods, packs_of

# What each pledge asks is built once: building it anew took longer than the database takes to answer.
_HOLD = (
    update(Campaign)
    .where(Campaign.id == bindparam("campaign"))
    .values(version=Campaign.version + 1)
    .returning(Campaign)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_HOLD_OPEN = _HOLD.where(Campaign.status == "open", Campaign.closes_at > bindparam("moment"))
_SAID = (
    select(
        PledgeIncrement.product_id,
        func.sum(PledgeIncrement.want),
        func.sum(PledgeIncrement.tolerance),
    )
    .where(PledgeIncrement.pledge_id == bindparam("pledge"))
    .group_by(PledgeIncrement.product_id)
)
_OVERDUE = select(Pledge).where(
    Pledge.campaign_id == bindparam("campaign"),
    Pledge.status == "holding",
    Pledge.held_until <= bindparam("moment"),
)
_WANT, _TOLERANCE = (
    select(func.coalesce(func.sum(column), 0))
    .where(PledgeIncrement.product_id == Product.id)
    .correlate(Product)
    .scalar_subquery()
    for column in (PledgeIncrement.want, PledgeIncrement.tolerance)
)
_COUNT = (
    update(Product)
    .where(
        Product.id.in_(bindparam("touched", expanding=True)),
        or_(Product.limit_units.is_(None), Product.limit_units >= _WANT),
    )
    .values(wanted=_WANT, tolerated=_TOLERANCE)
    .returning(Product.id)
    .execution_options(synchronize_session=False)
)
_PACKS = select(
    Product.id,
    Product.price_cents,
    Product.pack_size,
    Product.limit_units,
    Product.wanted,
    Product.tolerated,
).where(Product.campaign_id == bindparam("campaign"))
_PLEDGERS = select(func.count()).where(Pledge.campaign_id == bindparam("campaign"), Pledge.status.in_(COUNTS))


def held(campaign_id: int, *conditions: ColumnElement[bool]) -> Campaign | None:
    """The campaign, if all this is true of it; from now on nobody else pledges or closes until the transaction ends.
    The write comes first: who only reads and then writes sells the last units eight times."""
    return db.session.scalar(_HOLD.where(*conditions), {"campaign": campaign_id})


def held_open(campaign_id: int, *, now: datetime) -> Campaign:
    """The campaign, held, while one can pledge: who asks a second too late is told so."""
    campaign = db.session.scalar(_HOLD_OPEN, {"campaign": campaign_id, "moment": now})
    if campaign is not None:
        return campaign
    known = db.session.get(Campaign, campaign_id)
    if known is None or known.status == "draft":
        raise NotFound("purchases.unknown")
    raise Conflict("pledging.campaign_closed")


def said(pledge_id: int) -> dict[int, tuple[int, int]]:
    """What a pledge says now: want and tolerance by product."""
    rows = db.session.execute(_SAID, {"pledge": pledge_id})
    return {
        product_id: (int(want), int(tolerance)) for product_id, want, tolerance in rows if want or tolerance
    }


def change(pledge_id: int, wished: dict[int, tuple[int, int]], *, now: datetime) -> set[int]:
    """Write what it gains and gives up until it says this; the products that are concerned."""
    before = said(pledge_id)
    rows = []
    for product_id in sorted(before.keys() | wished.keys()):
        had, wants = before.get(product_id, (0, 0)), wished.get(product_id, (0, 0))
        more = (wants[0] - had[0], wants[1] - had[1])
        if any(more):
            rows.append(
                {
                    "pledge_id": pledge_id,
                    "product_id": product_id,
                    "want": more[0],
                    "tolerance": more[1],
                    "at": now,
                }
            )
    if rows:
        db.session.execute(insert(PledgeIncrement), rows)
    return {int(row["product_id"]) for row in rows}  # type: ignore[call-overload]  # a number, as it was put in


def lapse_overdue(campaign_id: int, *, now: datetime) -> set[int]:
    """Whose card did not come in time gives its units up; whose card is there after all stays. The products that are
    concerned: whoever holds the campaign counts them anew."""
    overdue = db.session.scalars(_OVERDUE, {"campaign": campaign_id, "moment": now}).all()
    touched: set[int] = set()
    for pledge in overdue:
        came = cards.card_of(pledge.subject) is not None
        pledge.status, pledge.held_until = "live" if came else "lapsed", None
        pledge.version += 1
        if came:
            continue
        pledge.ceiling_cents = 0
        touched |= change(pledge.id, {}, now=now)
        outbox.record(PledgeLapsed(pledge.id, now), now=now)
    db.session.flush()
    return touched


def recount(
    campaign: Campaign, touched: Collection[int], *, pledge_id: int | None = None, now: datetime
) -> None:
    """Count anew, from the rows, what of these products is wanted, and how far the campaign is. Raises `Conflict`
    sold_out where `pledge_id` would want more of a `product` than there is; `left` is what she could have."""
    db.session.flush()
    if touched:
        for product_id in sorted(set(touched) - _count(touched)):
            _refuse_sold_out(product_id, pledge_id)
    secured = sum(_secured(campaign.id))
    if campaign.pledged_cents < campaign.minimum_cents <= secured:
        outbox.record(MinimumReached(campaign.id), now=now)
    campaign.pledged_cents = secured
    campaign.pledgers = db.session.scalars(_PLEDGERS, {"campaign": campaign.id}).one()
    db.session.flush()


def _count(touched: Collection[int]) -> set[int]:
    """Write what of these products is wanted, where the limit bears it; those where it does."""
    return set(db.session.scalars(_COUNT, {"touched": list(touched)}))


def _secured(campaign_id: int) -> Iterator[int]:
    """What each product brings towards the minimum: whole packs at its dearest price."""
    for row in db.session.execute(_PACKS, {"campaign": campaign_id}):
        goods = Goods(row.id, row.price_cents, row.pack_size, row.limit_units)
        yield packs_of(goods, want=row.wanted, tolerance=row.tolerated) * goods.pack_size * goods.dearest


def _refuse_sold_out(product_id: int, pledge_id: int | None) -> None:
    product = db.session.get_one(Product, product_id)
    others = db.session.scalars(
        select(func.coalesce(func.sum(PledgeIncrement.want), 0)).where(
            PledgeIncrement.product_id == product_id, PledgeIncrement.pledge_id != pledge_id
        )
    ).one()
    left = max(0, (product.limit_units or 0) - int(others))
    raise Conflict("pledging.sold_out", product=product.name, left=left)
