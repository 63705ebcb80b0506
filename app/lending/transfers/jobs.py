"""What transfers do when time passes."""

from datetime import datetime
from functools import partial

from app.core.db import retrying, transaction
from app.core.jobs import keep_going
from app.lending.transfers import services

BATCH = 100


def push_transfers(*, now: datetime) -> int:
    """What is on its way holds its object for another day."""
    total, after_id = 0, 0
    while keep_going():
        count, last = retrying(partial(_batch, after_id, now))
        total += count
        if last is None:
            break
        after_id = last
    return total


def _batch(after_id: int, now: datetime) -> tuple[int, int | None]:
    with transaction():
        return services.push(now=now, after_id=after_id, limit=BATCH)
