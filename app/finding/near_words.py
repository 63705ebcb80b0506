"""What is called so, near a place: words and cells are looked up together, in one index (`cells`).

Of a ladder of circles the statement takes the smallest whose cells hold enough titles: it counts in the index of words
alone, and reads only those objects. Rare words need no cells: all that hold them are read. Within the circle everything
was read, whatever lies in the cells around it; where filters left too little of it, it is done again farther up.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, bindparam, case, func, literal_column, select, true

from app.core.db import plain_rows, unweighed
from app.finding import boxes, cells, near, plans
from app.finding.index import held_by
from app.finding.searched import Searched, Shape
from app.finding.wanted import Place, Wanted, Words
from app.geo.distance import from_here
from app.geo.rules import METRES_PER_DEGREE, box_around

CIRCLES_KM = tuple(round(0.4 * 1.6**number, 3) for number in range(17))
"""Each two and a half times as large as the one before, up to some 700 km."""
FEW = 4_000
"""Where no more objects hold the words, all are read."""
LEFT = 0.75
"""Of what the index holds this share is left when days and the rest have been looked at; where it is less, twice is
looked."""
PLACES = 16
"""Within a 16th of a degree as many objects that are called so are about as near."""
ROOM = 1.05
"""So much farther than was needed is looked the next time."""


class Circle(NamedTuple):
    """How far it reaches, the cells that cover it, and the share of those that lies in it."""

    km: float
    cells: tuple[str, ...]
    share: float

    def enough(self, count: int) -> int:
        """As many in these cells that `count` of them should lie in the circle, and be there on those days."""
        return math.ceil(count / (self.share * LEFT))


class Enough(NamedTuple):
    """How far one had to look a while ago, and whether few hold the words; whether that is still enough shows when one
    looks."""

    km: float
    rare: bool


_common: plans.Remembered[tuple[Searched, str], bool] = plans.Remembered()
_enough: plans.Remembered[tuple[Any, ...], Enough] = plans.Remembered()


class Look(NamedTuple):
    """All that decides how the statement reads. `circles` are counted before all there is to search is taken; `rare`:
    whether the words are, has to be looked at first; `boxed`: what lies outside of a box is left out; `ranked`: what an
    order by likeness asks is read too."""

    of: Searched
    shape: Shape
    signed_in: bool
    circles: int
    rare: bool
    boxed: bool
    ranked: bool


def nearest(
    wanted: Wanted,
    *,
    signed_in: bool,
    after: near.Key | None,
    count: int,
    moment: datetime,
    words: Words,
    today: date | None = None,
) -> list[near.Hit]:
    """The `count` nearest objects after a key (metres, id), as (metres, id, row). With `today`, the row is what
    an order by likeness asks (`boxes.ranked_columns`), as a plain tuple."""
    assert wanted.near is not None
    seen_m = after[0] if after else -1
    reach = math.inf if wanted.radius_km is None else 1000 * wanted.radius_km
    look = Look(
        wanted.of,
        wanted.shape(words)._replace(words=""),
        signed_in,
        0,
        rare=False,
        boxed=False,
        ranked=today is not None,
    )
    seeker = Seeker(wanted.near, wanted.radius_km, words, look, after, count)
    seeker.given = wanted.values(moment=moment, words=words) | {"few": FEW + 1}
    seeker.given |= {"today": today} if today is not None else {}
    place = (words.said, look, count, round(wanted.near[0] * PLACES), round(wanted.near[1] * PLACES))
    known = _enough.get(place, now=moment) if after is None else None
    if known is not None and 1000 * known.km < reach:
        hits = seeker.read_around(known)
        if _within(hits, known.km) >= count:
            return hits[:count]
    ladder = [one for one in circles(wanted.near, seeker.point) if seen_m < 1000 * one.km < reach]
    rare = _common.get((wanted.of, words.said), now=moment) is None
    while True:
        many, step, hits = seeker.read(ladder, wanted.radius_km, rare=rare)
        if rare and many > FEW:
            _common.put((wanted.of, words.said), True, now=moment)
        elif rare:
            words.held.by = many
        whole = step == len(ladder)
        inside = len(hits) if whole else _within(hits, ladder[step].km)
        if after is None and inside >= count and (not rare or many > 2 * count):
            km = hits[count - 1][0] / 1000 * ROOM + 0.05
            km = km if whole else min(km, ladder[step].km)
            _enough.put(place, Enough(km, rare=rare and many <= FEW), now=moment)
        if whole or inside >= count:
            return hits[:count]
        ladder = ladder[step + 1 + int(math.log2(count / (inside + 1))) :]
        rare = False


def _within(hits: Sequence[near.Hit], km: float) -> int:
    """How many of these, which are in order, lie so near that nothing nearer was left out."""
    return bisect_left(hits, (math.ceil(1000 * km),))


@dataclass
class Seeker:
    """Somebody who looks once or more often for the same, around the same place."""

    here: Place
    radius_km: float | None
    words: Words
    look: Look
    after: near.Key | None
    count: int
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def point(self) -> str:
        """Which of the published points counts."""
        return cells.FINE if self.look.signed_in else cells.COARSE

    @cached_property
    def distance(self) -> Callable[[float, float], int]:
        """How far it is, in metres; a hub is asked for once."""
        return cache(from_here(*self.here))

    def read(
        self, ladder: Sequence[Circle], km: float | None, *, rare: bool = False
    ) -> tuple[int, int, list[near.Hit]]:
        """How many objects hold the words (where `rare` is to be found out), which step of the ladder was taken, and what
        is there; after the last step everything within `km` (None: everything)."""
        around = () if km is None else cells.covering(box_around(*self.here, km + 0.001), self.point)
        said = {"said_all": self.words.within(around)}
        enough = {}
        for number, one in enumerate(ladder):
            said[f"said_{number}"] = self.words.within(one.cells)
            enough[f"enough_{number}"] = one.enough(self.count)
        look = self.look._replace(circles=len(ladder), rare=rare)
        rows = plain_rows(statement(look), self.given | said | enough)
        return rows[0].many, rows[0].step, self._hits(rows)

    def read_around(self, known: Enough) -> list[near.Hit]:
        """What lies so near; rare words need no cells."""
        box = box_around(*self.here, known.km + 0.001)
        said = self.words.within(() if known.rare else cells.covering(box, self.point))
        edges = {f"box_{edge}": getattr(box, edge) for edge in boxes.EDGES}
        rows = plain_rows(statement(self.look._replace(boxed=True)), self.given | {"said_all": said} | edges)
        return self._hits(rows)

    def _hits(self, rows: Sequence[Any]) -> list[near.Hit]:
        """The hits among these rows, in order. Each row begins with `many` and `step`, and may hold no object. Read by
        place: to ask a row by name costs ten times as much."""
        found = [
            (self.distance(row[3], row[4]), row[2], tuple(row[5:])) for row in rows if row[2] is not None
        ]
        if self.radius_km is not None or self.after is not None:
            reach = math.inf if self.radius_km is None else 1000 * self.radius_km
            found = [hit for hit in found if hit[0] <= reach and (self.after is None or hit[:2] > self.after)]
        return sorted(found)


@lru_cache(maxsize=2048)
def circles(near: Place, point: str) -> tuple[Circle, ...]:
    """The ladder around a place, as far as cells reach."""
    found = []
    for km in CIRCLES_KM:
        box = box_around(*near, km)
        covering = cells.covering(box, point)
        if not covering:
            break
        found.append(Circle(km, covering, _share(km, near[0], covering)))
    return tuple(found)


def _share(km: float, lat: float, covering: Sequence[str]) -> float:
    """Roughly which part of these cells a circle is."""
    side = (1 << int(covering[0][1])) / cells.FINEST * METRES_PER_DEGREE / 1000
    return math.pi * km**2 / (len(covering) * side**2 * max(math.cos(math.radians(lat)), 0.01))


@lru_cache(maxsize=512)
def statement(look: Look) -> Select[Any]:
    """The statement for every wish that looks so. Each row says how `many` objects hold the words (no more than `few`;
    0 where that was not asked) and which `step` of the ladder was taken, and there is one row at least."""
    of = look.of
    many = _count(of, "words", "few") if look.rare else literal_column("0")
    known = select(many.label("many")).cte("known").prefix_with("MATERIALIZED")
    step = _smallest(of, 0, look.circles)
    if look.rare:
        step = case((known.c.many < bindparam("few"), look.circles), else_=step)
    chosen = select(known.c.many, step.label("step")).cte("chosen").prefix_with("MATERIALIZED")
    hits = _held(of, _said(look, chosen)).cte("hits").prefix_with("MATERIALIZED")
    item, at = of.table, boxes.point(of, signed_in=look.signed_in)
    columns: list[Any] = [item.id, at[0].label("lat"), at[1].label("lon")]
    columns += boxes.ranked_columns(of, look.shape) if look.ranked else []
    read = select(*columns).where(item.id.in_(select(hits.c.id)))
    if look.boxed:
        # Said so that no index of places serves: the objects are at hand.
        lat, lon = (func.coalesce(one, one) for one in at)
        read = read.where(boxes.inside((lat, lon), boxes.named("box"), crossing=True))
    read = read.where(*of.conditions(look.shape))
    body = read.subquery("body")
    return select(chosen.c.many, chosen.c.step, *body.c).select_from(chosen.outerjoin(body, true()))


def _smallest(of: Searched, low: int, high: int) -> ColumnElement[int]:
    """The smallest circle from `low` on that holds enough, or `high`: halved as a telephone book is opened."""
    if low == high:
        return literal_column(str(low))
    middle = (low + high) // 2
    holds = _count(of, f"said_{middle}", f"enough_{middle}") >= bindparam(f"enough_{middle}")
    return case((holds, _smallest(of, low, middle)), else_=_smallest(of, middle + 1, high))


def _count(of: Searched, said: str, most: str) -> ColumnElement[int]:
    """How many objects hold what the parameter `said` says, no more than `most`."""
    some = _held(of, bindparam(said)).limit(unweighed(most)).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _said(look: Look, chosen: CTE) -> ColumnElement[Any]:
    """What is looked for at the step that was chosen."""
    if not look.circles:
        return bindparam("said_all")
    steps: Iterator[Any] = (
        (chosen.c.step == number, bindparam(f"said_{number}")) for number in range(look.circles)
    )
    return select(case(*steps, else_=bindparam("said_all"))).scalar_subquery()


def _held(of: Searched, said: ColumnElement[Any]) -> Select[Any]:
    return select(held_by(of, said).table_valued("id", name="held").c.id)
