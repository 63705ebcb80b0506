"""What the money for something that was left over is for, as payments show it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.core.db import db
from app.payments.ledger.subjects import Named
from app.purchases.delivery.models import Leftover
from app.purchases.models import Campaign, Product


def named(leftover_ids: Collection[int]) -> Mapping[int, Named]:
    """The product, bought at the campaign's hub."""
    rows = db.session.execute(
        select(Leftover.id, Product.name, Campaign.id.label("campaign_id"), Campaign.hub_id)
        .join(Product, Product.id == Leftover.product_id)
        .join(Campaign, Campaign.id == Leftover.campaign_id)
        .where(Leftover.id.in_(leftover_ids))
    )
    return {row.id: Named(row.name, f"/purchases/{row.campaign_id}", row.hub_id) for row in rows}
