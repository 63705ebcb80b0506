"""What can be seen of cards and of what was asked of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.core.db import db
from app.core.errors import NotFound
from app.payments.cards import rules
from app.payments.cards.models import PaymentAttempt, SavedCard
from app.payments.gateways import choosing

REFUND_STANDS = ("planned", "unknown", "processing", "requires_action", "succeeded")
"""A refund that has gone, or may yet go."""


def enabled() -> bool:
    """Whether neighbours can pay by card here."""
    return choosing.takes_cards()


def card_of(subject: str) -> SavedCard | None:
    """The card that is kept for this subject."""
    return db.session.scalar(
        select(SavedCard).where(SavedCard.subject == subject, SavedCard.removed_at.is_(None))
    )


def cards_for(subjects: Sequence[str]) -> dict[str, SavedCard]:
    """The same of many subjects."""
    found = db.session.scalars(
        select(SavedCard).where(SavedCard.subject.in_(subjects), SavedCard.removed_at.is_(None))
    )
    return {card.subject: card for card in found}


def cards_of(resident_id: int) -> Sequence[SavedCard]:
    """The cards that she has left, newest first."""
    return db.session.scalars(
        select(SavedCard)
        .where(SavedCard.resident_id == resident_id, SavedCard.removed_at.is_(None))
        .order_by(SavedCard.id.desc())
    ).all()


def attempt_of(attempt_id: int, *, viewer_id: int) -> PaymentAttempt:
    """An attempt with her own card; `NotFound` where it is not hers."""
    found = db.session.scalar(
        select(PaymentAttempt).where(PaymentAttempt.id == attempt_id, PaymentAttempt.resident_id == viewer_id)
    )
    if found is None:
        raise NotFound
    return found


def latest(subject: str, kind: str) -> PaymentAttempt | None:
    """The last thing of this kind that was asked for a subject."""
    return db.session.scalar(
        select(PaymentAttempt)
        .where(PaymentAttempt.subject == subject, PaymentAttempt.kind == kind)
        .order_by(PaymentAttempt.seq.desc())
        .limit(1)
    )


def latest_of(subjects: Sequence[str], kind: str) -> dict[str, PaymentAttempt]:
    """The same of many subjects."""
    found = db.session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.subject.in_(subjects), PaymentAttempt.kind == kind)
        .order_by(PaymentAttempt.seq)
    )
    return {attempt.subject: attempt for attempt in found}


def hold_of(subject: str) -> PaymentAttempt | None:
    """The authorisation that holds money on a card for this subject now."""
    return db.session.scalar(
        select(PaymentAttempt)
        .where(
            PaymentAttempt.subject == subject,
            PaymentAttempt.kind == "authorize",
            PaymentAttempt.status == "succeeded",
            PaymentAttempt.over_at.is_(None),
        )
        .order_by(PaymentAttempt.seq.desc())
        .limit(1)
    )


def taken_of(subject: str) -> PaymentAttempt | None:
    """What a card has paid for this subject, last: a capture or a charge; it can be refunded."""
    return db.session.scalar(
        select(PaymentAttempt)
        .where(
            PaymentAttempt.subject == subject,
            PaymentAttempt.kind.in_(("capture", "charge")),
            PaymentAttempt.status == "succeeded",
        )
        .order_by(PaymentAttempt.id.desc())
        .limit(1)
    )


def refundable(taken: PaymentAttempt) -> int:
    """What of it has not gone back to the card and is not on its way."""
    refunds = db.session.scalars(
        select(PaymentAttempt.cents).where(
            PaymentAttempt.of_id == taken.id,
            PaymentAttempt.kind == "refund",
            PaymentAttempt.status.in_(REFUND_STANDS),
        )
    )
    return rules.left_to_refund(taken.cents, list(refunds)) if taken.status == "succeeded" else 0


def due(*, now: datetime, limit: int) -> list[int]:
    """Attempts that wait to be spoken, or looked at again, oldest first."""
    return list(
        db.session.scalars(
            select(PaymentAttempt.id)
            .where(
                PaymentAttempt.next_try_at <= now,
                or_(PaymentAttempt.leased_until.is_(None), PaymentAttempt.leased_until <= now),
            )
            .order_by(PaymentAttempt.next_try_at, PaymentAttempt.id)
            .limit(limit)
        )
    )


def about(reference: str, *, now: datetime) -> tuple[list[int], bool]:
    """The attempts that a provider's number is about, its own and those that stand on it and have not ended; and whether
    somebody has one of them in hand."""
    own = select(PaymentAttempt.id).where(
        PaymentAttempt.kind.in_(("save", "authorize", "charge", "refund")),
        PaymentAttempt.reference == reference,
    )
    standing = and_(PaymentAttempt.of_id.in_(own), PaymentAttempt.ended_at.is_(None))
    found = db.session.execute(
        select(PaymentAttempt.id, PaymentAttempt.leased_until)
        .where(or_(PaymentAttempt.id.in_(own), standing))
        .order_by(PaymentAttempt.id)
    ).all()
    return [row.id for row in found], any(row.leased_until and row.leased_until > now for row in found)
