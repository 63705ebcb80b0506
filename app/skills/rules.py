"""What is true of skills: which times suit. Pure: plain values, moments are aware."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class Window(Protocol):
    """A time of the week: minutes of the day by the clock on the wall, `closes` not included; 0 is Monday."""

    @property
    def weekday(self) -> int: ...
    @property
    def opens(self) -> int: ...
    @property
    def closes(self) -> int: ...


def fits(availability: Collection[Window], start: datetime, minutes: int, zone: str) -> bool:
    """Whether so many minutes from `start` on lie in times that suit, minute by minute, as the clock on the wall of
    `zone` shows them: right also in the night it changes, and from one window into the next. Without any window, all
    suits."""
    if not availability:
        return True
    clock, begins = ZoneInfo(zone), start.astimezone(UTC)
    suits = {(one.weekday, minute) for one in availability for minute in range(one.opens, one.closes)}
    return all(_on_the_wall((begins + n * MINUTE).astimezone(clock)) in suits for n in range(minutes))


def _on_the_wall(moment: datetime) -> tuple[int, int]:
    return moment.weekday(), moment.hour * 60 + moment.minute
