"""What happens while cards are asked, and after: a campaign goes on, is decided by its organizer, or is called off.

The campaign is held before anything is read that is gone by; attempts with cards are held after it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict
from app.core.text import checked
from app.events.purchases import CampaignCancelled, CampaignFailed, CampaignSucceeded, PledgeRemoved
from app.payments import rules as sums
from app.payments.cards import queries as card_queries
from app.payments.cards import services as cards
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases.collecting import asking, ending, rules, telling
from app.purchases.models import Campaign
from app.purchases.pledging import closing, dues, ground
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.rules import Outcome
from app.purchases.services.ground import looked_after, write_down

WHY_LONGEST = 500


def advance(*, campaign_id: int, now: datetime) -> str | None:
    """Take the next step of a campaign that is collecting, whatever it is, once; what it was, None where it is
    collecting no more."""
    campaign = ground.held(campaign_id, Campaign.status == "collecting")
    if campaign is None:
        return None
    found = asking.pay_by_hand(asking.standing_of(campaign_id))
    out = [asked.pledge for asked in found if asked.card.how != "secured"]
    without = ending.without(campaign, out)
    step = rules.next_step(
        [asked.card for asked in found], enough=without.reached, decide_by=campaign.decide_by, now=now
    )
    if step == "ask":
        asking.ask(campaign, found, now=now)
    elif step == "succeed":
        _succeed(campaign, actor_id=None, now=now)
    elif step == "hold":
        telling.ask_organizers(campaign, found, now=now)
    elif step == "without_them":
        _go_on_without(campaign, out, without, actor_id=None, now=now)
    elif step == "give_up":
        _fail(campaign, without, now=now)
    db.session.flush()
    return step


def decide(
    *, campaign_id: int, choice: str, actor_id: int, why: str | None = None, now: datetime
) -> Campaign:
    """Its organizer says how it goes on without those whose card was refused: `cover` (their units are the hub's, all
    else stays), `offer` (they go to the others as far as these would take more), `remove` (packs and prices are counted
    anew; nobody passes her ceiling), `cancel`. Raises `Conflict` still_asking, nothing_to_decide, nobody_left."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    if choice == "cancel":
        return call_off(campaign_id=campaign_id, actor_id=actor_id, why=why, now=now)
    held = ground.held(campaign_id, Campaign.status == "collecting")
    if held is None:
        raise Conflict("collecting.decided")
    out = refused(campaign_id)
    outcome = ending.outcome_of(choice, campaign, out)
    if outcome is not None and not outcome.bills:
        raise Conflict("collecting.nobody_left")
    write_down("purchases.decided", campaign, actor_id=actor_id, now=now, choice=choice)
    _go_on_without(campaign, out, outcome, actor_id=actor_id, now=now)
    db.session.flush()
    return campaign


def refused(campaign_id: int) -> list[Pledge]:
    """The pledges whose card was refused, or waits for its owner, once all have been asked."""
    found = asking.standing_of(campaign_id)
    if any(asked.card.how in ("asking", "unasked") for asked in found):
        raise Conflict("collecting.still_asking")
    out = [asked.pledge for asked in found if asked.card.how != "secured"]
    if not out:
        raise Conflict("collecting.nothing_to_decide")
    return out


