"""Who may answer, propose other times, call off, say how long it was, and settle what two cannot. Pure: lists of
reasons, empty means yes."""

from collections.abc import Collection
from datetime import datetime

from app.skills.sessions.rules import Standing, answerable


def sees(standing: Standing, resident_id: int, *, hears: bool) -> bool:
    """The two of them; and who hears them, once they did not agree."""
    return standing.side(resident_id) is not None or hears


def why_not_answer(standing: Standing, resident_id: int, now: datetime) -> list[str]:
    """Empty for the one to whom times were proposed."""
    if not answerable(standing, now):
        return ["sessions.nothing_to_answer"]
    return ["sessions.other_answers"] if standing.proposed_by_id == resident_id else []


def why_not_propose(standing: Standing, now: datetime) -> list[str]:
    """Empty while it has not begun."""
    if standing.status == "asked":
        return []
    if standing.status != "accepted":
        return ["sessions.over"]
    return ["sessions.begun"] if standing.begun(now) or standing.said else []


def why_not_cancel(standing: Standing, now: datetime) -> list[str]:
    """Empty while it has not begun; afterwards both say how long it was, or that they do not agree."""
    return why_not_propose(standing, now)


def why_not_confirm(standing: Standing) -> list[str]:
    """Empty once it was agreed: who met sooner than agreed may say so."""
    if standing.status == "asked":
        return ["sessions.not_accepted"]
    return [] if standing.status in ("accepted", "disputed", "confirmed") else ["sessions.over"]


def why_not_dispute(standing: Standing, now: datetime) -> list[str]:
    """Empty once it has begun, or once the other one has said how long it was."""
    if standing.status == "asked":
        return ["sessions.not_accepted"]
    if standing.status not in ("accepted", "disputed"):
        return ["sessions.over"]
    return [] if standing.said or standing.begun(now) else ["sessions.not_begun"]


def why_not_settle(
    standing: Standing, resident_id: int, *, roles: Collection[str], is_steward: bool
) -> list[str]:
    """Empty for a coordinator of the hub that hears it, or a steward, who is neither of the two."""
    if standing.side(resident_id) is not None:
        return ["sessions.own_dispute"]
    return [] if is_steward or "coordinator" in roles else ["hubs.not_coordinator"]
