"""Objects on their way from hub to hub, and the reservations that went with them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.models import Hub
from app.items.models import Item, ItemClaim

STATUSES = ("requested", "sent", "received", "cancelled")
OPEN = text("status = 'requested' OR status = 'sent'")


class Transfer(Base):
    """One way of one object: asked for, sent, received by a scan; or called off. From `sent_at` on it is kept at the
    hub it goes to, and not free until it is there: `claim_id` holds its days, empty while somebody else's do."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("status IN ('requested', 'sent', 'received', 'cancelled')", name="status"),
        CheckConstraint("from_hub_id <> to_hub_id", name="elsewhere"),
        Index("uq_transfer_open", "item_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_transfer_from", "from_hub_id", "status", "id"),
        Index("ix_transfer_to", "to_hub_id", "status", "id"),
        Index("ix_transfer_item", "item_id", "received_at"),
        Index("ix_transfer_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    from_hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    to_hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("item_claim.id"))
    status: Mapped[str] = mapped_column(default="requested")
    note: Mapped[str] = mapped_column(default="")
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    item: Mapped[Item] = relationship()
    from_hub: Mapped[Hub] = relationship(foreign_keys=[from_hub_id])
    to_hub: Mapped[Hub] = relationship(foreign_keys=[to_hub_id])
    claim: Mapped[ItemClaim | None] = relationship()
    requested_by: Mapped[Resident] = relationship(foreign_keys=[requested_by_id])


class MovedReservation(Base):
    """A reservation that went along with its object; whoever had it was told."""

    __tablename__ = "moved_reservation"

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id", ondelete="CASCADE"), primary_key=True)
    loan_id: Mapped[int] = mapped_column(
        ForeignKey("loan.id", ondelete="CASCADE"), primary_key=True, index=True
    )


constraint_says("uq_transfer_open", "lending.transfer_open")
constraint_says("transfer.item_id", "lending.transfer_open")