def call_off(*, campaign_id: int, actor_id: int, why: str | None, now: datetime) -> Campaign:
    """It does not take place after all, while nothing is ordered: what cards hold or have paid goes back to them, and
    nobody owes anything for it."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    before = campaign.status
    if before not in ("collecting", "succeeded"):
        raise Conflict("purchases.not_called_off")
    clean = checked("why", why, longest=WHY_LONGEST, shortest=3, lines=True)
    campaign.status, campaign.ended_at, campaign.ended_why = "cancelled", now, clean
    campaign.version += 1
    if before == "succeeded":
        _owe_nothing(campaign, actor_id=actor_id, now=now)
    let_go(campaign_id=campaign_id, now=now)
    write_down("purchases.called_off", campaign, actor_id=actor_id, now=now, before=before)
    outbox.record(CampaignCancelled(campaign_id, before), now=now)
    db.session.flush()
    return campaign


def let_go(*, campaign_id: int, now: datetime) -> None:
    """Whatever cards hold or have paid for a campaign goes back, and none is kept for it any more."""
    for pledge in db.session.scalars(
        select(Pledge).where(Pledge.campaign_id == campaign_id).order_by(Pledge.id)
    ):
        _let_go_of(pledge, now=now)


def forget_card(*, pledge_id: int, now: datetime) -> None:
    """It is paid: the card was kept for nothing else."""
    cards.forget_card(subject=db.session.get_one(Pledge, pledge_id).subject, now=now)


def _go_on_without(
    campaign: Campaign, out: Sequence[Pledge], outcome: Outcome | None, *, actor_id: int | None, now: datetime
) -> None:
    """Leave these pledges out and go on; with `outcome` what the others get and pay is written anew."""
    if outcome is not None:
        closing.fix(campaign, outcome)
    for pledge in out:
        pledge.status = "removed"
        pledge.version += 1
        pledge.total_cents = pledge.share_cents = pledge.waived_cents = None
        db.session.execute(delete(Allotment).where(Allotment.pledge_id == pledge.id))
        _let_go_of(pledge, now=now)
        outbox.record(PledgeRemoved(pledge.id), now=now)
    db.session.flush()
    _succeed(campaign, actor_id=actor_id, now=now)


def _succeed(campaign: Campaign, *, actor_id: int | None, now: datetime) -> None:
    """Everybody owes her sum; those who pay by card pay it now, out of what is held there, and the rest of it is free."""
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.status == "live").order_by(Pledge.id)
    ).all()
    campaign.status = "succeeded"
    dues.post(campaign, pledges, actor_id=actor_id, now=now)
    for pledge in pledges:
        if pledge.payment == "card":
            _pay_by_card(campaign, pledge, now=now)
    outbox.record(CampaignSucceeded(campaign.id), now=now)


def _pay_by_card(campaign: Campaign, pledge: Pledge, *, now: datetime) -> None:
    """What is too little for a card is paid at the counter."""
    hold = card_queries.hold_of(pledge.subject)
    total = pledge.total_cents or 0
    if hold is None or not sums.chargeable(total, campaign.currency):
        pledge.payment = "counter" if total else "card"
        _let_go_of(pledge, now=now)
        return
    cards.plan(
        kind="capture",
        subject=pledge.subject,
        resident_id=pledge.resident_id,
        cents=total,
        of=hold.id,
        now=now,
    )


def _fail(campaign: Campaign, without: Outcome, *, now: datetime) -> None:
    """Nobody answered in time, and those who can pay are not enough: all are free."""
    campaign.status, campaign.ended_at = "failed", now
    campaign.pledged_cents = without.secured_cents
    let_go(campaign_id=campaign.id, now=now)
    outbox.record(CampaignFailed(campaign.id), now=now)


def _owe_nothing(campaign: Campaign, *, actor_id: int, now: datetime) -> None:
    """The contrary of what each was to pay. Who has paid by hand already has it on her account from now on."""
    owing = (Pledge.campaign_id == campaign.id, Pledge.status == "live", Pledge.total_cents > 0)
    for pledge in db.session.scalars(select(Pledge).where(*owing).order_by(Pledge.id)):
        total = pledge.total_cents or 0
        ledger.post(
            source=pledge.subject,
            kind="due_cancelled",
            subject=pledge.subject,
            lines=[(Account.campaign(campaign.subject), total), (Account.member(pledge.resident_id), -total)],
            currency=campaign.currency,
            actor_id=actor_id,
            now=now,
        )


def _let_go_of(pledge: Pledge, *, now: datetime) -> None:
    cards.give_back(subject=pledge.subject, now=now)
    cards.forget_card(subject=pledge.subject, now=now)
