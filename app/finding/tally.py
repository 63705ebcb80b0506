"""How many finds of a search stand on each shelf, as far as counting is cheap.

What is counted are published points with how many are there, so that a circle is a true circle; and no more
than a neighbour would wait for. Beyond that only what was seen is said: "more than 1,000", or nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import Select, bindparam, func, select

from app.core.db import db
from app.finding import boxes, search
from app.finding.searched import Searched, Shape
from app.finding.wanted import Wanted
from app.geo.distance import from_here
from app.geo.rules import box_around

MOST_SEEN = 20_000
"""How many are looked at; on a shelf of a larger search, numbers are not known."""
MOST_SAID = 1_000
"""Above this nobody wants to know exactly."""


@dataclass(frozen=True)
class Tally:
    """What was counted on each shelf and those below it; `whole`: everything was looked at. Fewer than `fewest` are
    not told: the search itself then takes words loosely, and finds more."""

    on: Mapping[str, int] = field(default_factory=dict)
    every: int = 0
    whole: bool = False
    fewest: int = 0

    @classmethod
    def unknown(cls) -> Self:
        """Where nothing can be counted."""
        return cls()

    def of(self, slug: str) -> int | None:
        """How many on this shelf ("" for all together): exact up to `MOST_SAID`, `MOST_SAID + 1` for more, None
        where it is not known."""
        number = self.seen(slug)
        if number > MOST_SAID:
            return MOST_SAID + 1
        return number if self.whole and number >= self.fewest else None

    def seen(self, slug: str) -> int:
        """How many were counted there: at least so many there are."""
        return self.on.get(slug, 0) if slug else self.every


def shelves(wanted: Wanted, *, signed_in: bool, now: datetime) -> Tally:
    """How much there is on each shelf of all that is wanted, whatever shelf was asked for. One statement."""
    of, everywhere = wanted.of, replace(wanted, category="")
    given = everywhere.values(moment=now) | {"most": MOST_SEEN}
    distance = None
    if wanted.near is not None and wanted.radius_km is not None:
        box = box_around(*wanted.near, wanted.radius_km + 0.001)
        given |= {f"box_{edge}": getattr(box, edge) for edge in boxes.EDGES}
        distance = from_here(*wanted.near)
    reach = 1000 * (wanted.radius_km or 0)
    found: Counter[str] = Counter()
    seen = 0
    shape = everywhere.shape()
    for row in db.session.execute(_counted(of, shape, signed_in, distance is not None), given):
        seen += row.number
        if distance is None or distance(row.lat, row.lon) <= reach:
            found[row.slug] += row.number
    fewest = search.FEW if wanted.q else 0
    return Tally(_with_those_below(of, found), sum(found.values()), whole=seen < MOST_SEEN, fewest=fewest)


@lru_cache(maxsize=256)
def _counted(of: Searched, shape: Shape, signed_in: bool, in_box: bool) -> Select[Any]:
    lat, lon = boxes.point(of, signed_in=signed_in)
    columns: list[Any] = [of.table.category_id, lat.label("lat"), lon.label("lon")]
    looked_at = select(*columns).where(*of.conditions(shape))
    if in_box:
        looked_at = looked_at.where(boxes.inside((lat, lon), boxes.named("box"), crossing=True))
    seen = looked_at.limit(bindparam("most")).subquery("seen")
    place: list[Any] = [seen.c.category_id, seen.c.lat, seen.c.lon] if in_box else [seen.c.category_id]
    at: list[Any] = [seen.c.lat, seen.c.lon] if in_box else []
    shelf = of.category
    return (
        select(shelf.slug, *at, func.count().label("number"))
        .select_from(seen)
        .join(shelf, shelf.id == seen.c.category_id)
        .group_by(shelf.slug, *place)
    )


def _with_those_below(of: Searched, found: Mapping[str, int]) -> dict[str, int]:
    """Each shelf with what stands on it and on those below it."""
    parents = {shelf.slug: shelf.parent for shelf in of.tree.shelves}
    total: Counter[str] = Counter()
    for slug, number in found.items():
        at: str | None = slug
        while at:
            total[at] += number
            at = parents.get(at)
    return dict(total)
