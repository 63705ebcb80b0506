"""Neighbours are told that a campaign opened near them, and that its last day has come: some hundred in a transaction,
along their numbers, and where it stopped is written with what was told. So each is told once, whatever stops it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts.models import Resident
from app.core.db import db, locked_one
from app.geo.distance import metres
from app.geo.rules import box_around
from app.hubs.models import Membership
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.purchases.models import Campaign, CampaignTelling
from app.purchases.pledging.models import COUNTS, Pledge
from app.purchases.services.ground import organizers_of

NEAR_KM = 5.0
"""Neighbours who live within so much of the hub hear of what opens there, members of it or not."""


def tell_next(*, now: datetime, limit: int) -> int:
    """The next few neighbours of the first campaign whose telling is not over; how many were looked at, 0 when there is
    nobody left to tell of anything."""
    waiting = db.session.scalar(
        select(CampaignTelling.campaign_id)
        .where(CampaignTelling.done_at.is_(None))
        .order_by(CampaignTelling.campaign_id)
        .limit(1)
    )
    campaign = None if waiting is None else locked_one(Campaign, waiting)
    if campaign is None:
        return 0
    telling = db.session.scalar(
        select(CampaignTelling)
        .where(CampaignTelling.campaign_id == campaign.id, CampaignTelling.done_at.is_(None))
        .order_by(CampaignTelling.what.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if telling is None:
        return 1  # somebody else has just ended it
    people = _next_people(campaign, telling, limit=limit) if _worth_telling(campaign, now=now) else []
    kind = {"opened": _opened, "last_day": _last_day}[telling.what]
    told = [kind(campaign, one) for one in people if _concerns(campaign, telling, one)]
    notifications.tell_many(told, now=now)
    if len(people) < limit:
        telling.done_at = now
    else:
        telling.upto = people[-1].id
    db.session.flush()
    return max(1, len(people))


def _worth_telling(campaign: Campaign, *, now: datetime) -> bool:
    return campaign.status == "open" and campaign.closes_at > now


def _next_people(campaign: Campaign, telling: CampaignTelling, *, limit: int) -> Sequence[Any]:
    """Members of the hub and those who live near it, or, on the last day, members and those who have pledged."""
    member = Membership.status == "verified"
    who: ColumnElement[bool]
    if telling.what == "opened":
        box = box_around(campaign.hub.lat, campaign.hub.lon, NEAR_KM)
        near = and_(
            Resident.home_lat.between(box.south, box.north), Resident.home_lon.between(box.west, box.east)
        )
        who = or_(member, and_(near, or_(Membership.status.is_(None), Membership.status != "suspended")))
    else:
        who = or_(member, Pledge.id.is_not(None))
    at_hub = and_(Membership.resident_id == Resident.id, Membership.hub_id == campaign.hub_id)
    pledged = and_(
        Pledge.resident_id == Resident.id, Pledge.campaign_id == campaign.id, Pledge.status.in_(COUNTS)
    )
    query = (
        select(
            Resident.id,
            Resident.home_lat,
            Resident.home_lon,
            member.label("member"),
            Pledge.id.label("pledge_id"),
        )
        .outerjoin(Membership, at_hub)
        .outerjoin(Pledge, pledged)
        .where(Resident.id > telling.upto, who)
        .order_by(Resident.id)
        .limit(limit)
    )
    return db.session.execute(query).all()


def _concerns(campaign: Campaign, telling: CampaignTelling, one: Any) -> bool:
    """Not those who look after it, nor who has found what is open; of those around, not the corners of the square."""
    if one.id in organizers_of(campaign):
        return False
    if one.pledge_id is not None:
        return telling.what == "last_day"
    if one.member:
        return True
    away = metres(one.home_lat, one.home_lon, campaign.hub.lat, campaign.hub.lon)
    return away <= NEAR_KM * 1000


def _opened(campaign: Campaign, one: Any) -> Telling:
    return telling_of(campaign, one.id, "opened", key=f"purchases.opened:{campaign.id}:{one.id}")


def _last_day(campaign: Campaign, one: Any) -> Telling:
    kind = "last_day" if one.pledge_id is None else "last_day_pledged"
    key = f"purchases.last_day:{campaign.id}:{one.id}:{campaign.closes_at.isoformat()}"
    return telling_of(campaign, one.id, kind, key=key, urgent=True)


def telling_of(
    campaign: Campaign, resident_id: int, kind: str, *, key: str, urgent: bool = False, **more: Any
) -> Telling:
    """Something to tell one resident of a campaign."""
    return Telling(
        resident_id=resident_id,
        kind=f"purchases.{kind}",
        params={
            "title": campaign.title,
            "hub": campaign.hub.name,
            "closes": campaign.closes_at,
            "delivery": campaign.delivery_day,
            **more,
        },
        path=f"/purchases/{campaign.id}",
        key=key,
        urgent=urgent,
        timezone=campaign.hub.timezone,
    )
