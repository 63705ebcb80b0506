"""What becomes of campaigns before their closing when time passes and nobody acts. Each function takes the next few,
holds them, and looks again; two schedulers at once do it once."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from app.core import outbox
from app.core.db import db, inserting, locked
from app.core.jobs import Walked
from app.events.purchases import CampaignNotOpened, CampaignPrepared
from app.purchases import fields, times
from app.purchases.models import Campaign, CampaignOrganizer, CampaignTelling
from app.purchases.services import drafting, ground, opening


def open_ready(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Drafts whose time has come open by themselves, however late this runs. One that cannot any more stays a draft, and
    those who look after it are told why."""
    ids = db.session.scalars(
        select(Campaign.id)
        .where(Campaign.status == "draft", Campaign.ready_at.is_not(None))
        .where(Campaign.opens_at <= now, Campaign.id > after_id)
        .order_by(Campaign.id)
        .limit(limit)
    ).all()
    for campaign in locked(Campaign, *ids) if ids else []:
        if campaign.status != "draft" or campaign.ready_at is None:
            continue
        reason = opening.why_not_open(campaign, now=now)
        if reason is None:
            opening.open_it(campaign, now=now)
            ground.write_down("purchases.opened", campaign, actor_id=None, now=now)
        else:
            campaign.ready_at = None
            params = {name: str(value) for name, value in reason.params.items()}
            outbox.record(CampaignNotOpened(campaign.id, reason.code, params, now), now=now)
    return Walked(len(ids), ids[-1] if len(ids) == limit else None)


def begin_last_days(*, now: datetime, after_id: int, limit: int) -> Walked:
    """The neighbours' turn to be told of a last day begins when it does; not of what has only just opened."""
    begun = exists().where(CampaignTelling.campaign_id == Campaign.id, CampaignTelling.what == "last_day")
    ids = db.session.scalars(
        select(Campaign.id)
        .where(Campaign.status == "open", Campaign.closes_at > now)
        .where(Campaign.closes_at <= now + times.LAST_DAY, Campaign.opens_at <= now - times.LAST_DAY / 2)
        .where(~begun, Campaign.id > after_id)
        .order_by(Campaign.id)
        .limit(limit)
    ).all()
    rows = [{"campaign_id": number, "what": "last_day", "upto": 0} for number in ids]
    if rows:
        db.session.execute(inserting(CampaignTelling).on_conflict_do_nothing(), rows)
    return Walked(len(ids), ids[-1] if len(ids) == limit else None)


def prepare_next(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Of those that repeat, the next one is written as soon as one is over, and opens by itself: each once, and the first
    that is still to come, however long nobody looked."""
    following = aliased(Campaign)
    ids = db.session.scalars(
        select(Campaign.id)
        .where(Campaign.every_weeks.is_not(None), Campaign.closes_at <= now)
        .where(Campaign.status.not_in(("draft", "cancelled")), Campaign.id > after_id)
        .where(~exists().where(following.next_of_id == Campaign.id))
        .order_by(Campaign.id)
        .limit(limit)
    ).all()
    for earlier in locked(Campaign, *ids) if ids else []:
        if db.session.scalar(select(Campaign.id).where(Campaign.next_of_id == earlier.id)) is None:
            _prepare(earlier, now=now)
    return Walked(len(ids), ids[-1] if len(ids) == limit else None)


def _prepare(earlier: Campaign, *, now: datetime) -> None:
    zone, every = earlier.hub.timezone, earlier.every_weeks
    if every is None or earlier.opens_at is None:
        return
    weeks = times.weeks_to_next(earlier.closes_at, zone, every_weeks=every, now=now)
    said = {name: getattr(earlier, name) for name in fields.NAMES}
    said["closes_at"] = times.later(earlier.closes_at, zone, weeks=weeks)
    said["opens_at"] = times.later(earlier.opens_at, zone, weeks=weeks)
    said["delivery_day"] = earlier.delivery_day + timedelta(weeks=weeks)
    made = Campaign(
        hub_id=earlier.hub_id,
        organizer_id=earlier.organizer_id,
        next_of_id=earlier.id,
        created_at=now,
        ready_at=now,
        **said,
    )
    made.organizers = [CampaignOrganizer(resident_id=one.resident_id) for one in earlier.organizers]
    db.session.add(made)
    drafting.copy_products(earlier, made)
    drafting.copy_slots(earlier, made, weeks=weeks)
    db.session.flush()
    outbox.record(CampaignPrepared(made.id), now=now)
