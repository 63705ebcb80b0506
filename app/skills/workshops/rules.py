"""Who has a place, whose turn it is, until when it is offered. Pure functions on plain values; moments are aware."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

OFFERED_FOR: Final = timedelta(hours=24)
LAST_OFFERS: Final = timedelta(hours=2)
"""So long before the start nothing is offered any more: a place that is free is for whoever takes it."""
KEPT_UNTIL: Final = timedelta(hours=48)
"""So long before the start places are no longer kept for newcomers."""
DOORS_OPEN: Final = timedelta(hours=2)
"""So early somebody may be there already."""
WRITTEN_UP: Final = timedelta(days=7)
"""So long afterwards a volunteer can still write down who came."""
UNDO_FOR: Final = timedelta(minutes=10)
REMINDED: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Places:
    """The places of one date: how many there are, how many are held, and by how many newcomers; `kept` for those who
    come the first time."""

    capacity: int
    kept: int
    taken: int
    newcomers: int
    starts_at: datetime

    @property
    def free(self) -> int:
        """Places that nobody holds."""
        return self.capacity - self.taken

    def kept_now(self, now: datetime) -> int:
        """Free places that are still kept for newcomers."""
        if now >= self.starts_at - KEPT_UNTIL:
            return 0
        return min(self.free, max(0, self.kept - self.newcomers))

    def room(self, *, newcomer: bool, now: datetime) -> int:
        """Free places that this person may have."""
        return self.free if newcomer else self.free - self.kept_now(now)


@dataclass(frozen=True)
class Waiting:
    """Somebody in line, in the order of `turn`."""

    id: int
    turn: int
    newcomer: bool


def next_offered(line: Sequence[Waiting], places: Places, *, now: datetime) -> Waiting | None:
    """Who is offered a place now: the first in line who may have one; nobody shortly before the start."""
    if offer_ends(places.starts_at, now=now) <= now:
        return None
    in_order = sorted(line, key=lambda one: one.turn)
    return next((one for one in in_order if places.room(newcomer=one.newcomer, now=now) > 0), None)


def offer_ends(starts_at: datetime, *, now: datetime) -> datetime:
    """Until when a place that is offered now stays offered."""
    return min(now + OFFERED_FOR, starts_at - LAST_OFFERS)


def doors(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """From when to when it can be written down who came."""
    return starts_at - DOORS_OPEN, ends_at + WRITTEN_UP
