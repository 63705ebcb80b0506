"""Places in the line of an object."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.items.models import Item, ItemClaim

OPEN = ("waiting", "ready")
"""The statuses of somebody who still stands in line."""
_OPEN = text("ended_at IS NULL")
_READY = text("status = 'ready'")


class PlaceInLine(Base):
    """Somebody waits for an object. `turn` orders the line. While `ready`, the object is kept aside by the claim, up to
    and with `ready_until`, a civil day of its place; afterwards both tell what was.

    `passed_at`: since when this turn is left to others; it sleeps while the object stays in the house without a break.
    `lapses`: how often it was kept aside and nobody came. `loan_id`: what it became once collected.
    """

    __tablename__ = "place_in_line"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting', 'ready', 'collected', 'dropped', 'expired')",
            name="status",
        ),
        CheckConstraint(
            "status <> 'ready' OR (claim_id IS NOT NULL AND ready_at IS NOT NULL AND ready_until IS NOT NULL)",
            name="ready",
        ),
        CheckConstraint("(ended_at IS NULL) = (status IN ('waiting', 'ready'))", name="ended"),
        UniqueConstraint("item_id", "turn"),
        Index(
            "uq_place_in_line_open",
            "item_id",
            "resident_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("uq_place_in_line_ready", "item_id", unique=True, sqlite_where=_READY, postgresql_where=_READY),
        Index("ix_place_in_line_resident", "resident_id", "status"),
        Index("ix_place_in_line_until", "ready_until", "id", sqlite_where=_READY, postgresql_where=_READY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    turn: Mapped[int]
    status: Mapped[str] = mapped_column(default="waiting")
    joined_at: Mapped[datetime]
    passed_at: Mapped[datetime | None]
    lapses: Mapped[int] = mapped_column(default=0)
    ready_at: Mapped[datetime | None]
    ready_until: Mapped[date | None]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("item_claim.id"))
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id"), index=True)
    ended_at: Mapped[datetime | None]

    item: Mapped[Item] = relationship()
    resident: Mapped[Resident] = relationship()
    claim: Mapped[ItemClaim | None] = relationship()
