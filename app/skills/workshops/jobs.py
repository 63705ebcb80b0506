"""What workshops do when time passes: short transactions, each sure to be done once."""

from datetime import datetime

from app.core.jobs import through
from app.skills.workshops import passing

BATCH = 50


def serve_lines(*, now: datetime) -> int:
    """Places that nobody took in time go to the next one."""
    return through(lambda after: passing.serve_lines(now=now, after_id=after, limit=BATCH))


def fill_series(*, now: datetime) -> int:
    """What repeats is there ninety days ahead."""
    return through(lambda after: passing.fill_series(now=now, after_id=after, limit=BATCH))


def keep_objects(*, now: datetime) -> int:
    """Objects that have become free since are kept for the workshops that need them."""
    return through(lambda after: passing.keep_objects(now=now, after_id=after, limit=BATCH))


def remind(*, now: datetime) -> int:
    """The day before."""
    return through(lambda after: passing.remind(now=now, after_id=after, limit=BATCH))
