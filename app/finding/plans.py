"""In which order words and the rest of a wish are looked at, by how common the words are.

Rare words come first: all that hold them are read, and only those are looked at further. That they are not rare is
noticed by the search itself, which stops reading and is done again in another order; which words were common is
remembered for a while, so that only the first search for them takes this way.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import CTE, TableValuedAlias, bindparam, func, select

from app.core.db import db
from app.finding.asked import Asked
from app.finding.index import held_by
from app.finding.searched import Searched
from app.finding.wanted import Words

RARE = 5_000
"""As many objects as hold the words are read before anything else."""
SHARE = 20
"""One object of so many may hold the words for them to be looked up as a set."""
REMEMBERED = timedelta(minutes=10)
MOST_REMEMBERED = 2_000


K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """What was noticed of a catalogue, for a while; only the work depends on it, or how loosely words are taken."""

    all: ClassVar[list["Remembered[Any, Any]"]] = []

    def __init__(self) -> None:
        self._kept: dict[K, tuple[datetime, V]] = {}
        self.all.append(self)

    def get(self, key: K, *, now: datetime) -> V | None:
        """What was noticed of this less than ten minutes ago."""
        since, found = self._kept.get(key, (None, None))
        return found if since is not None and timedelta() <= now - since < REMEMBERED else None

    def put(self, key: K, found: V, *, now: datetime) -> None:
        """Remember this."""
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[key] = (now, found)

    @classmethod
    def forget_all(cls) -> None:
        """Where another catalogue takes its place."""
        for one in cls.all:
            one._kept.clear()


_common: Remembered[tuple[Searched, str], str] = Remembered()


def planned(of: Searched, asked: Asked, *, now: datetime) -> Words:
    """These words in the order that is best as far as is known."""
    words = Words(asked, "first")
    how = _common.get((of, words.said), now=now)
    return replace(words, how=how) if how else words


def too_common(of: Searched, words: Words, *, now: datetime) -> Words:
    """The order for words that turned out not to be rare."""
    every = db.session.scalar(select(func.max(of.table.id))) or 0
    most = every // SHARE
    some = select(_held(of).c.id).limit(bindparam("most")).subquery()
    given = {"words": words.said, "most": most + 1}
    number = db.session.scalar(select(func.count()).select_from(some), given) or 0
    how = "along" if number > most else "among"
    _common.put((of, words.said), how, now=now)
    return replace(words, how=how)


def first_hits(of: Searched) -> CTE:
    """The objects that hold the words, one more than are rare at the most. Parameters: `words`, `hits`."""
    return select(_held(of).c.id).limit(bindparam("hits")).cte("hits").prefix_with("MATERIALIZED")


def _held(of: Searched) -> TableValuedAlias:
    return held_by(of, bindparam("words")).table_valued("id", name="held")
