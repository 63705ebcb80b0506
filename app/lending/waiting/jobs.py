"""What the lines do when time passes: short transactions, each sure to be done once."""

from datetime import datetime

from app.core.jobs import through
from app.lending.jobs import BATCH
from app.lending.waiting import passing


def lapse_holds(*, now: datetime) -> int:
    """What nobody came for goes to the next one."""
    return through(lambda after: passing.lapse_holds(now=now, after_id=after, limit=BATCH))


def serve_lines(*, now: datetime) -> int:
    """What has become free since is kept aside for whose turn it is."""
    return through(lambda after: passing.serve_lines(now=now, after_id=after, limit=BATCH))
