"""What the two tell each other: messages, and where they meet online."""

from datetime import datetime
from urllib.parse import urlsplit

from app.core.errors import Conflict, Invalid
from app.core.text import checked
from app.messages import services as messages
from app.messages.models import Message
from app.skills.sessions import queries
from app.skills.sessions.models import SkillSession
from app.skills.sessions.services.ground import held, write_down

LINK_LONGEST = 500


def checked_link(link: str | None, place: str) -> str:
    """The address of a room online, as it was typed; `Invalid` for what is none, or where they do not meet online."""
    clean = checked("link", link, longest=LINK_LONGEST, shortest=1)
    if place != "online":
        raise Invalid({"link": "sessions.not_online"})
    try:
        parts = urlsplit(clean)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        whole = False
    if not whole or " " in clean:
        raise Invalid({"link": "sessions.not_a_link"})
    return clean


def set_link(*, session_id: int, actor_id: int, link: str | None, now: datetime) -> SkillSession:
    """Say where they meet online. Only the two see it, on the page of the session; it goes when the session is over."""
    who = held(session_id, actor_id=actor_id)
    if who.session.status not in ("asked", "accepted"):
        raise Conflict("sessions.over")
    clean = checked_link(link, who.session.place)
    if clean != who.session.link:
        who.session.link = clean
        write_down(who.session, "link", who=who, now=now)
    return who.session


def post_message(*, session_id: int, actor_id: int, text: str | None, now: datetime) -> Message:
    """Say something to the other one. Nobody else reads it, not even who settles what they do not agree on."""
    queries.own_session(session_id, actor_id)
    return messages.post(subject_kind="session", subject_id=session_id, actor_id=actor_id, text=text, now=now)
