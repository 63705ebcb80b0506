"""Opening a campaign, now or then, and calling it off while nothing is bought."""

from datetime import datetime

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.core.i18n import format_money
from app.core.text import checked
from app.events.purchases import CampaignCancelled, CampaignOpened
from app.payments import rules as money
from app.payments.cards import queries as cards
from app.purchases.models import Campaign, CampaignTelling
from app.purchases.services.ground import looked_after, write_down


def why_not_open(campaign: Campaign, *, now: datetime) -> Conflict | None:
    """What is missing before neighbours can pledge; None when nothing is."""
    if campaign.hub.status != "published":
        return Conflict("hubs.closed")
    if not campaign.products:
        return Conflict("purchases.no_products")
    if campaign.closes_at <= now:
        return Conflict("purchases.closing_passed")
    if campaign.payment != "counter" and not cards.enabled():
        return Conflict("purchases.no_cards")
    most = most_cents(campaign)
    if most is not None and most < campaign.minimum_cents:
        return Conflict(
            "purchases.minimum_out_of_reach",
            most=format_money(most, campaign.currency),
            minimum=format_money(campaign.minimum_cents, campaign.currency),
        )
    if campaign.payment == "card" and most is not None and most < money.least(campaign.currency):
        return Conflict("purchases.too_small_for_cards")
    return None


def most_cents(campaign: Campaign) -> int | None:
    """What it comes to when all is sold; None where something has no limit."""
    limits = [(one.limit_units, one.price_cents) for one in campaign.products]
    if any(limit is None for limit, _price in limits):
        return None
    return sum((limit or 0) * price for limit, price in limits)


def open_now(*, campaign_id: int, actor_id: int, now: datetime) -> Campaign:
    """Neighbours can pledge from now on; those who live near are told."""
    campaign = _draft(campaign_id, actor_id=actor_id)
    _refuse_unready(campaign, now=now)
    open_it(campaign, now=now)
    write_down("purchases.opened", campaign, actor_id=actor_id, now=now)
    return campaign


def open_then(*, campaign_id: int, actor_id: int, at: datetime, now: datetime) -> Campaign:
    """It opens by itself at this moment."""
    campaign = _draft(campaign_id, actor_id=actor_id)
    if at <= now:
        raise Invalid({"opens_at": "purchases.opens_in_the_past"})
    if at >= campaign.closes_at:
        raise Invalid({"opens_at": "purchases.opens_after_closing"})
    _refuse_unready(campaign, now=now)
    campaign.opens_at, campaign.ready_at = at, now
    db.session.flush()
    write_down("purchases.announced", campaign, actor_id=actor_id, now=now)
    return campaign


def wait_with_opening(*, campaign_id: int, actor_id: int, now: datetime) -> Campaign:
    """It does not open by itself after all."""
    campaign = _draft(campaign_id, actor_id=actor_id)
    campaign.ready_at = None
    db.session.flush()
    write_down("purchases.held_back", campaign, actor_id=actor_id, now=now)
    return campaign


def open_it(campaign: Campaign, *, now: datetime) -> None:
    """The draft becomes a campaign, and the neighbours' turn to be told of it begins."""
    campaign.status, campaign.opens_at, campaign.ready_at = "open", now, None
    campaign.version += 1
    db.session.add(CampaignTelling(campaign_id=campaign.id, what="opened"))
    db.session.flush()
    outbox.record(CampaignOpened(campaign.id), now=now)


def call_off(*, campaign_id: int, actor_id: int, why: str | None = None, now: datetime) -> Campaign:
    """It does not take place. While it is a draft, or open, nobody has paid; whoever pledged is told, and owes nothing."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    if campaign.status not in ("draft", "open"):
        raise Conflict("purchases.not_called_off")
    before = campaign.status
    clean = checked("why", why, longest=500, shortest=3 if campaign.pledgers else 0, lines=True)
    campaign.status, campaign.ended_at, campaign.ended_why = "cancelled", now, clean or None
    campaign.ready_at = None
    campaign.version += 1
    db.session.flush()
    write_down("purchases.called_off", campaign, actor_id=actor_id, now=now, before=before)
    outbox.record(CampaignCancelled(campaign.id, before), now=now)
    return campaign


def _draft(campaign_id: int, *, actor_id: int) -> Campaign:
    campaign = looked_after(campaign_id, actor_id=actor_id)
    if campaign.status != "draft":
        raise Conflict("purchases.opened_already")
    return campaign


def _refuse_unready(campaign: Campaign, *, now: datetime) -> None:
    reason = why_not_open(campaign, now=now)
    if reason is not None:
        raise reason
