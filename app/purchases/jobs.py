"""What campaigns do before their closing when time passes: short transactions, each sure to be done once."""

from datetime import datetime

from app.core.jobs import through, until_empty
from app.purchases import passing, telling

BATCH = 50
PEOPLE = 300
"""Neighbours who are told in one transaction."""


def open_ready(*, now: datetime) -> int:
    """Those that were to open by themselves."""
    return through(lambda after: passing.open_ready(now=now, after_id=after, limit=BATCH))


def prepare_next(*, now: datetime) -> int:
    """The next one of those that repeat."""
    return through(lambda after: passing.prepare_next(now=now, after_id=after, limit=BATCH))


def tell_neighbours(*, now: datetime) -> int:
    """What opened near them, and whose last day has come."""
    through(lambda after: passing.begin_last_days(now=now, after_id=after, limit=BATCH))
    return until_empty(lambda: telling.tell_next(now=now, limit=PEOPLE), 1)
