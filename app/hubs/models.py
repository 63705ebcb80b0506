"""Territories, hubs, their opening days and their members."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.rules import LendingPolicy


class Territory(Base):
    """A commune or a grouping of communes, by its INSEE code."""

    __tablename__ = "territory"

    id: Mapped[int] = mapped_column(primary_key=True)
    insee_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)


class Hub(Base):
    """A place that neighbours share. `status`: draft, published, closed. `policy` holds only what differs from
    the defaults of `LendingPolicy`; days are civil days in `timezone`."""

    __tablename__ = "hub"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'closed')", name="status"),
        Index("ix_hub_place", "lat", "lon"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="published")
    description: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    country: Mapped[str] = mapped_column(default="FR")
    subdivision: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="fr")
    accessibility: Mapped[str] = mapped_column(default="")
    shelves: Mapped[list[str]] = mapped_column(default=list)
    policy_changes: Mapped[dict[str, Any]] = mapped_column("policy", JSON, default=dict)
    closed_on_holidays: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    territory: Mapped[Territory | None] = relationship()
    opening_hours: Mapped[list["OpeningHours"]] = relationship(
        order_by="(OpeningHours.weekday, OpeningHours.opens)", cascade="all, delete-orphan"
    )
    closures: Mapped[list["Closure"]] = relationship(
        order_by="Closure.first_day", cascade="all, delete-orphan"
    )

    @property
    def policy(self) -> LendingPolicy:
        """The terms that hold here."""
        return LendingPolicy.with_changes(self.policy_changes)


class OpeningHours(Base):
    """One opening on one weekday (0 is Monday), in the hub's own time."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(Base):
    """Days on which the hub is closed though its week says open; both days included."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    why: Mapped[str]


class Membership(Base):
    """A resident at a hub: `pending`, `verified` (in person, by whom and when, never the proof) or `suspended`
    (`lifts_itself`: by the hub's terms, until what is late is back)."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("hub_id", "resident_id"),
        CheckConstraint("status IN ('pending', 'verified', 'suspended')", name="status"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> resident_id", name="never_oneself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    status: Mapped[str] = mapped_column(default="pending")
    is_volunteer: Mapped[bool] = mapped_column(default=False)
    is_organizer: Mapped[bool] = mapped_column(default=False)
    is_coordinator: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    suspended_at: Mapped[datetime | None]
    suspended_why: Mapped[str | None]
    lifts_itself: Mapped[bool | None]

    hub: Mapped[Hub] = relationship()
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id])

    @property
    def holds_counter(self) -> bool:
        """Whether this member may hold the counter here: volunteers and coordinators, unless suspended."""
        return self.status == "verified" and (self.is_volunteer or self.is_coordinator)

    @property
    def roles(self) -> list[str]:
        """The roles held; a coordinator is a volunteer and an organizer too."""
        if self.status != "verified":
            return []
        held = {
            "volunteer": self.is_volunteer or self.is_coordinator,
            "organizer": self.is_organizer or self.is_coordinator,
            "coordinator": self.is_coordinator,
        }
        return [role for role, has in held.items() if has]


constraint_says("uq_membership_hub_id", "hubs.already_member")
constraint_says("membership.hub_id", "hubs.already_member")
