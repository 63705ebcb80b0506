"""One line of the timetable: what is done, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Work(Protocol):
    """A job: takes what is due at `now`, in batches with a transaction each, and says how many things it did."""

    def __call__(self, *, now: datetime) -> int: ...


@dataclass(frozen=True)
class Job:
    """`every` in seconds. `name` is stored, so it never changes."""

    name: str
    every: int
    work: Callable[..., int]
