"""What happened to a campaign once it succeeded: when it was ordered, received and settled, what was sent to the supplier
and what he billed, what is packed, what was left over."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.purchases.models import Campaign, Product

PENDING = text("status = 'pending'")


class Delivery(Base):
    """The order of a campaign and what came of it. `receptions` counts how often what came was counted or priced anew.
    Settled, it holds where every cent went: members + leftovers + the hub's share = supplier + transport + fees; the
    database refuses anything else. A hub's share below zero is what it gets."""

    __tablename__ = "campaign_delivery"
    __table_args__ = (
        CheckConstraint("(received_at IS NULL) = (receptions = 0)", name="received"),
        CheckConstraint("settled_at IS NULL OR received_at IS NOT NULL", name="in_order"),
        CheckConstraint(
            "(settled_at IS NULL) = (members_cents IS NULL) AND (settled_at IS NULL) = (hub_cents IS NULL)",
            name="settled",
        ),
        CheckConstraint(
            "members_cents + leftovers_cents + hub_cents = supplier_cents + transport_cents + fees_cents",
            name="balances",
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    ordered_at: Mapped[datetime]
    ordered_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    receptions: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    members_cents: Mapped[int | None] = mapped_column(BigInteger)
    leftovers_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    hub_cents: Mapped[int | None] = mapped_column(BigInteger)
    supplier_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    transport_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    fees_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    supplier_paid_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()


class SupplierMail(Base):
    """The order as it leaves for the supplier by mail, with its PDF and its table. While a sender holds it,
    `leased_until` keeps the others away; `key` names it, so that a retry is the same mail."""

    __tablename__ = "supplier_mail"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sent', 'failed')", name="status"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index("ix_supplier_mail_due", "next_try_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    address: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    campaign: Mapped[Campaign] = relationship()

    @property
    def key(self) -> str:
        """By which a mail program knows that it is the same."""
        return f"purchases.order:{self.id}"


class SupplierInvoice(Base):
    """What the supplier billed, as he sent it: a PDF, or a photo of the paper. `file` is its name in the private folder;
    `title` what it was called."""

    __tablename__ = "supplier_invoice"
    __table_args__ = (
        CheckConstraint("kind IN ('pdf', 'photo')", name="kind"),
        Index("ix_supplier_invoice_campaign", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    file: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))


class PackedLine(Base):
    """What one neighbour gets of one product lies in her crate: ticked on the list."""

    __tablename__ = "packed_line"

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))


class Leftover(Base):
    """Units that were nobody's, sold at the hub or given away. `cents` is what they brought together; `once` the form
    that said so."""

    __tablename__ = "leftover"
    __table_args__ = (
        CheckConstraint("kind IN ('sold', 'given')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "(kind = 'sold') = (cents > 0) AND (kind = 'sold') = (buyer_id IS NOT NULL)", name="price"
        ),
        Index("ix_leftover_campaign", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    kind: Mapped[str]
    quantity: Mapped[int]
    cents: Mapped[int] = mapped_column(BigInteger, default=0)
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    once: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    product: Mapped[Product] = relationship()
    buyer: Mapped[Resident | None] = relationship(foreign_keys=[buyer_id])
