"""Deposits that were left by card, and what damage is said to come to. Cards and what was asked of them stand with the
payments, under the loan's subject."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

LIVE = text("over_at IS NULL")


class CardDeposit(Base):
    """The deposit of a loan by card, until the card is given back or has paid (`over_at`). `hold_ended_at`: since when the
    card is only kept, because a bank would have let go of what it held."""

    __tablename__ = "card_deposit"
    __table_args__ = (Index("ix_card_deposit_live", "loan_id", sqlite_where=LIVE, postgresql_where=LIVE),)

    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="CASCADE"), primary_key=True)
    left_at: Mapped[datetime]
    hold_ended_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]


class DamageClaim(Base):
    """What those who decide ask for damage, once for a loan; whoever borrowed accepts, contests, or is silent.

    `open`, then `contested` (`answer` in her words), `due` (`due_cents`, at most what was asked) or `dropped`. Empty
    `decided_by_id` of one that is due: she accepted, or was silent.
    """

    __tablename__ = "damage_claim"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("state IN ('open', 'contested', 'due', 'dropped')", name="state"),
        CheckConstraint(
            "(state = 'due') = (due_at IS NOT NULL) AND (due_at IS NULL) = (due_cents IS NULL)", name="due"
        ),
        CheckConstraint("due_cents IS NULL OR (due_cents > 0 AND due_cents <= cents)", name="due_cents"),
    )

    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("repair_ticket.id"), index=True)
    cents: Mapped[int]
    why: Mapped[str]
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    claimed_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="", server_default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_why: Mapped[str] = mapped_column(default="", server_default="")
    due_cents: Mapped[int | None]
    due_at: Mapped[datetime | None]
