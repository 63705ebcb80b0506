"""Sessions, the times that were proposed for them, and what happened to each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.hubs.models import Hub
from app.skills.models import Skill

_CLOSES = text("closes_at IS NOT NULL")
_REMINDS = text("remind_at IS NOT NULL")
_DISPUTED = text("status = 'disputed'")


class SkillSession(Base):
    """Two neighbours meet, for a skill that one of them posted: minutes go from the learner to the giver, whoever
    asked. `minutes` were agreed, `moved_minutes` counted in the end. While `proposed_by_id` is set, the other one has
    an answer to give. `link` is for the two alone. `heard_at_id`: the hub whose coordinators settle what they do not
    agree on, stewards where it is empty. `closes_at`: when it ends by itself; `remind_at`: when it is looked at next."""

    __tablename__ = "skill_session"
    __table_args__ = (
        CheckConstraint(
            "status IN ('asked', 'accepted', 'confirmed', 'disputed', 'declined', 'cancelled', 'expired', "
            "'lapsed', 'dismissed')",
            name="status",
        ),
        CheckConstraint("place IN ('hub', 'home', 'online')", name="place"),
        CheckConstraint("(place = 'hub') = (hub_id IS NOT NULL)", name="hub"),
        CheckConstraint("link IS NULL OR place = 'online'", name="link"),
        CheckConstraint("giver_id <> learner_id", name="two"),
        CheckConstraint("minutes BETWEEN 5 AND 600", name="minutes"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="span"),
        CheckConstraint(
            "starts_at IS NOT NULL OR status IN ('asked', 'declined', 'cancelled', 'expired')", name="time"
        ),
        CheckConstraint("(status = 'confirmed') = (moved_minutes IS NOT NULL)", name="moved"),
        CheckConstraint("(ended_at IS NULL) = (status IN ('asked', 'accepted', 'disputed'))", name="ended"),
        Index("ix_skill_session_giver", "giver_id", "status", "starts_at"),
        Index("ix_skill_session_learner", "learner_id", "status", "starts_at"),
        Index("ix_skill_session_closes", "closes_at", "id", sqlite_where=_CLOSES, postgresql_where=_CLOSES),
        Index("ix_skill_session_remind", "remind_at", "id", sqlite_where=_REMINDS, postgresql_where=_REMINDS),
        Index(
            "ix_skill_session_disputed",
            "heard_at_id",
            "id",
            sqlite_where=_DISPUTED,
            postgresql_where=_DISPUTED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    giver_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    learner_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    place: Mapped[str]
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    link: Mapped[str | None]
    minutes: Mapped[int]
    status: Mapped[str] = mapped_column(default="asked")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    proposed_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    giver_minutes: Mapped[int | None]
    learner_minutes: Mapped[int | None]
    first_said_at: Mapped[datetime | None]
    moved_minutes: Mapped[int | None]
    cancelled_late: Mapped[bool] = mapped_column(default=False)
    disputed_at: Mapped[datetime | None]
    heard_at_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    closes_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    skill: Mapped[Skill] = relationship()
    giver: Mapped[Resident] = relationship(foreign_keys=[giver_id])
    learner: Mapped[Resident] = relationship(foreign_keys=[learner_id])
    hub: Mapped[Hub | None] = relationship(foreign_keys=[hub_id])
    heard_at: Mapped[Hub | None] = relationship(foreign_keys=[heard_at_id])
    times: Mapped[list["SessionTime"]] = relationship(order_by="SessionTime.id", cascade="all, delete-orphan")
    history: Mapped[list["SessionLine"]] = relationship(order_by="SessionLine.id")

    @property
    def heard(self) -> bool:
        """Whether they did not agree, at some time: then those who settle such things look at it too."""
        return self.disputed_at is not None


class SessionTime(Base):
    """One of the times that wait for an answer, the one that is liked best first."""

    __tablename__ = "session_time"
    __table_args__ = (UniqueConstraint("session_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("skill_session.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]


class SessionLine(Base):
    """One line of what happened. `actor_id` is empty where time did it; `for_id`: on whose behalf a volunteer acted."""

    __tablename__ = "session_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("skill_session.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    minutes: Mapped[int | None]
    why: Mapped[str | None]

    actor: Mapped[Resident | None] = relationship(foreign_keys=[actor_id])
