"""What can be seen: what was said about one thing. Who may is asked by the room whose thing it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.messages.models import Conversation, Message


@dataclass(frozen=True)
class Said:
    """One message, with its author's name and its photo, if it has one (its measures are those of the largest size)."""

    id: int
    author_id: int
    author: str
    text: str
    at: datetime
    photo: str | None = None
    photo_width: int | None = None
    photo_height: int | None = None


def said_about(subject_kind: str, subject_id: int, *, after_id: int = 0, limit: int = 500) -> Sequence[Said]:
    """What was said about this, oldest first, after the message `after_id`."""
    rows = db.session.execute(
        select(
            Message.id,
            Message.author_id,
            Resident.name,
            Message.text,
            Message.at,
            Message.photo,
            Message.photo_width,
            Message.photo_height,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Resident, Resident.id == Message.author_id)
        .where(
            Conversation.subject_kind == subject_kind,
            Conversation.subject_id == subject_id,
            Message.id > after_id,
        )
        .order_by(Message.id)
        .limit(limit)
    )
    return [Said(*row) for row in rows]


def photo_said(subject_kind: str, subject_id: int, name: str) -> bool:
    """Whether a message about this shows this photo."""
    found = (
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.subject_kind == subject_kind,
            Conversation.subject_id == subject_id,
            Message.photo == name,
        )
    )
    return db.session.scalar(found) is not None


def photos_in_use(names: Collection[str]) -> set[str]:
    """Those of these photos that some message shows."""
    shown = db.session.scalars(select(Message.photo).where(Message.photo.in_(names)))
    return {name for name in shown if name is not None}
