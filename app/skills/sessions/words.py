"""How a session is told to one of its two people: what every message may name. The link and the talk are never part of
it."""

from typing import Any

from app.notifications.rules import Telling
from app.skills.sessions import queries, rules
from app.skills.sessions.models import SkillSession


def telling(
    session: SkillSession,
    resident_id: int,
    kind: str,
    *,
    key: str,
    urgent: bool = False,
    mail: bool = True,
    path: str | None = None,
    **params: Any,
) -> Telling:
    """One thing to tell one of them (or whoever settles it), once per `key`."""
    return Telling(
        resident_id=resident_id,
        kind=kind,
        params={**_names(session, resident_id), **params},
        path=path or f"/sessions/{session.id}",
        key=key,
        mail=mail,
        urgent=urgent,
        timezone=session.hub.timezone if session.hub is not None else None,
    )


def _names(session: SkillSession, resident_id: int) -> dict[str, Any]:
    other = session.learner if resident_id == session.giver_id else session.giver
    standing = queries.standing_of(session)
    return {
        "skill": session.skill.title,
        "other": other.name,
        "giver": session.giver.name,
        "learner": session.learner.name,
        "minutes": session.minutes,
        "moved": session.moved_minutes,
        "starts": session.starts_at,
        "times": list(standing.times),
        "where": session.place,
        "place": session.hub.name if session.hub is not None else "",
        "address": session.hub.address if session.hub is not None else "",
        "until": rules.closes_at(standing),
    }
