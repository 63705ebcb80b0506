"""Sessions on a calendar: when, with whom, at which hub. No address, no link: those stand on the page."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.i18n import _
from app.core.ics import Happening
from app.skills.sessions import queries
from app.skills.sessions.models import SkillSession


def happenings_of(resident_id: int, *, first: date, last: date) -> list[Happening]:
    """Her agreed sessions from one day to another, both included, in order. One statement."""
    zone = ZoneInfo(clock.home_zone())
    found = queries.agreed_between(
        resident_id,
        datetime.combine(first, time.min, tzinfo=zone),
        datetime.combine(last, time.max, tzinfo=zone),
    )
    return [happening(session, resident_id) for session in found]


def happening(session: SkillSession, resident_id: int) -> Happening:
    """A session whose time is agreed, as one of its two people has it."""
    assert session.starts_at is not None
    assert session.ends_at is not None
    other = session.learner if resident_id == session.giver_id else session.giver
    return Happening(
        uid=f"session-{session.id}",
        title=_("%(skill)s, avec %(name)s", skill=session.skill.title, name=other.name),
        starts=session.starts_at,
        ends=session.ends_at,
        place=session.hub.name if session.hub is not None else "",
        url=f"/sessions/{session.id}",
    )
