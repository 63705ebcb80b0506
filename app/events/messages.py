"""What is said between neighbours."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class MessagePosted(Event):
    """A message in the conversation about something (a loan)."""

    message_id: int
    subject_kind: str
    subject_id: int
    author_id: int
