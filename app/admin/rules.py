"""How a job stands, from what it did last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["ok", "failing", "at_work", "asked", "late", "never"]

GRACE = timedelta(seconds=60)
"""The leader writes down every ten seconds what ran; a job is late when it should long have run again."""
SILENCE = timedelta(seconds=60)
"""No heartbeat for so long means that nobody keeps time."""


@dataclass(frozen=True)
class LastRun:
    """What is known of a job; moments are None where there was none."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    asked_at: datetime | None = None
    failures: int = 0


def state(last: LastRun, *, every: int, now: datetime) -> State:
    """How a job that runs every so many seconds stands at `now`; what needs a steward first."""
    if last.failures:
        return "failing"
    if last.asked_at is not None:
        return "asked"
    if last.started_at is None:
        return "never"
    if last.finished_at is None or last.finished_at < last.started_at:
        return "at_work"
    return "late" if now - last.finished_at > timedelta(seconds=every) + GRACE else "ok"


def is_silent(beat_at: datetime | None, *, now: datetime) -> bool:
    """Whether nobody keeps time."""
    return beat_at is None or now - beat_at > SILENCE
