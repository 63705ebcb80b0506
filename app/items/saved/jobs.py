"""What kept searches do when time passes."""

from collections.abc import Callable
from datetime import datetime

from app.core.db import retrying, transaction
from app.core.jobs import keep_going
from app.items.saved import services

PEOPLE_AT_ONCE = 25
"""Residents whose searches are run in one transaction."""
FORGOTTEN_AT_ONCE = 500


def tell_new_objects(*, now: datetime) -> int:
    """Everybody whose hour has come is told what fits her searches; how many residents were looked at. What was
    stopped long ago is forgotten meanwhile."""
    _batches(lambda: services.forget_stopped(now=now, limit=FORGOTTEN_AT_ONCE), FORGOTTEN_AT_ONCE)
    return _batches(lambda: services.tell_new(now=now, limit=PEOPLE_AT_ONCE), PEOPLE_AT_ONCE)


def _batches(work: Callable[[], int], full: int) -> int:
    """A transaction for each batch, until one is not full."""

    def once() -> int:
        with transaction():
            return work()

    done, count = 0, full
    while count >= full and keep_going():
        count = retrying(once)
        done += count
    return done
