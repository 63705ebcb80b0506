"""The closing: once, whoever says it, however late. It decides with what was pledged in time: whole packs, one price for
everybody, who gets what, and what each pays; or that it is not enough, and nobody pays anything."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update

from app.core import audit, outbox
from app.core.db import db
from app.core.errors import Conflict, Forbidden, NotFound
from app.events.purchases import CampaignCollecting, CampaignFailed, CampaignSucceeded
from app.hubs import queries as hubs
from app.payments.cards import services as cards
from app.purchases import policy
from app.purchases.models import Campaign, CampaignOrganizer, Product
from app.purchases.pledging import dues, ground
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.pledging.rules import COLLECTED_WITHIN
from app.purchases.pledging.standing import standing
from app.purchases.rules import Outcome

BEFORE = ("open", "closing")


def close(*, campaign_id: int, actor_id: int | None = None, now: datetime) -> Campaign:
    """Decide. By itself when its time has come; earlier where one of its organizers (`actor_id`) says so. While a pledge
    still waits for its card, half an hour at most, it is *closing*: nobody pledges any more, and it is decided once the
    card is there or the time is over. What was decided stays as it is. Raises `Conflict` not_open for a draft and for
    what was called off."""
    due = (
        or_(Campaign.status == "closing", Campaign.closes_at <= now) if actor_id is None else Campaign.id > 0
    )
    campaign = ground.held(campaign_id, Campaign.status.in_(BEFORE), due)
    if campaign is None:
        return _as_it_is(campaign_id, actor_id)
    _refuse(campaign, actor_id)
    ground.recount(campaign, ground.lapse_overdue(campaign_id, now=now), now=now)
    if _waits(campaign_id):
        campaign.status = "closing"
    else:
        decide(campaign, standing(campaign).outcome(), actor_id=actor_id, now=now)
    if actor_id is not None:
        audit.note(
            "purchases.closed",
            now=now,
            actor_id=actor_id,
            subject_kind="campaign",
            subject_id=campaign.id,
            hub_id=campaign.hub_id,
        )
    db.session.flush()
    return campaign


def decide(campaign: Campaign, outcome: Outcome, *, actor_id: int | None = None, now: datetime) -> None:
    """Write how it ends. What is to be paid by card is collected first; without, everybody owes her sum from now on."""
    campaign.decided_at = now
    if not outcome.reached:
        campaign.status, campaign.ended_at = "failed", now
        _let_go_of_cards(campaign, now=now)
        outbox.record(CampaignFailed(campaign.id), now=now)
        return
    pledges = fix(campaign, outcome)
    if any(pledge.payment == "card" and pledge.total_cents for pledge in pledges):
        campaign.status, campaign.decide_by = "collecting", now + COLLECTED_WITHIN
        outbox.record(CampaignCollecting(campaign.id), now=now)
        return
    campaign.status = "succeeded"
    dues.post(campaign, pledges, actor_id=actor_id, now=now)
    outbox.record(CampaignSucceeded(campaign.id), now=now)


def fix(campaign: Campaign, outcome: Outcome) -> Sequence[Pledge]:
    """Write what is bought, who gets how much and what each pays, in place of what was written before; the pledges it
    names, in the order of their numbers."""
    for bought in outcome.bought:
        db.session.execute(
            update(Product)
            .where(Product.id == bought.goods.id)
            .values(packs=bought.packs, final_price_cents=bought.price_cents)
        )
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.status == "live").order_by(Pledge.id)
    ).all()
    named = [pledge for pledge in pledges if pledge.id in outcome.bills]
    for pledge in named:
        bill = outcome.bills[pledge.id]
        pledge.share_cents, pledge.waived_cents = bill.share_cents, bill.waived_cents
        pledge.total_cents = bill.total_cents
    _allot(outcome, {pledge.id for pledge in pledges})
    db.session.flush()
    return named


def _allot(outcome: Outcome, pledge_ids: Collection[int]) -> None:
    for allotment in db.session.scalars(select(Allotment).where(Allotment.pledge_id.in_(pledge_ids))):
        db.session.delete(allotment)
    db.session.flush()
    rows = [
        {
            "pledge_id": pledge_id,
            "product_id": bought.goods.id,
            "quantity": count,
            "goods_cents": count * bought.price_cents,
        }
        for bought in outcome.bought
        for pledge_id, count in sorted(bought.given.items())
    ]
    if rows:
        db.session.execute(insert(Allotment), rows)


def _let_go_of_cards(campaign: Campaign, *, now: datetime) -> None:
    """Nobody pays anything: the cards that were kept for it go."""
    by_card = (Pledge.campaign_id == campaign.id, Pledge.status == "live", Pledge.payment == "card")
    for pledge in db.session.scalars(select(Pledge).where(*by_card)):
        cards.forget_card(subject=pledge.subject, now=now)


def _waits(campaign_id: int) -> bool:
    """Whether a pledge still holds its units for a card."""
    holding = select(func.count()).where(Pledge.campaign_id == campaign_id, Pledge.status == "holding")
    return bool(db.session.scalar(holding))


def _as_it_is(campaign_id: int, actor_id: int | None) -> Campaign:
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound("purchases.unknown")
    _refuse(campaign, actor_id)
    if campaign.status in ("draft", "cancelled"):
        raise Conflict("pledging.not_open")
    return campaign


def _refuse(campaign: Campaign, actor_id: int | None) -> None:
    """Who does not look after it does not close it."""
    if actor_id is None:
        return
    membership = hubs.membership(actor_id, campaign.hub_id)
    actor = policy.Actor(actor_id, tuple(membership.roles) if membership else ())
    named = select(CampaignOrganizer.resident_id).where(CampaignOrganizer.campaign_id == campaign.id)
    organizers = [campaign.organizer_id, *db.session.scalars(named)]
    for reason in policy.why_not_look_after(actor, organizers=organizers):
        raise Forbidden(reason)
