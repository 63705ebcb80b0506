"""What all acts on campaigns stand on: the campaign held, who may, what is written down."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from app.core import audit
from app.core.db import locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.purchases import policy
from app.purchases.models import Campaign


def actor_at(hub_id: int, *, actor_id: int) -> policy.Actor:
    """The actor with the roles she holds at this hub."""
    membership = hubs.membership(actor_id, hub_id)
    return policy.Actor(actor_id, tuple(membership.roles) if membership else ())


def refuse(reasons: Collection[str]) -> None:
    """Stop at the first reason."""
    for reason in reasons:
        raise Forbidden(reason)


def organizers_of(campaign: Campaign) -> set[int]:
    """Who began it, and whom she named."""
    return {campaign.organizer_id, *(one.resident_id for one in campaign.organizers)}


def held(campaign_id: int) -> Campaign:
    """The campaign, held until the transaction ends: whoever pledges or closes meanwhile waits, and looks again."""
    found = locked_one(Campaign, campaign_id)
    if found is None:
        raise NotFound("purchases.unknown")
    return found


def looked_after(campaign_id: int, *, actor_id: int) -> Campaign:
    """The campaign, held, for one of those who look after it. Somebody else's draft is not there."""
    campaign = held(campaign_id)
    actor, organizers = actor_at(campaign.hub_id, actor_id=actor_id), organizers_of(campaign)
    if policy.why_not_see(actor, status=campaign.status, organizers=organizers):
        raise NotFound("purchases.unknown")
    refuse(policy.why_not_look_after(actor, organizers=organizers))
    return campaign


def begun_at(hub_id: int, *, actor_id: int) -> Hub:
    """The hub at which the actor may begin a campaign."""
    hub = hubs.hub(str(hub_id))
    refuse(policy.why_not_begin(actor_at(hub.id, actor_id=actor_id)))
    if hub.status != "published":
        raise Conflict("hubs.closed")
    return hub


def write_down(act: str, campaign: Campaign, *, actor_id: int | None, now: datetime, **details: Any) -> None:
    """Keep who did it."""
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        subject_kind="campaign",
        subject_id=campaign.id,
        hub_id=campaign.hub_id,
        **details,
    )
