"""What can be done: say something. Who may read and write is asked by the room whose thing is talked about."""

from datetime import datetime

from sqlalchemy import select

from app.core import outbox
from app.core.db import db, inserting
from app.core.text import checked
from app.events.messages import MessagePosted
from app.messages.models import Conversation, Message

LONGEST = 2000


def checked_text(text: str | None, *, field: str = "text") -> str:
    """The clean text of a message; `Invalid` for `field` where there is none, or too much."""
    return checked(field, text, longest=LONGEST, shortest=1, lines=True)


def post(*, subject_kind: str, subject_id: int, actor_id: int, text: str, now: datetime) -> Message:
    """Say this about that, e.g. subject_kind "loan" and the loan's id. The first message begins the conversation."""
    clean = checked_text(text)
    conversation_id = _conversation(subject_kind, subject_id, now)
    message = Message(conversation_id=conversation_id, author_id=actor_id, text=clean, at=now)
    db.session.add(message)
    db.session.flush()
    outbox.record(MessagePosted(message.id, subject_kind, subject_id, actor_id), now=now)
    return message


def _conversation(subject_kind: str, subject_id: int, now: datetime) -> int:
    known = select(Conversation.id).where(
        Conversation.subject_kind == subject_kind, Conversation.subject_id == subject_id
    )
    found = db.session.scalar(known)
    if found is not None:
        return found
    db.session.execute(
        inserting(Conversation)
        .values(subject_kind=subject_kind, subject_id=subject_id, created_at=now)
        .on_conflict_do_nothing()
    )
    return db.session.scalars(known).one()
