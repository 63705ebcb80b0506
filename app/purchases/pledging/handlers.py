"""What follows when pledges and campaigns change: a card that came makes a pledge count, and everybody is told once how
it ended and what she pays."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.events.payments import CardSaved
from app.events.purchases import CampaignFailed, CampaignSucceeded, MinimumReached, PledgeLapsed
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.purchases.models import Campaign, CampaignOrganizer
from app.purchases.pledging import queries, services
from app.purchases.pledging.models import Pledge

SUBJECT = "pledge:"


def count_pledge(event: CardSaved, *, now: datetime) -> None:
    """The card of a pledge is there."""
    if event.subject.startswith(SUBJECT):
        services.card_saved(pledge_id=int(event.subject.removeprefix(SUBJECT)), now=now)


def tell_minimum(event: MinimumReached, *, now: datetime) -> None:
    """Whoever pledged and whoever organizes is told, the first time that it is enough."""
    campaign = db.session.get_one(Campaign, event.campaign_id)
    everybody = {pledge.resident_id for pledge in queries.counting(campaign.id)} | _organizers(campaign)
    kind = "pledging.minimum"
    _tell(campaign, ((resident_id, kind, {}) for resident_id in sorted(everybody)), now=now)


def tell_failed(event: CampaignFailed, *, now: datetime) -> None:
    """It was not enough: everybody is free, and owes nothing."""
    campaign = db.session.get_one(Campaign, event.campaign_id)
    missing = max(0, campaign.minimum_cents - campaign.pledged_cents)
    kind = "pledging.failed" if missing else "pledging.failed_packs"
    words = {"cents": missing, "currency": campaign.currency} if missing else {}
    everybody = {pledge.resident_id for pledge in queries.counting(campaign.id)} | _organizers(campaign)
    _tell(campaign, ((resident_id, kind, words) for resident_id in sorted(everybody)), now=now, key="ended")


def tell_succeeded(event: CampaignSucceeded, *, now: datetime) -> None:
    """It is bought: each is told her sum, and when she can come for it."""
    campaign = db.session.get_one(Campaign, event.campaign_id)
    _tell(campaign, _sums(campaign), now=now, key="ended")


def tell_lapsed(event: PledgeLapsed, *, now: datetime) -> None:
    """Her card did not come in time. If she pledged anew meanwhile, there is nothing to say."""
    pledge = db.session.get_one(Pledge, event.pledge_id)
    if pledge.status == "lapsed":
        key = f"lapsed:{event.at.isoformat()}"
        _tell(pledge.campaign, [(pledge.resident_id, "pledging.lapsed", {})], now=now, key=key)


def _sums(campaign: Campaign) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for pledge in queries.counting(campaign.id):
        if not pledge.total_cents:
            yield pledge.resident_id, "pledging.nothing", {}
            continue
        kind = "pledging.succeeded_card" if pledge.payment == "card" else "pledging.succeeded"
        words = {"cents": pledge.total_cents, "currency": campaign.currency, "day": campaign.delivery_day}
        yield pledge.resident_id, kind, words


def _organizers(campaign: Campaign) -> set[int]:
    named = select(CampaignOrganizer.resident_id).where(CampaignOrganizer.campaign_id == campaign.id)
    return {campaign.organizer_id, *db.session.scalars(named)}


def _tell(
    campaign: Campaign,
    told: Iterable[tuple[int, str, dict[str, Any]]],
    *,
    now: datetime,
    key: str = "minimum",
) -> None:
    """One thing to each, once: the key names what happened to the campaign, and to whom it was told."""
    notifications.tell_many(
        (
            Telling(
                resident_id=resident_id,
                kind=kind,
                params={"title": campaign.title, "hub": campaign.hub.name, **words},
                path=f"/purchases/{campaign.id}/pledge",
                key=f"pledging.{key}:{campaign.id}:{resident_id}",
                timezone=campaign.hub.timezone,
            )
            for resident_id, kind, words in told
        ),
        now=now,
    )
