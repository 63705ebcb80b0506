"""What all acts after success stand on: a campaign that is held, who may, what is written down."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.hubs import queries as hubs
from app.purchases import policy
from app.purchases.delivery.models import Delivery
from app.purchases.models import Campaign, CampaignOrganizer


def campaign_held(campaign_id: int, *, actor_id: int, look_after: bool = True) -> Campaign:
    """The campaign, held until the transaction ends, for those who look after it; without `look_after` also for those
    who hold the hub's counter."""
    held = locked_one(Campaign, campaign_id)
    if held is None:
        raise NotFound("purchases.unknown")
    actor = actor_at(held.hub_id, actor_id=actor_id)
    organizers = organizers_of(held)
    if look_after:
        refuse(policy.why_not_look_after(actor, organizers=organizers))
    else:
        refuse(policy.why_not_hand_out(actor, organizers=organizers))
    return held


def organizers_of(campaign: Campaign) -> set[int]:
    """Who began it and whom she named, by their numbers."""
    named = select(CampaignOrganizer.resident_id).where(CampaignOrganizer.campaign_id == campaign.id)
    return {campaign.organizer_id, *db.session.scalars(named)}


def actor_at(hub_id: int, *, actor_id: int) -> policy.Actor:
    """The actor with the roles she holds at this hub."""
    membership = hubs.membership(actor_id, hub_id)
    return policy.Actor(actor_id, tuple(membership.roles) if membership else ())


def refuse(reasons: Collection[str]) -> None:
    """Stop at the first reason."""
    for reason in reasons:
        raise Forbidden(reason)


def require(campaign: Campaign, *states: str) -> None:
    """Stop where it is in none of these."""
    if campaign.status not in states:
        raise Conflict(f"delivery.not_{states[0]}", status=campaign.status)


def delivery_of(campaign: Campaign) -> Delivery:
    """What became of its order."""
    return db.session.get_one(Delivery, campaign.id)


def write_down(act: str, campaign: Campaign, *, actor_id: int, now: datetime, **details: Any) -> None:
    """A line for whoever asks later."""
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        subject_kind="campaign",
        subject_id=campaign.id,
        hub_id=campaign.hub_id,
        **details,
    )
