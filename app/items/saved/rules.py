"""When a kept search is looked at, and which searches may be kept: pure functions on plain values."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST = 20
"""How many searches one resident may keep."""
NAME_LONGEST = 80
REACH_KM = 20
"""How far a search without a radius reaches: what is farther is nothing to be told of."""
LOOKS_AT = time(9)
"""The hour at which everybody's searches are looked at: when the quiet hours end."""
SETTLES = timedelta(minutes=10)
"""An object is told when it is at least so old: what is being written just now is seen the next day."""
TAKEN_UP_AGAIN = timedelta(days=1)
"""How long a search that was stopped can be taken up as it was."""
NARROWING = ("q", "category", "hub", "near")


def next_look(now: datetime, timezone: str) -> datetime:
    """The next time after `now` that it is nine in `timezone`."""
    asleep = now.astimezone(ZoneInfo(timezone)).time() < LOOKS_AT
    return _nine(now - timedelta(days=1) if asleep else now, timezone)


def next_day(now: datetime, timezone: str) -> datetime:
    """Nine o'clock of the day after: once a day, however late today's look came."""
    return _nine(now, timezone)


def _nine(day_before: datetime, timezone: str) -> datetime:
    tomorrow = day_before.astimezone(ZoneInfo(timezone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, LOOKS_AT, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def too_wide(asked: Mapping[str, str]) -> bool:
    """Whether every new object of the whole installation would fit."""
    return not any(asked.get(name) for name in NARROWING)


def bounded(asked: Mapping[str, str]) -> dict[str, str]:
    """The search with an end to it: around a place, no farther than `REACH_KM` unless it says how far."""
    found = dict(asked)
    if found.get("near") and not found.get("hub"):
        found.setdefault("radius_km", str(REACH_KM))
    return found
