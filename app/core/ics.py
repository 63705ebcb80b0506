"""Days for a calendar program (iCalendar, RFC 5545): what happens, as rooms say it, written by the `icalendar` library."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

CONTENT_TYPE = "text/calendar; charset=utf-8"
READ_AGAIN = timedelta(hours=4)
"""How often a program that keeps a calendar's address is asked to look."""


@dataclass(frozen=True)
class Happening:
    """One thing on a calendar. `starts` and `ends` are aware moments, or two civil days of which the last is
    included. `uid` stays the same when the thing moves, so that the calendar moves it too. `tentative`: asked for,
    nobody has said yes."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    place: str = ""
    words: str = ""
    url: str = ""
    tentative: bool = False


def calendar(happenings: Iterable[Happening], *, now: datetime, name: str = "") -> str:
    """The whole file; `now` says which version is the newer, `name` what a calendar that is kept is called."""
    from icalendar import Calendar  # noqa: PLC0415 -- forty modules, only where a calendar is written

    file = Calendar()
    file.add("prodid", "-//MoviLab//MoviLab//FR")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    if name:
        file.add("x-wr-calname", _clean(name))
        file.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
        file.add("x-published-ttl", f"PT{READ_AGAIN // timedelta(hours=1)}H")
    for one in happenings:
        file.add_component(_event(one, now))
    text: str = file.to_ical(sorted=False).decode()
    return text


def _event(one: Happening, now: datetime) -> "Event":
    from icalendar import Event  # noqa: PLC0415 -- as above

    event = Event()
    event.add("uid", _clean(one.uid))
    event.add("dtstamp", now.astimezone(UTC))
    first, after = _span(one)
    event.add("dtstart", first)
    event.add("dtend", after)
    for field, text in (("summary", one.title), ("location", one.place), ("description", one.words)):
        if text:
            event.add(field, _clean(text))
    if one.url:
        event.add("url", one.url)
    if one.tentative:
        event.add("status", "TENTATIVE")
    return event


def _span(one: Happening) -> tuple[datetime | date, datetime | date]:
    """Moments in UTC, which say the same to every program whatever zones it knows; of whole days, the day after."""
    if isinstance(one.starts, datetime) and isinstance(one.ends, datetime):
        return one.starts.astimezone(UTC), one.ends.astimezone(UTC)
    return one.starts, one.ends + timedelta(days=1)


def _clean(text: str) -> str:
    """Without the signs that no calendar may hold; the library escapes the others."""
    return "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c >= " " or c in "\n\t")
