"""When a campaign opens and closes, by the clock on the wall of its hub. Pure functions on plain values; a wall clock is
a moment without a zone."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LAST_DAY: Final = timedelta(hours=24)
"""So long before the closing its last day begins."""


def wall(at: datetime, timezone: str) -> datetime:
    """What the clock on the wall shows at this moment."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)


def instant(at: datetime, timezone: str) -> datetime | None:
    """The moment (UTC) of a wall clock; None for one that is skipped when the clocks go forward. Of one that comes twice
    when they go back, the second: nobody finds the door closed before the clock says so."""
    zone = ZoneInfo(timezone)
    moment = at.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return moment if wall(moment, timezone) == at.replace(fold=0) else None


def later(at: datetime, timezone: str, *, weeks: int) -> datetime:
    """The same wall clock so many weeks on; where it is skipped that night, an hour later."""
    there = wall(at, timezone) + timedelta(weeks=weeks)
    return instant(there, timezone) or there.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)


def weeks_to_next(closes_at: datetime, timezone: str, *, every_weeks: int, now: datetime) -> int:
    """How many weeks after this one the next campaign is: the first multiple whose closing is still to come, however
    long nobody looked."""
    weeks = every_weeks
    while later(closes_at, timezone, weeks=weeks) <= now:
        weeks += every_weeks
    return weeks


def zoned(at: datetime, timezone: str) -> datetime:
    """The same moment with the offset of its place."""
    return at.astimezone(ZoneInfo(timezone))
