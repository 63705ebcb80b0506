"""Objects, their parts and photos, and `ItemClaim`, the one place where an object's days are taken."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.finding.words import of_new_item
from app.hubs.models import Hub

ACTIVE = text("status = 'active'")
LIVE = text("live")
LIVE_ON_SQLITE = text("live = 1")
"""As SQLAlchemy says it there; SQLite uses a partial index only where a statement says the very same."""
_PLACES: dict[str, Any] = {
    "sqlite_where": ACTIVE,
    "postgresql_where": ACTIVE,
    "postgresql_include": ["id"],
}
"""With the number, as SQLite's indexes have it: which objects are near is answered by the index alone."""
_WHERE_OBJECT: dict[str, Any] = {
    "sqlite_where": text("object_id IS NOT NULL"),
    "postgresql_where": text("object_id IS NOT NULL"),
}


class Category(Base):
    """A shelf of the catalogue; `drawing` is shown where an object has no photo."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name_fr: Mapped[str]
    name_en: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    drawing: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    def name(self, locale: str) -> str:
        """The shelf's name in the reader's language."""
        return self.name_en if locale == "en" else self.name_fr


class Item(Base):
    """An object, owned by a resident or a hub, kept at a hub or at its owner's home (`hub_id` is empty).

    `lat`, `lon`, `precision_m` are the published place (the hub's point, or the centre of a 1 km cell);
    `coarse_lat`, `coarse_lon` what those who are not logged in see and search (the hub's point, or for a home the
    centre of its commune; a 10 km cell far from any: `app.geo.places.coarse`).
    Money in cents. Whether it is free on a day is computed from its claims. `version` grows with each edit;
    `search_text` follows the title (`app.finding.words`).
    """

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("(owner_resident_id IS NULL) <> (owner_hub_id IS NULL)", name="one_owner"),
        CheckConstraint("status IN ('draft', 'active', 'lost', 'retired')", name="status"),
        CheckConstraint("condition IN ('new', 'good', 'worn', 'damaged', 'incomplete')", name="condition"),
        CheckConstraint("lends OR swaps OR gives", name="some_mode"),
        CheckConstraint("value_cents >= 0 AND deposit_cents >= 0", name="money"),
        CheckConstraint("buffer_days BETWEEN 0 AND 60", name="buffer"),
        CheckConstraint("max_days BETWEEN 1 AND 365", name="max_days"),
        Index("ix_item_place", "lat", "lon", **_PLACES),
        Index("ix_item_coarse_place", "coarse_lat", "coarse_lon", **_PLACES),
        Index(
            "ix_item_category_place",
            "category_id",
            "lat",
            "lon",
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index("ix_item_new", "created_at", "id", sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("ix_item_hub", "hub_id", "status"),
        Index("ix_item_owner", "owner_resident_id", "status"),
        Index("ix_item_owner_hub", "owner_hub_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    owner_resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    owner_hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    shelf: Mapped[str] = mapped_column(default="")
    lends: Mapped[bool] = mapped_column(default=True)
    swaps: Mapped[bool] = mapped_column(default=False)
    gives: Mapped[bool] = mapped_column(default=False)
    asks_each_time: Mapped[bool] = mapped_column(default=False)
    condition: Mapped[str] = mapped_column(default="good")
    value_cents: Mapped[int | None]
    deposit_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    max_days: Mapped[int | None]
    buffer_days: Mapped[int] = mapped_column(default=0)
    notices: Mapped[list[str]] = mapped_column(default=list)
    induction: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    picture: Mapped[str] = mapped_column(default="")
    search_text: Mapped[str] = mapped_column(default=of_new_item)
    lat: Mapped[float]
    lon: Mapped[float]
    precision_m: Mapped[int] = mapped_column(default=0)
    coarse_lat: Mapped[float]
    coarse_lon: Mapped[float]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    category: Mapped[Category] = relationship()
    owner_resident: Mapped[Resident | None] = relationship(foreign_keys=[owner_resident_id])
    owner_hub: Mapped[Hub | None] = relationship(foreign_keys=[owner_hub_id])
    hub: Mapped[Hub | None] = relationship(foreign_keys=[hub_id])
    parts: Mapped[list["Part"]] = relationship(
        order_by="Part.position", cascade="all, delete-orphan", foreign_keys="Part.item_id"
    )
    photos: Mapped[list["Photo"]] = relationship(order_by="Photo.position", cascade="all, delete-orphan")

    @property
    def modes(self) -> list[str]:
        """Which of lend, swap, give are offered."""
        return [
            mode
            for mode, offered in (("lend", self.lends), ("swap", self.swaps), ("give", self.gives))
            if offered
        ]

    @property
    def needs_approval(self) -> bool:
        """Whether the owner is asked each time: at home always, at a hub only where the owner wishes it."""
        return self.owner_resident_id is not None and (self.hub_id is None or self.asks_each_time)


class Part(Base):
    """What belongs to the object and is ticked at out and in. In a kit it may be an object of its own (`object_id`),
    which is also lent by itself."""

    __tablename__ = "part"
    __table_args__ = (
        CheckConstraint("count BETWEEN 1 AND 1000", name="count"),
        Index("uq_part_object", "item_id", "object_id", unique=True, **_WHERE_OBJECT),
        Index("ix_part_object", "object_id", **_WHERE_OBJECT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    count: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    object_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))


class Photo(Base):
    """A picture, re-encoded and without metadata; `file` names its sizes under the data folder (WebP).
    Width and height are those of the largest size, in pixels."""

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    file: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class ItemClaim(Base):
    """Days of an object taken for a purpose: the half-open period [first_day, end_day), civil days.

    While `live`, no other live claim of the object touches it: the database itself refuses it (an exclusion
    constraint on PostgreSQL, triggers on SQLite). Each feature keeps its own record and the claim's id.
    `uncertain`: nobody knows its end (overdue, repair, transfer); the scheduler pushes it a day at a time, up to
    the next live claim. `kit_claim_id`: the claim of the kit with which this object of it goes along.
    """

    __tablename__ = "item_claim"
    __table_args__ = (
        CheckConstraint("first_day < end_day", name="order"),
        CheckConstraint(
            "kind IN ('loan', 'hold', 'own', 'ring', 'gift', 'workshop', 'transfer', 'repair')", name="kind"
        ),
        Index(
            "ix_item_claim_live",
            "item_id",
            "first_day",
            "end_day",
            sqlite_where=LIVE_ON_SQLITE,
            postgresql_where=LIVE,
        ),
        Index(
            "ix_item_claim_kit",
            "kit_claim_id",
            sqlite_where=text("kit_claim_id IS NOT NULL"),
            postgresql_where=text("kit_claim_id IS NOT NULL"),
        ),
        Index("ix_item_claim_end", "end_day", sqlite_where=LIVE_ON_SQLITE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[str]
    first_day: Mapped[date]
    end_day: Mapped[date]
    live: Mapped[bool] = mapped_column(default=True)
    uncertain: Mapped[bool] = mapped_column(default=False)
    kit_claim_id: Mapped[int | None] = mapped_column(ForeignKey("item_claim.id"))


class KnownWord(Base):
    """A word of the titles, in its light form (`app.finding.words`), and in how many of them it stood when last
    counted. What a misspelt word may have meant is looked for here."""

    __tablename__ = "known_word"

    word: Mapped[str] = mapped_column(primary_key=True)
    items: Mapped[int]


class KnownSlip(Base):
    """A way to write a known word wrong: a letter less, as it sounds, only its beginning. A word that was typed and
    a word that is known have one in common when the one may be the other."""

    __tablename__ = "known_slip"

    slip: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(ForeignKey("known_word.word", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index("ix_known_slip_word", "word"),)


class Induction(Base):
    """A resident was shown how to use what needs showing; granted by a coordinator, later by a workshop."""

    __tablename__ = "induction"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))


constraint_says("item_claim_overlap", "lending.already_reserved")
constraint_says("uq_part_object", "items.kit_has_it")
constraint_says("part.item_id", "items.kit_has_it")
constraint_says("item.code", "items.code_taken")
constraint_says("uq_item_code", "items.code_taken")
