"""Pledges, and what they gained and gave up, one dated increment after the other: that is the order in which they are
served. Closing writes what each gets and pays."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.purchases.models import Campaign, PickUpSlot, Product

COUNTS = ("holding", "live")
"""Pledges whose units are taken."""
_HOLDS = text("status = 'holding'")


class Pledge(Base):
    """What somebody would take of a campaign; one for each of them, whatever she changes.

    *live* it counts. *holding* it waits for her card until `held_until`, with its units taken; then it has *lapsed*.
    *withdrawn* by herself, *removed* by the organizer, because her card was declined. `ceiling_cents` is what she was
    shown: she never pays more. Closing fixes `total_cents`: her goods and her share of what is common, `share_cents`,
    without what is above her ceiling, `waived_cents`.
    """

    __tablename__ = "pledge"
    __table_args__ = (
        UniqueConstraint("campaign_id", "resident_id"),
        CheckConstraint("payment IN ('counter', 'card')", name="payment"),
        CheckConstraint("status IN ('holding', 'live', 'withdrawn', 'lapsed', 'removed')", name="status"),
        CheckConstraint("(status = 'holding') = (held_until IS NOT NULL)", name="held"),
        CheckConstraint("ceiling_cents >= 0 AND total_cents BETWEEN 0 AND ceiling_cents", name="ceiling"),
        CheckConstraint("share_cents >= 0 AND waived_cents >= 0", name="shares"),
        Index("ix_pledge_resident", "resident_id", "status"),
        Index("ix_pledge_held", "held_until", "id", sqlite_where=_HOLDS, postgresql_where=_HOLDS),
        Index("ix_pledge_slot_id", "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    payment: Mapped[str]
    status: Mapped[str]
    held_until: Mapped[datetime | None]
    ceiling_cents: Mapped[int] = mapped_column(BigInteger)
    share_cents: Mapped[int | None] = mapped_column(BigInteger)
    waived_cents: Mapped[int | None] = mapped_column(BigInteger)
    total_cents: Mapped[int | None] = mapped_column(BigInteger)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("pick_up_slot.id"))
    pick_up_code_hash: Mapped[str | None]
    picked_up_at: Mapped[datetime | None]
    picked_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    campaign: Mapped[Campaign] = relationship()
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id])
    slot: Mapped[PickUpSlot | None] = relationship()
    allotments: Mapped[list["Allotment"]] = relationship(order_by="Allotment.product_id")

    @property
    def subject(self) -> str:
        """What her money is booked under."""
        return f"pledge:{self.id}"


class PledgeIncrement(Base):
    """What a pledge gained of a product at one moment, or gave up where it is below zero. Their numbers are the order of
    pledging: they are given while the campaign is held."""

    __tablename__ = "pledge_increment"
    __table_args__ = (
        CheckConstraint("want <> 0 OR tolerance <> 0", name="something"),
        Index("ix_pledge_increment_product", "product_id", "id"),
        Index("ix_pledge_increment_pledge", "pledge_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    want: Mapped[int]
    tolerance: Mapped[int]
    at: Mapped[datetime]


class PledgeForm(Base):
    """A form that was sent once: sent again it changes nothing, however late it comes."""

    __tablename__ = "pledge_form"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Allotment(Base):
    """What a pledge gets of a product, and what that costs; receiving says what came of it and what it cost then."""

    __tablename__ = "allotment"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND goods_cents >= 0", name="given"),
        CheckConstraint("received_quantity >= 0 AND received_cents >= 0", name="received"),
        Index("ix_allotment_product_id", "product_id"),
    )

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int]
    goods_cents: Mapped[int] = mapped_column(BigInteger)
    received_quantity: Mapped[int | None]
    received_cents: Mapped[int | None] = mapped_column(BigInteger)

    product: Mapped[Product] = relationship()
