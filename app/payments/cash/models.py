"""Receipts, and the hub's cash box from one count to the next."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says
from app.payments.cash.rules import MEANS

STANDS = text("reversed_at IS NULL")
OPEN = text("closed_at IS NULL")


class CashBox(Base):
    """A hub's cash box while it is open: counted at its opening and at its closing. `expected_cents` is what the ledger
    said before it was counted; the difference is the hub's."""

    __tablename__ = "cash_box"
    __table_args__ = (
        CheckConstraint("opened_cents >= 0 AND (closed_cents IS NULL OR closed_cents >= 0)", name="counted"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_cents IS NULL) AND (closed_at IS NULL) = (expected_cents IS NULL)"
            " AND (closed_at IS NULL) = (closed_by_id IS NULL)",
            name="closed",
        ),
        Index("uq_cash_box_open", "hub_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_cash_box_hub", "hub_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    currency: Mapped[str] = mapped_column(default="EUR")
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    opened_cents: Mapped[int]
    found_cents: Mapped[int]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    closed_cents: Mapped[int | None]
    expected_cents: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")

    @property
    def difference_cents(self) -> int:
        """Once closed: above zero there was more in it than expected, below zero less."""
        return (self.closed_cents or 0) - (self.expected_cents or 0)


class Receipt(Base):
    """Money that a member handed over at a hub (`way` in), or was given back there (out). Once for each key, until it
    is reversed: then its contrary stands in the ledger, and it can be taken anew."""

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("way IN ('in', 'out')", name="way"),
        CheckConstraint(f"means IN {MEANS}", name="means"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by_id IS NULL)"
            " AND (reversed_at IS NULL) = (reversed_why IS NULL)",
            name="reversed",
        ),
        Index("uq_receipt_key", "key", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_receipt_hub", "hub_id", "id"),
        Index("ix_receipt_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    way: Mapped[str]
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    box_id: Mapped[int | None] = mapped_column(ForeignKey("cash_box.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    subject: Mapped[str]
    means: Mapped[str]
    cents: Mapped[int]
    currency: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    reversed_why: Mapped[str | None]

    @property
    def source(self) -> str:
        """Its name in the ledger."""
        return f"receipt:{self.id}"

    @property
    def gained_cents(self) -> int:
        """What the hub gained by it; below zero what it gave."""
        return self.cents if self.way == "in" else -self.cents


constraint_says("uq_receipt_key", "core.idempotency_race")
constraint_says("receipt.key", "core.idempotency_race")
constraint_says("uq_cash_box_open", "cash.open_already")
constraint_says("cash_box.hub_id", "cash.open_already")
