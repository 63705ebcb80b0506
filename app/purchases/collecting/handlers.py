"""What follows when a closing has left cards to be asked, when one was answered, and when a campaign is called off."""

from datetime import datetime

from app.core.db import db
from app.events.payments import AttemptEnded, CardNeedsAttention, CardSaved
from app.events.purchases import CampaignCancelled, CampaignCollecting, PledgeRemoved
from app.payments.cards.models import PaymentAttempt
from app.purchases.collecting import services, telling
from app.purchases.pledging.models import Pledge

SUBJECT = "pledge:"


def begin(event: CampaignCollecting, *, now: datetime) -> None:
    """The cards are asked."""
    services.advance(campaign_id=event.campaign_id, now=now)


def go_on(event: AttemptEnded, *, now: datetime) -> None:
    """A card has answered. One that has paid is kept no longer; of one that could not, its owner is told."""
    pledge = _pledge_of(event.subject)
    if pledge is None:
        return
    if event.kind == "authorize":
        services.advance(campaign_id=pledge.campaign_id, now=now)
    elif event.kind == "capture" and event.outcome == "succeeded":
        services.forget_card(pledge_id=pledge.id, now=now)
    elif event.kind == "capture" and pledge.status == "live" and pledge.campaign.status != "cancelled":
        telling.tell_member(
            pledge.campaign,
            pledge.resident_id,
            "not_captured",
            key=str(event.attempt_id),
            cents=pledge.total_cents,
            now=now,
        )


def try_again(event: CardSaved, *, now: datetime) -> None:
    """Another card was left: it is asked in place of the one that was refused."""
    pledge = _pledge_of(event.subject)
    if pledge is not None:
        services.advance(campaign_id=pledge.campaign_id, now=now)


def tell_attention(event: CardNeedsAttention, *, now: datetime) -> None:
    """Her bank wants to hear from her, her card was refused, or she took it away while it is needed."""
    pledge = _pledge_of(event.subject)
    if pledge is None or pledge.status != "live" or pledge.payment != "card":
        return
    campaign = pledge.campaign
    if event.why == "removed":
        if campaign.status in ("open", "closing"):
            telling.tell_member(
                campaign, pledge.resident_id, "removed_card", key=str(event.attempt_id), now=now
            )
        return
    services.advance(campaign_id=campaign.id, now=now)
    if campaign.status == "collecting" and pledge.payment == "card":
        attempt = db.session.get_one(PaymentAttempt, event.attempt_id)
        telling.tell_member(
            campaign,
            pledge.resident_id,
            event.why,
            key=str(attempt.id),
            path=f"/payments/{attempt.id}/card?path=/purchases/{campaign.id}/pledge",
            cents=pledge.total_cents,
            now=now,
        )


def tell_removed(event: PledgeRemoved, *, now: datetime) -> None:
    """It goes on without her: nothing was taken."""
    pledge = db.session.get_one(Pledge, event.pledge_id)
    telling.tell_member(pledge.campaign, pledge.resident_id, "left_out", key=str(pledge.id), now=now)


def let_go(event: CampaignCancelled, *, now: datetime) -> None:
    """No card is kept for it any more, from whatever state it was called off."""
    services.let_go(campaign_id=event.campaign_id, now=now)


def _pledge_of(subject: str) -> Pledge | None:
    if not subject.startswith(SUBJECT):
        return None
    return db.session.get(Pledge, int(subject.removeprefix(SUBJECT)))
