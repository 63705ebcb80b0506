"""How the cards of a campaign stand, and asking those that were not asked yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.db import db
from app.payments.cards import queries as card_queries
from app.payments.cards import services as cards
from app.payments.cards.models import PaymentAttempt
from app.purchases.collecting import rules
from app.purchases.collecting.rules import Card
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge


@dataclass(frozen=True)
class Asked:
    """One pledge that is paid by card, how its card stands, and the last attempt to ask it."""

    pledge: Pledge
    card: Card
    attempt: PaymentAttempt | None


def standing_of(campaign_id: int) -> list[Asked]:
    """The pledges that are paid by card, in their order."""
    pledges = by_card(campaign_id)
    subjects = [pledge.subject for pledge in pledges]
    attempts = card_queries.latest_of(subjects, "authorize")
    kept = card_queries.cards_for(subjects)
    found = []
    for pledge in pledges:
        attempt, card = attempts.get(pledge.subject), kept.get(pledge.subject)
        how = rules.how(
            attempt.status if attempt else None,
            over=attempt is not None and attempt.over_at is not None,
            newer_card=attempt is not None and card is not None and card.attempt_id > attempt.id,
            enough=attempt is not None and attempt.cents >= (pledge.total_cents or 0),
        )
        found.append(Asked(pledge, Card(pledge.id, how, attempt.id if attempt else None), attempt))
    return found


def by_card(campaign_id: int) -> Sequence[Pledge]:
    """The pledges that count and are paid by card."""
    return db.session.scalars(
        select(Pledge)
        .where(
            Pledge.campaign_id == campaign_id,
            Pledge.status == "live",
            Pledge.payment == "card",
            Pledge.total_cents > 0,
        )
        .order_by(Pledge.id)
        .execution_options(populate_existing=True)
    ).all()


def pay_by_hand(found: Sequence[Asked]) -> list[Asked]:
    """Whose card cannot be used at all pays at the counter, as anybody does there; all the others."""
    left = []
    for asked in found:
        if asked.card.how == "refused" and asked.attempt is not None and asked.attempt.code in rules.BY_HAND:
            asked.pledge.payment = "counter"
        else:
            left.append(asked)
    db.session.flush()
    return left


def ask(campaign: Campaign, found: Sequence[Asked], *, now: datetime) -> None:
    """Have those cards asked that were not yet: for what she was told that she pays at most, so that whatever is decided
    no card has to be asked twice. It is a plan; the provider hears of it after the commit."""
    for asked in found:
        if asked.card.how == "unasked":
            cards.plan(
                kind="authorize",
                subject=asked.pledge.subject,
                resident_id=asked.pledge.resident_id,
                cents=asked.pledge.ceiling_cents,
                currency=campaign.currency,
                now=now,
            )
