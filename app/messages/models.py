"""A conversation belongs to one thing; its parties are listed, nobody else reads it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

SHOWN = text("photo IS NOT NULL")


class Conversation(Base):
    """What is said about one thing, e.g. subject_kind "loan" and the loan's id."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    created_at: Mapped[datetime]


class Message(Base):
    """Plain text, a photo, or both; kept 12 months after the thing it is about has ended. `photo` names the sizes of
    one under the private photos of the data folder; width and height are those of the largest, in pixels."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_photo", "photo", sqlite_where=SHOWN, postgresql_where=SHOWN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    text: Mapped[str]
    at: Mapped[datetime]
    photo: Mapped[str | None]
    photo_width: Mapped[int | None]
    photo_height: Mapped[int | None]
