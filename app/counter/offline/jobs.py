"""What the kept scans do when time passes."""

from datetime import datetime

from app.core.jobs import until_empty
from app.counter.offline import services

AT_ONCE = 500


def forget_settled(*, now: datetime) -> int:
    """What was settled long ago is let go, in batches; how many."""
    return until_empty(lambda: services.forget_settled(now=now, limit=AT_ONCE), AT_ONCE)
