"""The ledger of minutes: accounts, transfers of exactly two entries, and minutes promised but not yet moved.

The database keeps the promise itself. A transfer points at both its entries (checked at the commit), each entry holds
the minutes of its transfer on one side of it, and triggers refuse to change or delete either (migration 0016).
"""

from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says

EARNING = ("session", "workshop", "shift")
"""Transfers by which somebody has given an hour of hers; a gift of hours is none."""
STANDS = text("undone_at IS NULL")


class TimeAccount(Base):
    """The minutes of a resident or of a hub. `balance` is the sum of its entries, `entries` their number; `going_out`
    and `coming_in` the minutes that are reserved from it and for it; `given` what was earned by giving one's time."""

    __tablename__ = "time_account"
    __table_args__ = (
        CheckConstraint("(resident_id IS NULL) <> (hub_id IS NULL)", name="one_holder"),
        CheckConstraint("going_out >= 0 AND coming_in >= 0", name="reserved"),
        CheckConstraint("entries > 0 OR balance = 0", name="begins_at_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), unique=True)
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"), unique=True)
    balance: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    going_out: Mapped[int] = mapped_column(default=0)
    coming_in: Mapped[int] = mapped_column(default=0)
    given: Mapped[int] = mapped_column(default=0)


class TimeTransfer(Base):
    """Minutes that went from one account to another, once for its key ("session:12"). `payer_side` and `payee_side` are
    always -1 and 1: with them it points at its two entries, and cannot stand without either."""

    __tablename__ = "time_transfer"
    __table_args__ = (
        CheckConstraint("kind IN ('session', 'workshop', 'shift', 'gift', 'reversal')", name="kind"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("payer_side = -1 AND payee_side = 1", name="sides"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses"),
        UniqueConstraint("id", "minutes"),
        *(
            ForeignKeyConstraint(
                ["id", side],
                ["time_entry.transfer_id", "time_entry.side"],
                name=f"fk_time_transfer_{side}",
                deferrable=True,
                initially="DEFERRED",
                use_alter=True,
            )
            for side in ("payer_side", "payee_side")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    minutes: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"), unique=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    at: Mapped[datetime]
    payer_side: Mapped[int] = mapped_column(default=-1)
    payee_side: Mapped[int] = mapped_column(default=1)


class TimeEntry(Base):
    """One side of a transfer: -1 for who pays, 1 for who receives. `number` counts the entries of the account, and
    `balance` is what it held after this one."""

    __tablename__ = "time_entry"
    __table_args__ = (
        CheckConstraint("side IN (-1, 1)", name="side"),
        ForeignKeyConstraint(["transfer_id", "amount"], ["time_transfer.id", "time_transfer.minutes"]),
        UniqueConstraint("transfer_id", "account_id"),
        UniqueConstraint("account_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    transfer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"))
    number: Mapped[int]
    balance: Mapped[int]

    @property
    def minutes(self) -> int:
        """What the account gained; below zero what it paid."""
        return self.side * self.amount


class TimeNote(Base):
    """The words that go with a transfer. They stand beside the ledger, because they may have to be forgotten."""

    __tablename__ = "time_note"

    transfer_id: Mapped[int] = mapped_column(ForeignKey("time_transfer.id"), primary_key=True)
    text: Mapped[str]


class TimeReservation(Base):
    """Minutes promised under a key and not yet moved. It goes when they move, or when the promise ends."""

    __tablename__ = "time_reservation"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("payer_id <> payee_id", name="two"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), index=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), index=True)
    minutes: Mapped[int]
    at: Mapped[datetime]


class VolunteerShift(Base):
    """Time that a volunteer gave a hub, on a civil day there, recorded once. `paid` is less than `minutes` where her
    account holds no more."""

    __tablename__ = "volunteer_shift"
    __table_args__ = (
        CheckConstraint("minutes > 0 AND paid BETWEEN 0 AND minutes", name="minutes"),
        Index(
            "uq_volunteer_shift_once",
            "hub_id",
            "resident_id",
            "day",
            "begins",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index("ix_volunteer_shift_hub", "hub_id", "day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    day: Mapped[date]
    begins: Mapped[time]
    minutes: Mapped[int]
    paid: Mapped[int]
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    undone_at: Mapped[datetime | None]


constraint_says("uq_volunteer_shift_once", "ledger.shift_known")
constraint_says("volunteer_shift.hub_id", "ledger.shift_known")
