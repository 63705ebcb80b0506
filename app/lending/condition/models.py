"""How objects looked when they left and when they came back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

SHOWN = text("photo IS NOT NULL")


class ConditionNote(Base):
    """What one of the people of a loan saw of the object when it went `out` or came `in`: words, a photo, or both.
    `photo` names the sizes of one under the private photos of the data folder; width and height are those of the
    largest, in pixels."""

    __tablename__ = "condition_note"
    __table_args__ = (
        CheckConstraint("stage IN ('out', 'in')", name="stage"),
        CheckConstraint("text <> '' OR photo IS NOT NULL", name="something"),
        Index("ix_condition_note_photo", "photo", sqlite_where=SHOWN, postgresql_where=SHOWN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    photo: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    at: Mapped[datetime]
