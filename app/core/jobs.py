"""Work that is done when time passes: one line of the timetable, and what each job did last.

The scheduler runs it, the stewards' page and `/readyz` look at it; both rooms stand on this module.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


@dataclass(frozen=True)
class Job:
    """`every` in seconds. `name` is stored, so it never changes. `work(now=...)` takes what is due, in batches with
    a transaction each, and says how many things it did."""

    name: str
    every: int
    work: Callable[..., int]


_stop = threading.Event()


def keep_going() -> bool:
    """False once the scheduler was asked to stop: a job asks before each batch, and ends with the batch at hand."""
    return not _stop.is_set()


def ask_to_stop() -> None:
    """Let every job of this process end after its batch."""
    _stop.set()


def go_on() -> None:
    """Take up work again after `ask_to_stop`."""
    _stop.clear()


class JobRun(Base):
    """The last run of a job by its name; durations in milliseconds, `count` of things done, `failures` in a row.
    `asked_at`: a steward wants it run now, instead of at its hour."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    duration_ms: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class Heartbeat(Base):
    """When the leading scheduler last said that it lives."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
