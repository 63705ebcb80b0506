"""What the two are told when something happened to their session, and who settles it when they do not agree. Each runs
after the commit, in a transaction of its own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db, locked_one
from app.events.messages import MessagePosted
from app.events.sessions import (
    SessionAccepted,
    SessionAsked,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionDisputed,
    SessionEnded,
    SessionSaid,
    SessionTimesProposed,
)
from app.hubs.models import Membership
from app.notifications import services as notifications
from app.skills.sessions import queries, words
from app.skills.sessions.models import SessionLine, SkillSession

ENDED = {"expired": "sessions.expired", "lapsed": "sessions.lapsed", "dismissed": "sessions.dismissed"}


def tell_asked(event: SessionAsked, *, now: datetime) -> None:
    """Somebody would like to learn from her, or to help her."""
    session = _session(event.session_id)
    if session is not None and session.status == "asked":
        kind = "sessions.asked" if session.asker_id == session.learner_id else "sessions.offered"
        _tell(session, _other(session, session.asker_id), kind, event.line_id, now=now)


def tell_proposed(event: SessionTimesProposed, *, now: datetime) -> None:
    """Other times, that she answers."""
    session = _session(event.session_id)
    if session is not None and session.proposed_by_id == event.by_id:
        _forget(session)
        _tell(session, _other(session, event.by_id), "sessions.proposed", event.line_id, now=now)


def tell_accepted(event: SessionAccepted, *, now: datetime) -> None:
    """A time is agreed; what was to be said of another one is taken back."""
    session = _session(event.session_id)
    if session is None or session.status != "accepted":
        return
    _forget(session)
    _tell(session, _other(session, event.by_id), "sessions.accepted", event.line_id, now=now)


def tell_declined(event: SessionDeclined, *, now: datetime) -> None:
    """No; what was agreed may stand all the same."""
    session = _session(event.session_id)
    if session is None:
        return
    kind = "sessions.change_declined" if event.kept else "sessions.declined"
    _tell(session, _other(session, event.by_id), kind, event.line_id, now=now, why=_why(event.line_id))


def tell_cancelled(event: SessionCancelled, *, now: datetime) -> None:
    """It does not take place."""
    session = _session(event.session_id)
    if session is None:
        return
    _forget(session)
    _tell(
        session,
        _other(session, event.by_id),
        "sessions.cancelled" if session.starts_at is not None else "sessions.withdrawn",
        event.line_id,
        now=now,
        why=_why(event.line_id),
        urgent=event.late,
    )


def tell_said(event: SessionSaid, *, now: datetime) -> None:
    """The other one has said how long it was: her silence will be a yes."""
    session = _session(event.session_id)
    if session is None or session.status not in ("accepted", "disputed"):
        return
    line = db.session.get_one(SessionLine, event.line_id)
    kind = "sessions.said" if session.status == "accepted" else "sessions.said_otherwise"
    _tell(session, _other(session, event.by_id), kind, event.line_id, now=now, said=line.minutes)


def tell_confirmed(event: SessionConfirmed, *, now: datetime) -> None:
    """The minutes have moved."""
    session = _session(event.session_id)
    if session is None or session.status != "confirmed":
        return
    _forget(session)
    for resident_id, kind in (
        (session.giver_id, "sessions.received"),
        (session.learner_id, "sessions.paid"),
    ):
        _tell(session, resident_id, kind, event.line_id, now=now, mail=resident_id != event.by_id)


def tell_disputed(event: SessionDisputed, *, now: datetime) -> None:
    """They do not agree: the other one knows, and those who settle it."""
    session = _session(event.session_id)
    if session is None or session.status != "disputed":
        return
    _forget(session)
    _tell(
        session,
        _other(session, event.by_id),
        "sessions.disputed",
        event.line_id,
        now=now,
        why=_why(event.line_id),
    )
    for resident_id in _who_settle(session):
        _tell(session, resident_id, "sessions.to_settle", event.line_id, now=now)


def tell_ended(event: SessionEnded, *, now: datetime) -> None:
    """It is over and nothing moved."""
    session = _session(event.session_id)
    if session is None or session.status != event.status:
        return
    _forget(session)
    people = (session.asker_id,) if event.status == "expired" else (session.giver_id, session.learner_id)
    for resident_id in people:
        _tell(session, resident_id, ENDED[event.status], event.line_id, now=now, why=_why(event.line_id))


def tell_message(event: MessagePosted, *, now: datetime) -> None:
    """One of the two wrote to the other."""
    session = _session(event.subject_id) if event.subject_kind == "session" else None
    if session is not None:
        _tell(session, _other(session, event.author_id), "sessions.message", event.message_id, now=now)


# -- how it is told ---------------------------------------------------------------------------------------


def _session(session_id: int) -> SkillSession | None:
    """The session, held: what happens at the same moment is heard before or after."""
    return locked_one(SkillSession, session_id)


def _other(session: SkillSession, resident_id: int) -> int:
    return queries.standing_of(session).other(resident_id)


def _tell(
    session: SkillSession, resident_id: int, kind: str, line_id: int, *, now: datetime, **more: Any
) -> None:
    key = f"{kind}:{session.id}:{line_id}:{resident_id}"
    notifications.tell_many([words.telling(session, resident_id, kind, key=key, **more)], now=now)


def _forget(session: SkillSession) -> None:
    """What was told of it and nobody has seen yet does not hold any more."""
    for kind in ("reminder", "asked", "offered", "proposed", "said"):
        notifications.withdraw(key_prefix=f"sessions.{kind}:{session.id}:")


def _why(line_id: int) -> str:
    line = db.session.get(SessionLine, line_id)
    return (line.why or "") if line is not None else ""


def _who_settle(session: SkillSession) -> Collection[int]:
    """The coordinators of the hub that hears it, without the two; the stewards where there is none."""
    found: list[int] = []
    if session.heard_at_id is not None:
        found += db.session.scalars(
            select(Membership.resident_id).where(
                Membership.hub_id == session.heard_at_id,
                Membership.is_coordinator,
                Membership.status == "verified",
            )
        )
    people = {session.giver_id, session.learner_id}
    if not set(found) - people:
        found = list(db.session.scalars(select(Resident.id).where(Resident.is_steward)))
    return sorted(set(found) - people)
