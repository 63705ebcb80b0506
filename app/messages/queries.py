"""What can be seen: what was said about one thing. Who may is asked by the room whose thing it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.messages.models import Conversation, Message


@dataclass(frozen=True)
class Said:
    """One message, with its author's name."""

    id: int
    author_id: int
    author: str
    text: str
    at: datetime


def said_about(subject_kind: str, subject_id: int, *, after_id: int = 0, limit: int = 500) -> Sequence[Said]:
    """What was said about this, oldest first, after the message `after_id`."""
    rows = db.session.execute(
        select(Message.id, Message.author_id, Resident.name, Message.text, Message.at)
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
