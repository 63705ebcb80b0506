"""Loans, what happened to each, the reminders that went out, and repairs."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.models import Hub
from app.items.models import Item, ItemClaim

STATUSES = ("requested", "reserved", "checked_out", "returned", "declined", "cancelled", "expired", "lost")
HOLDING = ("requested", "reserved", "checked_out")
"""The statuses in which a loan takes its object's days."""
LOOK_NOW = datetime(1970, 1, 1, tzinfo=UTC)
"""`Loan.remind_at` of a loan whose due day was just set: the next sweep looks at it, whatever the hour."""
SEEN = text("why IS NOT NULL AND (kind = 'checked_out' OR kind = 'returned')")
"""What was written down of how an object looked when it left and came back; forgotten after a year."""


class Loan(Base):
    """One record from the asking to the end. `first_day` and `due` are civil days of the hub (of the installation
    where there is none), `due` included. The days themselves are taken by the claim. Money in cents.

    `pick_up_until`: the last day it is kept for a borrower who did not come on the first one. `due_set_at`: since
    when this due day holds. `remind_at`: when its next reminder is due (empty: there is none left).
    `given_at`, `received_at`, `back_given_at`: what the two neighbours of a loan without a counter have tapped.
    """

    __tablename__ = "loan"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'reserved', 'checked_out', 'returned', 'declined', 'cancelled', 'expired', 'lost')",
            name="status",
        ),
        CheckConstraint("first_day <= due", name="order"),
        CheckConstraint("renewals >= 0", name="renewals"),
        Index(
            "uq_loan_item_out",
            "item_id",
            unique=True,
            sqlite_where=text("status = 'checked_out'"),
            postgresql_where=text("status = 'checked_out'"),
        ),
        Index("ix_loan_borrower", "borrower_id", "status", "due"),
        Index("ix_loan_owner", "owner_id", "status", "due"),
        Index("ix_loan_hub", "hub_id", "status", "due"),
        Index("ix_loan_item", "item_id", "first_day"),
        Index("ix_loan_status_due", "status", "due", "id"),
        Index("ix_loan_remind", "status", "remind_at", "id"),
        Index(
            "ix_loan_answer_by",
            "answer_by",
            sqlite_where=text("status = 'requested'"),
            postgresql_where=text("status = 'requested'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    borrower_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("item_claim.id"), index=True)
    status: Mapped[str]
    first_day: Mapped[date]
    due: Mapped[date]
    walk_in: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    owner_reminded_at: Mapped[datetime | None]
    reserved_at: Mapped[datetime | None]
    pick_up_until: Mapped[date | None]
    checked_out_at: Mapped[datetime | None]
    checked_out_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    checked_in_at: Mapped[datetime | None]
    checked_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    ended_at: Mapped[datetime | None]
    due_set_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None] = mapped_column(
        default=LOOK_NOW, server_default=text("'1970-01-01 00:00:00.000000'")
    )
    renewals: Mapped[int] = mapped_column(default=0)
    deposit_cents: Mapped[int | None]
    deposit_received_cents: Mapped[int | None]
    deposit_returned_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    condition_out: Mapped[str | None]
    condition_in: Mapped[str | None]
    given_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    back_given_at: Mapped[datetime | None]

    item: Mapped[Item] = relationship()
    borrower: Mapped[Resident] = relationship(foreign_keys=[borrower_id])
    owner: Mapped[Resident | None] = relationship(foreign_keys=[owner_id])
    hub: Mapped[Hub | None] = relationship()
    claim: Mapped[ItemClaim] = relationship()
    history: Mapped[list["LoanEvent"]] = relationship(order_by="LoanEvent.id", back_populates="loan")


class LoanEvent(Base):
    """One line of a loan's history: what changed, when, by whom, where and why. `before` holds what an undo puts back."""

    __tablename__ = "loan_event"
    __table_args__ = (
        Index("ix_loan_event_hub", "hub_id", "at", "id"),
        Index("ix_loan_event_seen", "at", sqlite_where=SEEN, postgresql_where=SEEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    status: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    why: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    loan: Mapped[Loan] = relationship(back_populates="history")


class ReminderSent(Base):
    """This level was told for this due day; a second run finds it and stays silent."""

    __tablename__ = "reminder_sent"
    __table_args__ = (UniqueConstraint("loan_id", "due", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="CASCADE"))
    due: Mapped[date]
    level: Mapped[str]
    at: Mapped[datetime]


class RepairTicket(Base):
    """An object that came back damaged or incomplete, until it is whole again or given up (`closed_at`). `state` says
    how far it is, `paid_by` who pays for it, in words: until there are payments it is a note."""

    __tablename__ = "repair_ticket"
    __table_args__ = (
        Index(
            "uq_repair_ticket_open",
            "item_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id"))
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("item_claim.id"))
    condition: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    missing: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="assess", server_default="assess")
    paid_by: Mapped[str] = mapped_column(default="", server_default="")
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    item: Mapped[Item] = relationship()


constraint_says("uq_loan_item_out", "lending.already_out")
constraint_says("loan.item_id", "lending.already_out")
