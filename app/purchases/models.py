"""Campaigns, what is bought in them, at which prices, and when it is picked up."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.models import Hub

STATES = (
    "draft",
    "open",
    "closing",
    "collecting",
    "succeeded",
    "failed",
    "ordered",
    "delivered",
    "closed",
    "cancelled",
)
ENDED = ("failed", "closed", "cancelled")
"""Nothing happens any more in these."""
_READY = text("status = 'draft' AND ready_at IS NOT NULL")
_REPEATS = text("every_weeks IS NOT NULL")
_UNTOLD = text("done_at IS NULL")


class Campaign(Base):
    """Neighbours buying together at a hub. Money is in the smallest unit of `currency`; moments are aware, the delivery
    day is a civil day of the hub.

    `version` is the guard: whoever pledges or closes adds one to it first, and finds the campaign in the state it needs
    or none. `revision` grows when its words or prices are edited. `pledgers` and `pledged_cents` (what counts towards
    the minimum: whole packs at the dearest price), and the counts of its products, are counted anew whenever a pledge
    changes.

    A draft whose `ready_at` is set opens by itself at `opens_at`. `transport_split` says who bears the transport: those
    who buy, by value, or the hub. `decided_at` is the closing, `decide_by` until when the organizer answers after
    declined cards. `next_of_id`: which one this one repeats, `every_weeks` later.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint(f"status IN {STATES}", name="status"),
        CheckConstraint("payment IN ('counter', 'card', 'either')", name="payment"),
        CheckConstraint("transport_split IN ('by_value', 'hub')", name="transport_split"),
        CheckConstraint("sharing IN ('in_order', 'proportional')", name="sharing"),
        CheckConstraint("minimum_cents >= 0 AND fees_cents >= 0 AND transport_cents >= 0", name="money"),
        CheckConstraint("pledgers >= 0 AND pledged_cents >= 0", name="counts"),
        CheckConstraint("every_weeks BETWEEN 1 AND 52", name="every_weeks"),
        CheckConstraint("opens_at IS NULL OR opens_at < closes_at", name="times"),
        CheckConstraint("opens_at IS NOT NULL OR status IN ('draft', 'cancelled')", name="opened"),
        CheckConstraint(
            "(ended_at IS NULL) = (status NOT IN ('failed', 'closed', 'cancelled'))", name="ended"
        ),
        Index("ix_campaign_hub", "hub_id", "status", "closes_at", "id"),
        Index("ix_campaign_closes", "status", "closes_at", "id"),
        Index("ix_campaign_organizer", "organizer_id", "status"),
        Index("ix_campaign_ready", "opens_at", "id", sqlite_where=_READY, postgresql_where=_READY),
        Index("ix_campaign_repeats", "closes_at", "id", sqlite_where=_REPEATS, postgresql_where=_REPEATS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    organizer_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    title: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    supplier: Mapped[str]
    supplier_email: Mapped[str | None]
    supplier_note: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="draft")
    payment: Mapped[str] = mapped_column(default="counter")
    currency: Mapped[str] = mapped_column(default="EUR")
    minimum_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    fees_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    transport_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    transport_split: Mapped[str] = mapped_column(default="by_value")
    sharing: Mapped[str] = mapped_column(default="in_order")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    delivery_day: Mapped[date]
    ready_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decide_by: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    pledgers: Mapped[int] = mapped_column(default=0)
    pledged_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    next_of_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), unique=True)
    every_weeks: Mapped[int | None]

    hub: Mapped[Hub] = relationship()
    organizer: Mapped[Resident] = relationship()
    organizers: Mapped[list["CampaignOrganizer"]] = relationship(
        order_by="CampaignOrganizer.resident_id", cascade="all, delete-orphan"
    )
    products: Mapped[list["Product"]] = relationship(
        order_by="Product.position", cascade="all, delete-orphan", back_populates="campaign"
    )
    slots: Mapped[list["PickUpSlot"]] = relationship(
        order_by="(PickUpSlot.starts_at, PickUpSlot.id)", cascade="all, delete-orphan"
    )

    @property
    def subject(self) -> str:
        """What its money is booked under."""
        return f"campaign:{self.id}"


class CampaignOrganizer(Base):
    """Somebody who looks after a campaign with whoever began it."""

    __tablename__ = "campaign_organizer"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True, index=True)

    resident: Mapped[Resident] = relationship()


class Product(Base):
    """What can be pledged. Quantities count units: one is `unit_size` of `unit` ("500 g"), or, where the size is 1, what
    `unit` says ("bidon de 3 L"). They come in packs of `pack_size`.

    `wanted` and `tolerated` are what all pledges together want and would take besides; the database lets no `wanted` go
    beyond `limit_units`. Closing fixes `packs` and `final_price_cents`; receiving says how many units `received` and
    what the supplier's price became.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("price_cents > 0 AND final_price_cents > 0 AND paid_price_cents >= 0", name="price"),
        CheckConstraint("unit_size >= 1", name="unit_size"),
        CheckConstraint("pack_size >= 1", name="pack_size"),
        CheckConstraint("limit_units >= pack_size AND limit_units % pack_size = 0", name="limit"),
        CheckConstraint("vat_permille BETWEEN 0 AND 1000", name="vat"),
        CheckConstraint("wanted >= 0 AND tolerated >= 0", name="counts"),
        CheckConstraint("limit_units IS NULL OR wanted <= limit_units", name="sold"),
        CheckConstraint("packs >= 0 AND received >= 0", name="came"),
        Index("ix_product_campaign", "campaign_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    unit: Mapped[str]
    unit_size: Mapped[int] = mapped_column(default=1)
    price_cents: Mapped[int]
    pack_size: Mapped[int] = mapped_column(default=1)
    limit_units: Mapped[int | None]
    vat_permille: Mapped[int] = mapped_column(default=55)
    allergens: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="")
    wanted: Mapped[int] = mapped_column(default=0)
    tolerated: Mapped[int] = mapped_column(default=0)
    packs: Mapped[int | None]
    final_price_cents: Mapped[int | None]
    received: Mapped[int | None]
    paid_price_cents: Mapped[int | None]

    campaign: Mapped[Campaign] = relationship(back_populates="products")
    tiers: Mapped[list["ProductTier"]] = relationship(
        order_by="ProductTier.from_quantity", cascade="all, delete-orphan"
    )


class ProductTier(Base):
    """From so many units bought by all together, each costs this."""

    __tablename__ = "product_tier"
    __table_args__ = (CheckConstraint("from_quantity > 1 AND price_cents > 0", name="tier"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    from_quantity: Mapped[int] = mapped_column(primary_key=True)
    price_cents: Mapped[int]


class PickUpSlot(Base):
    """A time at which so many can come for what is theirs; `taken` have said they will."""

    __tablename__ = "pick_up_slot"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        Index("ix_pick_up_slot_campaign", "campaign_id", "starts_at"),
        Index("ix_pick_up_slot_start", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class CampaignTelling(Base):
    """How far the neighbours have been told that it opened, or that its last day has come: everybody up to the resident
    of number `upto`; all of them once `done_at` is set."""

    __tablename__ = "campaign_telling"
    __table_args__ = (
        CheckConstraint("what IN ('opened', 'last_day')", name="what"),
        Index("ix_campaign_telling_open", "campaign_id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


constraint_says("ck_product_sold", "purchases.sold_out")
constraint_says("ck_pick_up_slot_taken", "purchases.slot_full")
