"""What is told of campaigns besides what opens near one. Each runs after the commit, in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import in_language, sentence
from app.events.purchases import (
    CampaignCancelled,
    CampaignChanged,
    CampaignCollecting,
    CampaignFailed,
    CampaignNotOpened,
    CampaignPrepared,
    CampaignSucceeded,
)
from app.notifications import services as notifications
from app.purchases.models import Campaign
from app.purchases.pledging.models import COUNTS, Pledge
from app.purchases.services.ground import organizers_of
from app.purchases.telling import telling_of


def tell_changed(event: CampaignChanged, *, now: datetime) -> None:
    """It closes, or is delivered, at another time: whoever pledged knows. What was said of its last day holds no more."""
    campaign = db.session.get(Campaign, event.campaign_id)
    if campaign is None or campaign.status != "open":
        return
    if "closes_at" in event.what:
        notifications.withdraw(key_prefix=f"purchases.last_day:{campaign.id}:")
    kind = "changed" if len(event.what) == 2 else f"changed_{event.what[0]}"
    key = f"purchases.changed:{campaign.id}:{{}}:{event.at.isoformat()}"
    _tell(campaign, _pledgers(campaign), kind, key=key, now=now)


def tell_called_off(event: CampaignCancelled, *, now: datetime) -> None:
    """It does not take place: whoever pledged owes nothing."""
    campaign = db.session.get(Campaign, event.campaign_id)
    if campaign is None:
        return
    _untell(campaign.id)
    if event.before == "draft":
        return
    why = campaign.ended_why or ""
    kind = "called_off_why" if why else "called_off"
    key = f"purchases.called_off:{campaign.id}:{{}}"
    _tell(campaign, _pledgers(campaign), kind, key=key, now=now, why=why)


def untell(event: CampaignFailed | CampaignCollecting | CampaignSucceeded, *, now: datetime) -> None:  # noqa: ARG001 -- every handler is told the time
    """It has closed: nobody needs to hear any more that it is open."""
    _untell(event.campaign_id)


def tell_prepared(event: CampaignPrepared, *, now: datetime) -> None:
    """The next one is written: those who look after it read it again before it opens."""
    campaign = db.session.get(Campaign, event.campaign_id)
    if campaign is not None and campaign.status == "draft":
        key = f"purchases.prepared:{campaign.id}:{{}}"
        _tell(campaign, _team(campaign), "prepared", key=key, now=now, opens=campaign.opens_at)


def tell_not_opened(event: CampaignNotOpened, *, now: datetime) -> None:
    """It was to open by itself and did not: they know why."""
    campaign = db.session.get(Campaign, event.campaign_id)
    if campaign is None or campaign.status != "draft":
        return
    with in_language(campaign.organizer.locale):
        why = sentence(event.why, event.params)
    key = f"purchases.not_opened:{campaign.id}:{{}}:{event.at.isoformat()}"
    _tell(campaign, _team(campaign), "not_opened", key=key, now=now, why=why)


def _pledgers(campaign: Campaign) -> Sequence[int]:
    """Everybody whose pledge counts, by number: the database hears of them always in one order."""
    return db.session.scalars(
        select(Pledge.resident_id)
        .where(Pledge.campaign_id == campaign.id, Pledge.status.in_(COUNTS))
        .order_by(Pledge.resident_id)
    ).all()


def _team(campaign: Campaign) -> list[int]:
    return sorted(organizers_of(campaign))


def _tell(
    campaign: Campaign, people: Sequence[int], kind: str, *, key: str, now: datetime, **more: Any
) -> None:
    """`key` with a place for whom it is told."""
    notifications.tell_many(
        [telling_of(campaign, one, kind, key=key.format(one), **more) for one in people], now=now
    )


def _untell(campaign_id: int) -> None:
    for what in ("opened", "last_day"):
        notifications.withdraw(key_prefix=f"purchases.{what}:{campaign_id}:")
