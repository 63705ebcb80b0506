"""The rings that were proposed, and what each of their neighbours answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base

PROPOSED = text("state = 'proposed'")


class Ring(Base):
    """Two or three neighbours who would go round: each teaches the next what she wants to learn. It is proposed, once
    (`signature` names its offers and needs); all must say yes, by `answer_by`, for it to be agreed."""

    __tablename__ = "skill_ring"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'agreed', 'declined', 'expired')", name="state"),
        Index(
            "ix_skill_ring_open",
            "answer_by",
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    signature: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="proposed")
    proposed_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    legs: Mapped[list["RingLeg"]] = relationship(order_by="RingLeg.position", cascade="all, delete-orphan")


class RingLeg(Base):
    """One neighbour of a ring: what she would teach, and whose need that meets. `answer` is hers to the whole ring."""

    __tablename__ = "skill_ring_leg"
    __table_args__ = (
        CheckConstraint("answer IN ('yes', 'no')", name="answer"),
        CheckConstraint("giver_id <> learner_id", name="two_people"),
        Index("ix_skill_ring_leg_giver", "giver_id", "ring_id"),
    )

    ring_id: Mapped[int] = mapped_column(ForeignKey("skill_ring.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    giver_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    learner_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
