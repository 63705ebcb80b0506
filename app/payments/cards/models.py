"""Cards that are kept, attempts with them, and what the provider told us on its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says
from app.payments.cards.rules import KINDS, STATUSES

LIVE = text("removed_at IS NULL")
DUE = text("next_try_at IS NOT NULL")
UNREAD = text("read_at IS NULL")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class CardCustomer(Base):
    """A resident as the provider knows her: a number there, and nothing else of hers."""

    __tablename__ = "card_customer"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)


class SavedCard(Base):
    """A card that its owner left for one subject. Of the card itself only what tells her which one it is."""

    __tablename__ = "saved_card"
    __table_args__ = (
        Index("uq_saved_card_live", "subject", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    subject: Mapped[str]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempt.id"), unique=True)
    customer: Mapped[str]
    reference: Mapped[str]
    brand: Mapped[str]
    last4: Mapped[str]
    exp_month: Mapped[int]
    exp_year: Mapped[int]
    saved_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class PaymentAttempt(Base):
    """One thing asked of the provider, under one key for ever: `parameters` are its words, so that it is said again
    alike. `of_id`: the attempt that it captures, releases or refunds.

    `first_sent_at`: since when the provider may have heard of it; `leased_until`: somebody is asking right now;
    `next_try_at`: when it is looked at again (empty: it has ended). `unwanted`: whatever it still takes goes back.
    `over_at`: of an authorisation, when its money was captured, released, or let go by the bank, which it does at
    `lapses_at` at the latest. `reference` is the provider's own number, of a capture and a release once it is done.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "seq"),
        UniqueConstraint("kind", "reference"),
        CheckConstraint(f"kind IN ({_one_of(KINDS)})", name="kind"),
        CheckConstraint(f"status IN ({_one_of(STATUSES)})", name="status"),
        CheckConstraint("cents >= 0 AND (cents > 0 OR kind IN ('save', 'release', 'forget'))", name="cents"),
        CheckConstraint("(kind IN ('capture', 'release', 'refund')) = (of_id IS NOT NULL)", name="of"),
        CheckConstraint("(ended_at IS NULL) = (status NOT IN ('succeeded', 'declined'))", name="ended"),
        CheckConstraint("ended_at IS NULL OR next_try_at IS NULL", name="over"),
        Index("ix_payment_attempt_due", "next_try_at", "id", sqlite_where=DUE, postgresql_where=DUE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    seq: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    cents: Mapped[int]
    currency: Mapped[str]
    of_id: Mapped[int | None] = mapped_column(ForeignKey("payment_attempt.id"), index=True)
    parameters: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="planned")
    code: Mapped[str | None]
    reference: Mapped[str | None]
    unwanted: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    lapses_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """Something the provider told us, once for its own number. It is only a hint to look: what happened is asked again
    of the provider itself."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        Index("ix_webhook_event_due", "next_try_at", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    received_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    known: Mapped[bool] = mapped_column(default=True)


constraint_says("uq_payment_attempt_subject_kind_seq", "cards.already_asked")
constraint_says("payment_attempt.subject", "cards.already_asked")
