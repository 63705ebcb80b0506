"""When one may say how an object looks, and how long it is kept: plain values."""

from datetime import datetime, timedelta

STAGES = ("out", "in")
OPEN_FOR = timedelta(days=3)
"""So long after an object has changed hands both sides may show how it looked."""
KEPT = timedelta(days=365)
"""So long after the end of a loan its photos, its notes and what was said about it are kept."""
MOST = 8
"""Notes of one loan and one stage."""
TEXT_LONGEST = 500


def stage_open(status: str, *, out_at: datetime | None, in_at: datetime | None, now: datetime) -> str | None:
    """What one may say now of how the object looks: as it left (`out`) while it is out, as it came back (`in`) once
    it is; None before, and when it is too long ago."""
    stage, since = ("out", out_at) if status == "checked_out" else ("in", in_at)
    return stage if since is not None and now < since + OPEN_FOR else None
