"""Open days looked up fast: the same answers as `OpenDays`, for the two years around today, worked out once."""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.hubs.rules import OpenDays

BEHIND, AHEAD = 800, 400


class Days:
    """The open days of one place as ordinals, and moments on them."""

    def __init__(self, open_days: OpenDays, *, today: date) -> None:
        self.rules = open_days
        self.zone = ZoneInfo(open_days.timezone)
        first = today.toordinal() - BEHIND
        self._open = [
            n for n in range(first, first + BEHIND + AHEAD) if open_days.is_open(date.fromordinal(n))
        ]
        self._opens = {n: open_days.opens_at(date.fromordinal(n)).timetz() for n in self._open}
        self._known = bool(open_days.week)

    def next_open(self, day: date) -> date:
        """The first open day from `day` on."""
        at = bisect_left(self._open, day.toordinal())
        return date.fromordinal(self._open[min(at, len(self._open) - 1)])

    def last_open(self, day: date) -> date:
        """The last open day up to `day`."""
        at = bisect_right(self._open, day.toordinal())
        return date.fromordinal(self._open[max(at - 1, 0)])

    def at(self, day: date, minutes: int) -> datetime:
        """So many minutes after the door opens on that day; at home, after 17:30. Aware, UTC."""
        opens = self._opens.get(day.toordinal()) if self._known else None
        start = opens.replace(tzinfo=None) if opens else time(17, 30)
        return (datetime.combine(day, start, tzinfo=self.zone) + timedelta(minutes=minutes)).astimezone(UTC)
