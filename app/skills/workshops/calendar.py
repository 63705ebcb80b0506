"""Workshops for calendar programs: a resident's own, and what a hub makes public. No address stands in it: the hub's name
says where."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from app.core import clock
from app.core.i18n import _
from app.core.ics import Happening
from app.skills.workshops import queries, rhythm
from app.skills.workshops.queries import Listed


def happenings_of(resident_id: int, *, first: date, last: date) -> list[Happening]:
    """What this resident goes to or holds between two days, both included, and what she is offered; what she only waits
    for is left out. One statement."""
    zone = clock.home_zone()
    since, until = (
        rhythm.instant(datetime.combine(day, time(0)), zone) for day in (first, last + timedelta(days=1))
    )
    listed = queries.mine(resident_id, since=since, until=until)
    return [_happening(one) for one in listed if one.status != "waiting"]


def public(one: Listed, *, site: str) -> Happening:
    """One date for anybody, unlike any other site's."""
    host = urlsplit(site).hostname or "localhost"
    return Happening(f"workshop-{one.id}@{host}", *_what(one), url=f"{site}/workshops/{one.id}")


def _happening(one: Listed) -> Happening:
    """It keeps its number when it moves, so that the calendar moves it too."""
    return Happening(
        f"workshop-{one.id}", *_what(one), url=f"/workshops/{one.id}", tentative=one.status == "offered"
    )


def _what(one: Listed) -> tuple[str, datetime, datetime, str]:
    return _("Atelier : %(title)s", title=one.title), one.starts_at, one.ends_at, one.hub_name
