"""What the kept scans do when time passes."""

from datetime import datetime

from app.core.db import retrying, transaction
from app.core.jobs import keep_going
from app.counter.offline import services

AT_ONCE = 500


def forget_settled(*, now: datetime) -> int:
    """What was settled long ago is let go, in batches; how many."""

    def once() -> int:
        with transaction():
            return services.forget_settled(now=now, limit=AT_ONCE)

    done, count = 0, AT_ONCE
    while count == AT_ONCE and keep_going():
        count = retrying(once)
        done += count
    return done
