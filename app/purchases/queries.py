"""What can be seen of campaigns: lists near a place or at one hub, one of them whole, one's own."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Resident
from app.core.db import db, plain_rows
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.geo.distance import metres
from app.geo.rules import box_around
from app.hubs.models import Hub, Membership
from app.purchases import policy
from app.purchases.listed import Listed
from app.purchases.models import STATES, Campaign, CampaignOrganizer, Product
from app.purchases.pledging.models import COUNTS, Pledge

NEAR_KM = 25.0
PUBLIC = tuple(state for state in STATES if state != "draft")
UNDER_WAY = ("closing", "collecting", "succeeded", "ordered", "delivered")
"""Bought, or about to be; not handed out and settled yet."""
OVER = (*UNDER_WAY, "failed", "closed", "cancelled")
"""Not open any more."""


def _listed(resident_id: int | None) -> Select[Any]:
    mine = and_(
        Pledge.campaign_id == Campaign.id, Pledge.resident_id == (resident_id or 0), Pledge.status.in_(COUNTS)
    )
    columns: tuple[Any, ...] = (
        Campaign.id,
        Campaign.title,
        Campaign.supplier,
        Campaign.status,
        Campaign.opens_at,
        Campaign.closes_at,
        Campaign.delivery_day,
        Campaign.ready_at,
        Campaign.hub_id,
        Hub.name.label("hub_name"),
        Hub.slug.label("hub_slug"),
        Hub.timezone,
        Campaign.currency,
        Campaign.minimum_cents,
        Campaign.pledged_cents,
        Campaign.pledgers,
        Pledge.id.is_not(None).label("pledged"),
    )
    return select(*columns).join(Hub, Hub.id == Campaign.hub_id).outerjoin(Pledge, mine)


def page(
    *,
    statuses: Collection[str] = ("open",),
    near: tuple[float, float] | None = None,
    radius_km: float | None = None,
    hub_id: int | None = None,
    resident_id: int | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Listed]:
    """Campaigns in these states, at one hub, or within `radius_km` of a place. What is open comes by its closing, the
    soonest first; what is not, the latest closing first. Drafts are in no list but one's own. Two statements."""
    away = {} if near is None else _hubs_around(near, radius_km or NEAR_KM)
    if near is not None and not away:
        return Page([], None)
    query = _listed(resident_id).where(Campaign.status.in_([one for one in statuses if one in PUBLIC]))
    if hub_id is not None:
        query = query.where(Campaign.hub_id == hub_id)
    if near is not None:
        query = query.where(Campaign.hub_id.in_(away))
    soonest = tuple(statuses) == ("open",)
    start = after("campaigns", cursor, length=2)
    if start is not None:
        moment = datetime.fromisoformat(start[0])
        behind = Campaign.closes_at > moment if soonest else Campaign.closes_at < moment
        further = Campaign.id > start[1] if soonest else Campaign.id < start[1]
        query = query.where(or_(behind, and_(Campaign.closes_at == moment, further)))
    order = (Campaign.closes_at, Campaign.id)
    rows = plain_rows(query.order_by(*(order if soonest else (one.desc() for one in order))).limit(limit + 1))
    lines = [replace(Listed(*tuple(row)), distance_m=away.get(row.hub_id)) for row in rows]
    return page_of("campaigns", lines, limit=limit, key=lambda one: (one.closes_at.isoformat(), one.id))


def _hubs_around(near: tuple[float, float], radius_km: float) -> dict[int, int]:
    """The published hubs within a radius, and how far each is."""
    box = box_around(*near, radius_km)
    rows = plain_rows(
        select(Hub.id, Hub.lat, Hub.lon).where(
            Hub.status == "published", Hub.lat.between(box.south, box.north)
        )
    )
    away = {row.id: metres(*near, row.lat, row.lon) for row in rows}
    return {number: far for number, far in away.items() if far <= radius_km * 1000}


def looked_after_by(resident_id: int, *, limit: int = 20) -> Sequence[Listed]:
    """What a resident looks after and is not over: drafts first, then by closing."""
    named = select(CampaignOrganizer.campaign_id).where(CampaignOrganizer.resident_id == resident_id)
    query = (
        _listed(resident_id)
        .where(Campaign.status.not_in(("failed", "closed", "cancelled")))
        .where(or_(Campaign.organizer_id == resident_id, Campaign.id.in_(named)))
        .order_by(case((Campaign.status == "draft", 0), else_=1), Campaign.closes_at, Campaign.id)
        .limit(limit)
    )
    return [Listed(*tuple(row)) for row in plain_rows(query)]


def pledged_by(resident_id: int, *, limit: int = 20) -> Sequence[Listed]:
    """What a resident takes part in and is not over, by closing."""
    query = (
        _listed(resident_id)
        .where(Pledge.id.is_not(None), Campaign.status.in_(("open", *UNDER_WAY)))
        .order_by(Campaign.closes_at, Campaign.id)
        .limit(limit)
    )
    return [Listed(*tuple(row)) for row in plain_rows(query)]


def one(campaign_id: int, *, actor: Any = None) -> Campaign:
    """A campaign with its products, slots and organizers; `NotFound` for what nobody made. `actor`: of `policy.Actor`, or
    a function of the hub's id that answers one; a draft is there for those who look after it."""
    found = db.session.scalar(
        select(Campaign)
        .options(
            joinedload(Campaign.hub),
            joinedload(Campaign.organizer),
            selectinload(Campaign.organizers).joinedload(CampaignOrganizer.resident),
            selectinload(Campaign.products).selectinload(Product.tiers),
            selectinload(Campaign.slots),
        )
        .where(Campaign.id == campaign_id)
    )
    if found is None:
        raise NotFound("purchases.unknown")
    organizers = {found.organizer_id, *(each.resident_id for each in found.organizers)}
    reader = actor(found.hub_id) if actor is not None else policy.Actor(None)
    if policy.why_not_see(reader, status=found.status, organizers=organizers):
        raise NotFound("purchases.unknown")
    return found


def pledge_of(campaign_id: int, resident_id: int | None) -> Pledge | None:
    """What this resident has pledged, if it counts."""
    if resident_id is None:
        return None
    return db.session.scalar(
        select(Pledge).where(
            Pledge.campaign_id == campaign_id, Pledge.resident_id == resident_id, Pledge.status.in_(COUNTS)
        )
    )


def team_of(hub_id: int) -> Sequence[tuple[int, str]]:
    """Who may begin a campaign at this hub, and so look after one: (id, name), by name."""
    role = or_(Membership.is_volunteer, Membership.is_organizer, Membership.is_coordinator)
    rows = db.session.execute(
        select(Resident.id, Resident.name)
        .join(Membership, Membership.resident_id == Resident.id)
        .where(Membership.hub_id == hub_id, Membership.status == "verified", role)
        .order_by(Resident.name, Resident.id)
    )
    return [(row.id, row.name) for row in rows]
