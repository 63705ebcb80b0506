"""What the pages of delivery show, ready for their templates: the curve of pledges, days in words, sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.core.i18n import format_short_day
from app.purchases.delivery.rules import Point

WIDTH, HEIGHT = 640, 220
LEFT, TOP, BOTTOM = 8, 26, 24
"""Room for the words around the curve."""


@dataclass(frozen=True)
class Curve:
    """A staircase in an SVG of `WIDTH` by `HEIGHT`: `line` is its path, `area` what lies under it; `goal` the height of
    the minimum, None without one. `days`: the same as a table, what stood pledged at the end of each day on which
    something changed."""

    line: str
    area: str
    goal: float | None
    most_cents: int
    first: str
    last: str
    days: Sequence[tuple[date, int]]


def curve(
    points: Sequence[Point], *, begins: datetime, ends: datetime, minimum_cents: int, timezone: str
) -> Curve | None:
    """Pledges from opening to closing, or until now; None where nobody pledged yet."""
    if not points:
        return None
    begins = min(begins, points[0].at)
    ends = max(ends, points[-1].at, begins + timedelta(hours=1))
    most = max(minimum_cents, *(point.cents for point in points), 1)

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - 2 * LEFT) * ((at - begins) / (ends - begins)), 1)

    def y(cents: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * cents / most, 1)

    steps = [f"M{x(begins)} {y(0)}"]
    for point in points:
        steps += [f"H{x(point.at)}", f"V{y(point.cents)}"]
    steps.append(f"H{x(ends)}")
    line = "".join(steps)
    zone = ZoneInfo(timezone)
    days: dict[date, int] = {}
    for point in points:
        days[point.at.astimezone(zone).date()] = point.cents
    return Curve(
        line=line,
        area=f"{line}V{y(0)}Z",
        goal=y(minimum_cents) if minimum_cents else None,
        most_cents=most,
        first=format_short_day(begins.astimezone(zone).date()),
        last=format_short_day(ends.astimezone(zone).date()),
        days=list(days.items()),
    )
