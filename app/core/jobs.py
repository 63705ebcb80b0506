"""Work that is done when time passes: one line of the timetable, and what each job did last.

The scheduler runs it, the stewards' page and `/readyz` look at it; both rooms stand on this module.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, retrying, transaction

T = TypeVar("T")


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


@dataclass(frozen=True)
class Walked:
    """A batch along the numbers: how many things were done, and behind which number the next batch begins; None when
    there is none."""

    count: int
    after_id: int | None


def until_empty(batch: Callable[[], int], full: int) -> int:
    """Batch after batch, a transaction each, until one is not full; how many things were done."""
    total, count = 0, full
    while count >= full and keep_going():
        count = in_one(batch)
        total += count
    return total


def through(batch: Callable[[int], Walked]) -> int:
    """Batch after batch along the numbers, a transaction each; how many things were done."""
    total = 0
    after_id: int | None = 0
    while after_id is not None and keep_going():
        walked = in_one(partial(batch, after_id))
        total += walked.count
        after_id = walked.after_id
    return total


def in_one(batch: Callable[[], T]) -> T:
    """The batch in a transaction of its own, tried again when another one stood in its way."""

    def once() -> T:
        with transaction():
            return batch()

    return retrying(once)


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
