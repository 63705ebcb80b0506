"""What somebody can do before the closing: pledge, change her pledge, take it back. Each is written while the campaign is
held, so that the last units go to one, and nothing is said after the closing has begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from app.accounts import policy as accounts_policy
from app.accounts.models import Resident
from app.core.db import db, inserting
from app.core.errors import Conflict, Invalid
from app.payments.cards import queries as card_queries
from app.payments.cards import services as cards
from app.purchases.models import Campaign, Product
from app.purchases.pledging import ground, rules
from app.purchases.pledging.models import Pledge, PledgeForm
from app.purchases.pledging.rules import Wish
from app.purchases.pledging.standing import terms_of
from app.purchases.rules import ceiling

_CONFIRMED = select(Resident.email_confirmed_at, Resident.verified_in_person_at).where(
    Resident.id == bindparam("resident")
)
_PLEDGE = (
    select(Pledge)
    .where(Pledge.campaign_id == bindparam("campaign"), Pledge.resident_id == bindparam("resident"))
    .execution_options(populate_existing=True)
)
_PRICES = select(Product.id, Product.price_cents).where(Product.campaign_id == bindparam("campaign"))


@dataclass(frozen=True)
class Pledged:
    """A pledge as it stands; `attempt_id`: the card that it waits for. `repeated`: the form was sent before."""

    campaign: Campaign
    pledge: Pledge
    attempt_id: int | None
    repeated: bool = False


def pledge(
    *,
    campaign_id: int,
    actor_id: int,
    wishes: Sequence[Wish],
    payment: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Pledged:
    """Say how much one would take of each product; what was said before is replaced whole. More comes after what others
    have said meanwhile, less gives up the newest. `payment`: counter or card, where there is a choice; without a card of
    hers the units are held for half an hour. `key` is the form's: sent again, it changes nothing.

    Raises `Conflict` campaign_closed, sold_out (`product`, `left`), no_cards, email_unconfirmed; `Invalid`
    for what cannot be wanted.
    """
    campaign = ground.held_open(campaign_id, now=now)
    _refuse_unknown(actor_id)
    own = _pledge_of(campaign_id, actor_id)
    if key is not None and not _first_time(campaign_id, actor_id, key, now=now) and own is not None:
        return Pledged(campaign, own, attempt_waiting(own), repeated=True)
    touched = ground.lapse_overdue(campaign_id, now=now)
    wished, own_cents = _read(wishes, campaign_id)
    means = _means(campaign, payment or (own.payment if own else None))
    if own is None:
        own = Pledge(campaign_id=campaign_id, resident_id=actor_id, payment=means, created_at=now, version=0)
        own.status, own.ceiling_cents = "live", 0
        db.session.add(own)
        db.session.flush()
    touched |= ground.change(own.id, wished, now=now)
    own.ceiling_cents = ceiling(own_cents, terms_of(campaign))
    own.version += 1
    attempt_id = _pay_by(own, means, now=now)
    ground.recount(campaign, touched, pledge_id=own.id, now=now)
    return Pledged(campaign, own, attempt_id)


def withdraw(*, campaign_id: int, actor_id: int, now: datetime) -> Pledge | None:
    """Take it all back; the units are free at once. Said twice, it holds once; None where there never was a pledge."""
    campaign = ground.held_open(campaign_id, now=now)
    own = _pledge_of(campaign_id, actor_id)
    if own is None or own.status not in ("holding", "live"):
        return own
    touched = ground.change(own.id, {}, now=now)
    _let_go_of_card(own, now=now)
    own.status, own.held_until, own.ceiling_cents = "withdrawn", None, 0
    own.version += 1
    ground.recount(campaign, touched | ground.lapse_overdue(campaign_id, now=now), now=now)
    return own


def lapse(*, campaign_id: int, now: datetime) -> int:
    """Whose card did not come within half an hour gives her units up; how many pledges that were."""
    campaign = ground.held(campaign_id, Campaign.status == "open")
    if campaign is None:
        return 0  # the closing waits for them, and looks itself
    before = campaign.pledgers
    ground.recount(campaign, ground.lapse_overdue(campaign_id, now=now), now=now)
    return before - campaign.pledgers


def card_saved(*, pledge_id: int, now: datetime) -> None:
    """Her card is there: the pledge counts. One that needs no card any more, or was given up meanwhile, lets go of it:
    it is kept for nothing else."""
    campaign_id = db.session.scalar(select(Pledge.campaign_id).where(Pledge.id == pledge_id))
    if campaign_id is None or ground.held(campaign_id) is None:
        return
    own = db.session.get_one(Pledge, pledge_id, populate_existing=True)
    if own.status == "holding":
        own.status, own.held_until = "live", None
        own.version += 1
    elif own.payment != "card" or own.status != "live":
        cards.forget_card(subject=own.subject, now=now)


def attempt_waiting(own: Pledge) -> int | None:
    """What a pledge waits for from her who made it: a card that is to be saved; after the closing, a bank that is to be
    answered, or another card in place of one that was refused."""
    if own.status == "holding":
        attempt = card_queries.latest(own.subject, "save")
        return None if attempt is None or attempt.status == "succeeded" else attempt.id
    if own.status != "live" or own.payment != "card" or own.campaign.status != "collecting":
        return None
    asked, card = card_queries.latest(own.subject, "authorize"), card_queries.card_of(own.subject)
    if asked is None or asked.status not in ("requires_action", "declined"):
        return None
    replaced = asked.status == "declined" and card is not None and card.attempt_id > asked.id
    return None if replaced else asked.id


# --- what is said ----------------------------------------------------------------------------------------------------


def _refuse_unknown(actor_id: int) -> None:
    person = db.session.execute(_CONFIRMED, {"resident": actor_id}).one()
    for reason in accounts_policy.why_not_confirmed(
        email_confirmed=person.email_confirmed_at is not None,
        verified_in_person=person.verified_in_person_at is not None,
    ):
        raise Conflict(reason)


def _pledge_of(campaign_id: int, resident_id: int) -> Pledge | None:
    return db.session.scalar(_PLEDGE, {"campaign": campaign_id, "resident": resident_id})


def _first_time(campaign_id: int, resident_id: int, key: str, *, now: datetime) -> bool:
    fresh = (
        inserting(PledgeForm)
        .values(campaign_id=campaign_id, resident_id=resident_id, key=key, at=now)
        .on_conflict_do_nothing()
        .returning(PledgeForm.key)
    )
    return db.session.scalar(fresh) is not None


def _read(wishes: Sequence[Wish], campaign_id: int) -> tuple[dict[int, tuple[int, int]], int]:
    """What is wanted by product, and what that is at the dearest prices; each product once, nothing below zero."""
    prices = dict(db.session.execute(_PRICES, {"campaign": campaign_id}).all())
    faults: dict[str, str | tuple[str, dict[str, int]]] = {}
    wished: dict[int, tuple[int, int]] = {}
    for wish in wishes:
        field = f"want_{wish.product_id}"
        if wish.product_id not in prices or wish.product_id in wished:
            faults["lines"] = "pledging.not_for_sale"
        elif not (0 <= wish.want <= rules.MOST_UNITS and 0 <= wish.tolerance <= rules.MOST_UNITS):
            faults[field] = ("core.out_of_range", {"min": 0, "max": rules.MOST_UNITS})
        elif wish.tolerance and not wish.want:
            faults[field] = "pledging.tolerance_alone"
        wished[wish.product_id] = (wish.want, wish.tolerance)
    if not faults and not any(want for want, _ in wished.values()):
        faults["lines"] = "pledging.nothing_wanted"
    if faults:
        raise Invalid(faults)
    cents = sum((want + tolerance) * prices[product_id] for product_id, (want, tolerance) in wished.items())
    if cents > rules.MOST_CENTS:
        raise Invalid({"lines": "pledging.too_much"})
    return {product_id: said for product_id, said in wished.items() if any(said)}, cents


# --- how it is paid --------------------------------------------------------------------------------------------------


def _means(campaign: Campaign, payment: str | None) -> str:
    accepted = rules.payments(campaign.payment, cards=card_queries.enabled())
    if not accepted or (payment == "card" and campaign.payment != "counter" and "card" not in accepted):
        raise Conflict("pledging.no_cards")
    if payment is None:
        return accepted[0]
    if payment not in accepted:
        raise Invalid({"payment": "pledging.other_payment"})
    return payment


def _pay_by(own: Pledge, means: str, *, now: datetime) -> int | None:
    """Count it at once, or hold it until her card is there: then the attempt that saves it."""
    if own.payment == "card" and means != "card":
        _let_go_of_card(own, now=now)
    own.payment = means
    if means == "counter" or card_queries.card_of(own.subject) is not None:
        own.status, own.held_until = "live", None
        return None
    if own.status != "holding":
        own.status, own.held_until = "holding", now + rules.HELD_FOR
    attempt = cards.plan(
        kind="save",
        subject=own.subject,
        resident_id=own.resident_id,
        cents=0,
        currency=own.campaign.currency,
        now=now,
    )
    return attempt.id


def _let_go_of_card(own: Pledge, *, now: datetime) -> None:
    """It was kept for this pledge alone; one that is just being saved is let go when it comes."""
    if own.payment == "card":
        cards.forget_card(subject=own.subject, now=now)
