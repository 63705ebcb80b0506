"""What time does to campaigns whose cards are asked: whatever was not gone on with is, and three days end."""

from datetime import datetime
from functools import partial

from sqlalchemy import select

from app.core.db import db
from app.core.jobs import in_one, keep_going
from app.purchases.collecting import services
from app.purchases.models import Campaign


def collect(*, now: datetime) -> int:
    """Take the next step of each; how many had one to take."""
    collecting = db.session.scalars(
        select(Campaign.id).where(Campaign.status == "collecting").order_by(Campaign.closes_at, Campaign.id)
    ).all()
    steps = [
        in_one(partial(services.advance, campaign_id=campaign_id, now=now))
        for campaign_id in collecting
        if keep_going()
    ]
    return sum(step not in (None, "wait", "hold") for step in steps)
