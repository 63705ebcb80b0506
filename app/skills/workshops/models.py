"""Workshops: what repeats, each of its dates, who comes, and the objects it needs."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.models import Hub
from app.items.models import Item, ItemClaim

HOLDING = ("going", "offered")
"""The statuses of somebody for whom a place is taken."""
OPEN = (*HOLDING, "waiting")
_OFFERED = text("status = 'offered'")
_PLANNED = text("state = 'planned'")
_WAITED_FOR = text("state = 'planned' AND waiting > 0")
_REPEATS = text("rule <> ''")


class WorkshopSeries(Base):
    """What is held at a hub, once or by a rule. `start` is the wall clock of the hub at its first date; `rule` is an
    RRULE without its name, empty for a single one. A rule without end is made real as far as `filled_until`.

    `newcomer_places` of the `capacity` are kept for who comes the first time. `facilitator_minutes` are paid by the hub
    for each date that somebody came to. `induction` is what it teaches, by the name that objects ask for.
    """

    __tablename__ = "workshop_series"
    __table_args__ = (
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("newcomer_places BETWEEN 0 AND capacity", name="newcomers"),
        CheckConstraint("minutes BETWEEN 15 AND 720", name="minutes"),
        CheckConstraint("facilitator_minutes BETWEEN 0 AND 720", name="facilitator_minutes"),
        Index("ix_workshop_series_filled", "filled_until", sqlite_where=_REPEATS, postgresql_where=_REPEATS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    learn: Mapped[list[str]] = mapped_column(default=list)
    bring: Mapped[str] = mapped_column(default="")
    room: Mapped[str] = mapped_column(default="")
    capacity: Mapped[int]
    newcomer_places: Mapped[int] = mapped_column(default=0)
    start: Mapped[datetime] = mapped_column(DateTime())
    minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(default="")
    facilitator_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    facilitator_minutes: Mapped[int] = mapped_column(default=0)
    induction: Mapped[str | None]
    filled_until: Mapped[date]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))

    hub: Mapped[Hub] = relationship()
    facilitator: Mapped[Resident] = relationship(foreign_keys=[facilitator_id])
    needs: Mapped[list["WorkshopNeed"]] = relationship(
        order_by="WorkshopNeed.id", cascade="all, delete-orphan", back_populates="series"
    )


class Workshop(Base):
    """One date. `original` is the wall clock that the rule gave it, whatever became of it; empty where it stands by
    itself, because the rule has none there any more. What `changed` names was said of this date alone and outlives a
    change of the series.

    `taken` places are held by those who go and those to whom one is offered, `newcomers` of them by who comes the first
    time; `waiting` stand in line. They are counted anew whenever somebody's place changes, and the database lets none
    go beyond the capacity. `paid` and `unpaid` are the facilitator's minutes once somebody came. `reminded_for`: the
    start that people were reminded of.
    """

    __tablename__ = "workshop"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'cancelled')", name="state"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("newcomer_places BETWEEN 0 AND capacity", name="newcomer_places"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint("newcomers BETWEEN 0 AND taken AND waiting >= 0", name="counts"),
        CheckConstraint("starts_at < ends_at", name="order"),
        UniqueConstraint("series_id", "original"),
        Index("ix_workshop_start", "starts_at", "id", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        Index("ix_workshop_hub", "hub_id", "starts_at", "id"),
        Index("ix_workshop_facilitator", "facilitator_id", "starts_at"),
        Index(
            "ix_workshop_waited", "starts_at", "id", sqlite_where=_WAITED_FOR, postgresql_where=_WAITED_FOR
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("workshop_series.id"))
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    original: Mapped[datetime | None] = mapped_column(DateTime())
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    newcomer_places: Mapped[int] = mapped_column(default=0)
    facilitator_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="planned")
    changed: Mapped[list[str]] = mapped_column(default=list)
    taken: Mapped[int] = mapped_column(default=0)
    newcomers: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    reminded_for: Mapped[datetime | None]
    paid: Mapped[int | None]
    unpaid: Mapped[int | None]

    series: Mapped[WorkshopSeries] = relationship()
    hub: Mapped[Hub] = relationship()
    facilitator: Mapped[Resident] = relationship()


class Attendee(Base):
    """Somebody and one date, once whatever she changes her mind to. `turn` orders who waits. While `offered`, a place is
    hers until `offered_until`. `newcomer`: she had been to no workshop of this hub when she registered.

    `registered_by_id`: the volunteer who did it for her. `before`: how she stood before `ended_at`, for an undo.
    `induced`: coming here is what gave her the induction.
    """

    __tablename__ = "workshop_attendee"
    __table_args__ = (
        CheckConstraint("status IN ('going', 'waiting', 'offered', 'cancelled', 'expired')", name="status"),
        CheckConstraint("(status = 'offered') = (offered_until IS NOT NULL)", name="offered"),
        CheckConstraint("attended_at IS NULL OR status = 'going'", name="attended"),
        UniqueConstraint("workshop_id", "resident_id"),
        Index("ix_workshop_attendee_line", "workshop_id", "status", "turn"),
        Index("ix_workshop_attendee_resident", "resident_id", "status"),
        Index(
            "ix_workshop_attendee_offer",
            "offered_until",
            "workshop_id",
            sqlite_where=_OFFERED,
            postgresql_where=_OFFERED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    status: Mapped[str]
    turn: Mapped[int]
    newcomer: Mapped[bool] = mapped_column(default=False)
    registered_at: Mapped[datetime]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    offered_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    before: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    attended_at: Mapped[datetime | None]
    attended_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    induced: Mapped[bool] = mapped_column(default=False)

    workshop: Mapped[Workshop] = relationship()
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id])
    registered_by: Mapped[Resident | None] = relationship(foreign_keys=[registered_by_id])


class WorkshopNeed(Base):
    """An object that each date of a series needs. A neighbour's is `asked` for first; `agreed` or `refused` by her."""

    __tablename__ = "workshop_need"
    __table_args__ = (
        CheckConstraint("consent IN ('agreed', 'asked', 'refused')", name="consent"),
        UniqueConstraint("series_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("workshop_series.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    consent: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    series: Mapped[WorkshopSeries] = relationship(back_populates="needs")
    item: Mapped[Item] = relationship()


class WorkshopClaim(Base):
    """The days of an object that one date takes; no claim while they are somebody else's."""

    __tablename__ = "workshop_claim"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("item_claim.id"), index=True)

    item: Mapped[Item] = relationship()
    claim: Mapped[ItemClaim | None] = relationship()


constraint_says("ck_workshop_taken", "workshops.full")
constraint_says("uq_workshop_attendee_workshop_id_resident_id", "workshops.registered_already")
constraint_says("workshop_attendee.workshop_id", "workshops.registered_already")
