"""A conversation belongs to one thing; its parties are listed, nobody else reads it."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Conversation(Base):
    """What is said about one thing, e.g. subject_kind "loan" and the loan's id."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    created_at: Mapped[datetime]


class Message(Base):
    """One plain text, kept 12 months after the thing it is about has ended."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    text: Mapped[str]
    at: Mapped[datetime]
