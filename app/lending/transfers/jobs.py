"""What transfers do when time passes."""

from datetime import datetime

from app.core.jobs import through
from app.lending.transfers import services

BATCH = 100


def push_transfers(*, now: datetime) -> int:
    """What is on its way holds its object for another day."""
    return through(lambda after: services.push(now=now, after_id=after, limit=BATCH))
