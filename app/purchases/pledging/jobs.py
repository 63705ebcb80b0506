"""What time does to pledges: cards that did not come, and closings, however late somebody looks."""

from datetime import datetime

import structlog
from sqlalchemy import or_, select

from app.core.db import db
from app.core.errors import Unavailable
from app.core.jobs import in_one, keep_going
from app.purchases.models import Campaign
from app.purchases.pledging import closing, services
from app.purchases.pledging.models import Pledge

log = structlog.get_logger()


def lapse(*, now: datetime) -> int:
    """Units that wait for a card longer than half an hour are free again."""
    overdue = (
        select(Pledge.campaign_id).where(Pledge.status == "holding", Pledge.held_until <= now).distinct()
    )
    return sum(
        in_one(lambda campaign_id=campaign_id: services.lapse(campaign_id=campaign_id, now=now))  # type: ignore[misc]  # a default in a lambda has no type
        for campaign_id in db.session.scalars(overdue).all()
        if keep_going()
    )


def close(*, now: datetime) -> int:
    """Every campaign whose time has come is decided, each in a transaction of its own, the longest overdue first. One
    that fails does not keep the others: it is tried again with the next run."""
    due = or_(
        Campaign.status == "closing",
        (Campaign.status == "open") & (Campaign.closes_at <= now),
    )
    ids = db.session.scalars(select(Campaign.id).where(due).order_by(Campaign.closes_at, Campaign.id)).all()
    return sum(_close_one(campaign_id, now=now) for campaign_id in ids if keep_going())


def _close_one(campaign_id: int, *, now: datetime) -> int:
    try:
        campaign = in_one(lambda: closing.close(campaign_id=campaign_id, now=now))
    except Unavailable:
        raise  # the database is away: so it is for all
    except Exception:
        log.exception("a campaign could not be closed", campaign_id=campaign_id)
        return 0
    return int(campaign.status != "closing")
