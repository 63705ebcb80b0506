"""What can be done: say something, and forget it when its time has come. Who may read and write is asked by the room
whose thing is talked about."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select

from app.core import outbox
from app.core.db import db, inserting
from app.core.images import Stored
from app.core.text import checked
from app.events.messages import MessagePosted
from app.messages.models import Conversation, Message

LONGEST = 2000


def checked_text(text: str | None, *, field: str = "text", shortest: int = 1) -> str:
    """The clean text of a message; `Invalid` for `field` where there is none, or too much."""
    return checked(field, text, longest=LONGEST, shortest=shortest, lines=True)


def post(
    *,
    subject_kind: str,
    subject_id: int,
    actor_id: int,
    text: str | None,
    photo: Stored | None = None,
    now: datetime,
) -> Message:
    """Say this about that, e.g. subject_kind "loan" and the loan's id. The first message begins the conversation.
    `photo` is stored already, under the private ones; with it a message needs no words."""
    clean = checked_text(text, shortest=0 if photo else 1)
    conversation_id = _conversation(subject_kind, subject_id, now)
    message = Message(conversation_id=conversation_id, author_id=actor_id, text=clean, at=now)
    if photo is not None:
        message.photo, message.photo_width, message.photo_height = photo.name, photo.width, photo.height
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


def forget(*, subject_kind: str, subject_ids: Collection[int]) -> list[str]:
    """Forget what was said about these; the names of the photos that were shown, for their files to go after the
    commit."""
    those = select(Conversation.id).where(
        Conversation.subject_kind == subject_kind, Conversation.subject_id.in_(subject_ids)
    )
    shown = delete(Message).where(Message.conversation_id.in_(those)).returning(Message.photo)
    names = [name for name in db.session.scalars(shown) if name is not None]
    db.session.execute(delete(Conversation).where(Conversation.id.in_(those)))
    return names
