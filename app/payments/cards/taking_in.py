"""What follows, once, when something asked of a card has succeeded: by kind, in the transaction that writes it down."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core import outbox
from app.core.db import db, inserting
from app.events.payments import AttemptEnded, CardSaved, RefundMade
from app.payments.cards import queries, rules
from app.payments.cards.models import CardCustomer, PaymentAttempt, SavedCard
from app.payments.gateways import choosing
from app.payments.gateways.protocol import Answer
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account


def customer_of(resident_id: int) -> str | None:
    """Her number at the provider, once she has one."""
    return db.session.scalar(select(CardCustomer.reference).where(CardCustomer.resident_id == resident_id))


def _saved(attempt: PaymentAttempt, answer: Answer, *, now: datetime) -> None:
    """The card is kept, in place of the one before it. One that nobody waits for any more is forgotten at once."""
    card, customer = answer.card, answer.customer
    if card is None or customer is None:
        raise ValueError("a card was saved that nobody has seen")
    db.session.execute(
        inserting(CardCustomer)
        .values(resident_id=attempt.resident_id, reference=customer)
        .on_conflict_do_nothing()
    )
    before = queries.card_of(attempt.subject)
    if before is not None:
        let_go_of(before, now=now)
    kept = SavedCard(
        resident_id=attempt.resident_id,
        subject=attempt.subject,
        attempt_id=attempt.id,
        customer=customer,
        reference=card.reference,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        saved_at=now,
    )
    db.session.add(kept)
    db.session.flush()
    if attempt.unwanted:
        let_go_of(kept, now=now)
    else:
        outbox.record(CardSaved(kept.id, kept.subject, kept.resident_id), now=now)


def let_go_of(card: SavedCard, *, now: datetime) -> None:
    """Keep a card no longer, and have the provider forget it."""
    card.removed_at = now
    seq = 1 + (
        db.session.scalar(
            select(func.max(PaymentAttempt.seq)).where(
                PaymentAttempt.subject == card.subject, PaymentAttempt.kind == "forget"
            )
        )
        or 0
    )
    db.session.add(
        PaymentAttempt(
            kind="forget",
            subject=card.subject,
            seq=seq,
            key=f"{choosing.installation()}:{card.subject}:forget:{seq}",
            resident_id=card.resident_id,
            cents=0,
            currency="EUR",
            parameters={"method": card.reference},
            created_at=now,
            next_try_at=now,
        )
    )
    db.session.flush()


def _authorized(attempt: PaymentAttempt, answer: Answer, *, now: datetime) -> None:
    attempt.lapses_at = answer.lapses_at or now + rules.CARD_KEPT


def _came(attempt: PaymentAttempt, _answer: Answer, *, now: datetime) -> None:
    """Money has come from the member's card; of what was held, the rest is free."""
    if attempt.of_id is not None:
        db.session.get_one(PaymentAttempt, attempt.of_id).over_at = now
    _post(attempt, attempt.cents, now=now)


def not_captured(attempt: PaymentAttempt, *, now: datetime) -> None:
    """What was held is held no longer: it lapsed before it was captured."""
    base = db.session.get_one(PaymentAttempt, attempt.of_id)
    base.over_at = base.over_at or now


def _released(attempt: PaymentAttempt, _answer: Answer, *, now: datetime) -> None:
    """Nothing is held any more; what still waited for its owner has ended with it."""
    base = db.session.get_one(PaymentAttempt, attempt.of_id)
    if base.status in rules.ENDED:
        base.over_at = base.over_at or now
        return
    base.status, base.code, base.ended_at, base.next_try_at = "declined", "released", now, None
    outbox.record(AttemptEnded(base.id, base.subject, base.kind, "declined", base.cents), now=now)


def _went_back(attempt: PaymentAttempt, _answer: Answer, *, now: datetime) -> None:
    _post(attempt, -attempt.cents, now=now)
    outbox.record(
        RefundMade(
            source=f"attempt:{attempt.id}",
            subject=attempt.subject,
            resident_id=attempt.resident_id,
            cents=attempt.cents,
            currency=attempt.currency,
            means="card",
        ),
        now=now,
    )


def _forgotten(_attempt: PaymentAttempt, _answer: Answer, *, now: datetime) -> None:
    """Nothing follows."""


def _post(attempt: PaymentAttempt, cents: int, *, now: datetime) -> None:
    ledger.post(
        source=f"attempt:{attempt.id}",
        kind=attempt.kind,
        subject=attempt.subject,
        lines=[(Account.stripe(), cents), (Account.member(attempt.resident_id), -cents)],
        currency=attempt.currency,
        actor_id=None,
        now=now,
    )


DONE: Mapping[str, Callable[..., Any]] = {
    "save": _saved,
    "authorize": _authorized,
    "charge": _came,
    "capture": _came,
    "release": _released,
    "refund": _went_back,
    "forget": _forgotten,
}
