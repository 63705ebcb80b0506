"""What neighbours do with a session, by what they want: agree on a time, say how long it was, settle what they cannot."""

from app.skills.sessions.services.agreeing import accept, ask, cancel, decline, propose
from app.skills.sessions.services.confirming import agree, confirm, dispute, settle
from app.skills.sessions.services.talking import post_message, set_link

__all__ = [
    "accept",
    "agree",
    "ask",
    "cancel",
    "confirm",
    "decline",
    "dispute",
    "post_message",
    "propose",
    "set_link",
    "settle",
]
