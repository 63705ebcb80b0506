"""A campaign as the rules read it: its terms, its products, the pledges that count in the order in which they came."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import COUNTS, Pledge, PledgeIncrement
from app.purchases.rules import Goods, Increment, Outcome, Sharing, Terms, outcome
from app.purchases.shown import goods_of

SHARING: dict[str, Sharing] = {"in_order": "in_order", "proportional": "proportional"}

_PRODUCTS = (
    select(Product)
    .where(Product.campaign_id == bindparam("campaign"))
    .options(selectinload(Product.tiers))
    .order_by(Product.position, Product.id)
)


@dataclass(frozen=True)
class Standing:
    """Everything that decides how a campaign ends. `increments` by product, `ceilings` by pledge."""

    terms: Terms
    goods: Sequence[Goods]
    increments: dict[int, list[Increment]]
    ceilings: dict[int, int]

    def outcome(self, *, without: Collection[int] = ()) -> Outcome:
        """How it ends; `without` some pledges, as if they had never been."""
        return outcome(self.terms, self.goods, self.increments, self.ceilings, without=without)


def standing(campaign: Campaign, *, statuses: Collection[str] = COUNTS) -> Standing:
    """How it stands with the pledges that count now."""
    pledges = (Pledge.campaign_id == campaign.id, Pledge.status.in_(statuses))
    increments: dict[int, list[Increment]] = defaultdict(list)
    for product_id, *said in db.session.execute(
        select(
            PledgeIncrement.product_id,
            PledgeIncrement.pledge_id,
            PledgeIncrement.want,
            PledgeIncrement.tolerance,
        )
        .join(Pledge, Pledge.id == PledgeIncrement.pledge_id)
        .where(*pledges)
        .order_by(PledgeIncrement.id)
    ):
        increments[product_id].append(Increment(*said))
    ceilings = db.session.execute(select(Pledge.id, Pledge.ceiling_cents).where(*pledges).order_by(Pledge.id))
    return Standing(
        terms=terms_of(campaign),
        goods=[goods_of(product) for product in products_of(campaign.id)],
        increments=increments,
        ceilings={row.id: row.ceiling_cents for row in ceilings},
    )


def terms_of(campaign: Campaign) -> Terms:
    """What it says about money; transport is shared where those who buy bear it."""
    transport = campaign.transport_cents if campaign.transport_split == "by_value" else 0
    return Terms(campaign.minimum_cents, campaign.fees_cents + transport, SHARING[campaign.sharing])


def products_of(campaign_id: int) -> Sequence[Product]:
    """What can be pledged, with all prices, in its order."""
    return db.session.scalars(_PRODUCTS, {"campaign": campaign_id}).all()
