"""How far a calendar reaches."""

from datetime import date, timedelta

BACK = timedelta(days=90)
AHEAD = timedelta(days=365)


def window(today: date) -> tuple[date, date]:
    """The first and the last day that it shows, both included."""
    return today - BACK, today + AHEAD
