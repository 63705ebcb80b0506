"""What a pledge's money is for, as payments show it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.core.db import db
from app.payments.ledger.subjects import Named
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge


def named(pledge_ids: Collection[int]) -> Mapping[int, Named]:
    """Its campaign, paid at the campaign's hub."""
    rows = db.session.execute(
        select(Pledge.id, Campaign.id.label("campaign_id"), Campaign.title, Campaign.hub_id)
        .join(Campaign, Campaign.id == Pledge.campaign_id)
        .where(Pledge.id.in_(pledge_ids))
    )
    return {row.id: Named(row.title, f"/purchases/{row.campaign_id}", row.hub_id) for row in rows}
