"""Differences, from when they were first seen until they are gone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

THERE = text("gone_at IS NULL")


class MoneyDifference(Base):
    """Two that should say the same about money and do not. `place` and `what` are the words of the proof; a steward
    adds what she found out about it. It is gone when a later comparison does not find it any more."""

    __tablename__ = "money_difference"
    __table_args__ = (
        Index(
            "uq_money_difference_there",
            "place",
            "what",
            unique=True,
            sqlite_where=THERE,
            postgresql_where=THERE,
        ),
        CheckConstraint("(note IS NULL) = (noted_at IS NULL)", name="note"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str]
    what: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    note: Mapped[str | None]
    noted_at: Mapped[datetime | None]
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
