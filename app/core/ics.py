"""Days for a calendar program: a small, exact part of iCalendar (RFC 5545).

Text is escaped, lines end in CRLF and are folded at 75 octets without cutting a letter in two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75
"""Octets of one line, its CRLF not counted."""
CONTENT_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Happening:
    """One thing on a calendar. `starts` and `ends` are aware moments, or two civil days of which the last is
    included. `uid` stays the same when the thing moves, so that the calendar moves it too."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    place: str = ""
    words: str = ""
    url: str = ""


def calendar(happenings: Iterable[Happening], *, now: datetime) -> str:
    """The whole file; `now` says which version is the newer."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MoviLab//MoviLab//FR", "METHOD:PUBLISH"]
    for one in happenings:
        lines += _event(one, now)
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


def _event(one: Happening, now: datetime) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{_escaped(one.uid)}", f"DTSTAMP:{_moment(now)}", *_span(one)]
    for name, text in (("SUMMARY", one.title), ("LOCATION", one.place), ("DESCRIPTION", one.words)):
        if text:
            lines.append(f"{name}:{_escaped(text)}")
    if one.url:
        lines.append(f"URL:{one.url}")
    return [*lines, "END:VEVENT"]


def _span(one: Happening) -> list[str]:
    if isinstance(one.starts, datetime) and isinstance(one.ends, datetime):
        return [f"DTSTART:{_moment(one.starts)}", f"DTEND:{_moment(one.ends)}"]
    after = one.ends + timedelta(days=1)  # the end of whole days is exclusive in iCalendar
    return [f"DTSTART;VALUE=DATE:{one.starts:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for mark, escaped in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\r", "\\n"),
        ("\n", "\\n"),
    ):
        text = text.replace(mark, escaped)
    return "".join(c for c in text if c >= " " or c == "\t")


def _folded(line: str) -> str:
    pieces: list[str] = []
    piece, octets, room = "", 0, LONGEST_LINE
    for letter in line:
        size = len(letter.encode())
        if octets + size > room:
            pieces.append(piece)
            piece, octets, room = "", 0, LONGEST_LINE - 1  # a folded line begins with one space
        piece += letter
        octets += size
    return "\r\n ".join([*pieces, piece])
