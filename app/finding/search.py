"""Finding near a place, by words, on given days, page by page.

Everybody sees published places only: the hub's point or the centre of a 1 km cell, and for those who are not logged
in the centre of the commune. Filter, order and distance all use the same point, so that nothing can be worked out.

Words are taken strictly first. Where fewer than three titles of the whole catalogue hold them, they are taken loosely:
the last may be a beginning, each may stand on the shelf only, and a word that nobody wrote may be a slip of one that is
known. Where nothing at all holds them then, some of them are enough.

Which are on a page costs one statement whatever its size; what it shows of them, the room reads. Where words are taken
loosely it costs two more the first time: which words are known, and which titles hold those; and a last one where those
were none. What was needed is remembered for some minutes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from heapq import nsmallest
from math import exp
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, bindparam, func, select, true, tuple_

from app.core import clock, paging
from app.core.db import UtcDateTime, db, moment_of
from app.finding import boxes, near, near_words, plans, vocabulary
from app.finding import words as plain
from app.finding.asked import Fit, asked
from app.finding.searched import Searched, Shape
from app.finding.vocabulary import Help
from app.finding.wanted import Wanted, Words
from app.geo.distance import from_here
from app.geo.rules import box_around

MOST_RELEVANT = 400
"""How many candidates are put in order of relevance; what comes after them is not walked."""
FEW = 3
"""Where fewer titles than this hold them, words are taken loosely."""
NEAR_KM = 3.0
NEAR, TEXT, TRUST, RECIPROCITY, NEW = 0.40, 0.25, 0.15, 0.10, 0.10
"""How much each counts that makes a find good."""
UNKNOWN_TRUST = UNKNOWN_RECIPROCITY = 0.5
"""Everybody's, until trust exists."""
HALF_OLD_DAYS = 30
ALL_ALIKE = Fit(0, False, -1.0)
"""How well titles fit where no words were typed."""

_helped: plans.Remembered[tuple[Searched, str], Help] = plans.Remembered()
"""What was typed a while ago and had to be taken loosely."""

Key = tuple[Any, ...]
S = TypeVar("S", bound="Titled")
Lines = Callable[..., list[S]]
"""What a page shows of these ids, in their order: `lines(ids, signed_in=, now=, metres={id: metres})`."""


class Titled(Protocol):
    """A line of a page: it is called something."""

    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class Found:
    """A find before its columns are read: its place in the order, and how far it is (metres)."""

    key: Key
    id: int
    metres: int | None = None


@dataclass(frozen=True)
class Results(paging.Page[S]):
    """A page of a search. `meant`: what was typed with the words that were looked for as well instead of those that
    nobody wrote ("perceuse" for "perseuse"), as the titles on this page write them; empty where nothing was
    corrected. `loose`: fewer than three titles held the words, so that beginnings and shelves counted too; `partly`:
    none did even then, so that these hold some of the words only."""

    meant: str = ""
    loose: bool = False
    partly: bool = False


@dataclass(frozen=True)
class Wish:
    """What an order works on: the wish, who looks, its words as planned, and the moment of the first page."""

    wanted: Wanted
    signed_in: bool
    words: Words | None
    moment: datetime

    @cached_property
    def today(self) -> date:
        """The day it is at home."""
        return clock.day_at(self.moment, clock.home_zone())


def page(
    wanted: Wanted,
    lines_of: Lines[S],
    *,
    signed_in: bool,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
    now: datetime,
    strictly: bool = False,
) -> Results[S]:
    """One page of what is wanted, as neighbours who are logged in or others may see it; `strictly`: words are never
    taken loosely. The cursor carries the moment of the first page and how words were taken: what is posted later does
    not push anything onto a second page again."""
    of = wanted.of
    kind = f"{of.name}:{wanted.sort}"
    after = paging.after(kind, cursor, length=3)
    moment, last_key, helped = _gone_on(after) if after else (now, None, None)
    if after is None and not strictly:
        helped = _helped.get((of, wanted.q), now=now)
    words = _planned(wanted, helped, moment)
    wish = Wish(wanted, signed_in, words, moment)
    order = _ORDERS[wanted.sort]
    found = order(wish, last_key, limit + 1)
    if words is not None and after is None and not strictly and helped is None and _fewer_than(FEW, words):
        helped = vocabulary.help_with(of, wanted.q)
        words = _planned(wanted, helped, moment)
        found = order(replace(wish, words=words), None, limit + 1)
        if words is not None and _fewer_than(1, words) and len(words.asked.readings[0]) > 1:
            helped = replace(helped, partly=True)
            found = order(replace(wish, words=_planned(wanted, helped, moment)), None, limit + 1)
        _helped.put((of, wanted.q), helped, now=now)
    shown = found[:limit]
    lines = lines_of(
        [one.id for one in shown], signed_in=signed_in, now=now, metres={one.id: one.metres for one in shown}
    )
    onward = None
    if len(found) > limit:
        so_far = [dict(helped.meant), helped.begun, helped.partly] if helped else None
        onward = paging.cursor(kind, moment.isoformat(), list(shown[-1].key), so_far)
    partly = helped is not None and helped.partly
    meant = _in_words(wanted, helped, lines)
    return Results(lines, onward, meant=meant, loose=helped is not None, partly=partly)


def _fewer_than(number: int, words: Words) -> bool:
    """Whether fewer titles of all hold the words: what a filter leaves out is no reason to take them
    otherwise."""
    return words.held.by is not None and words.held.by < number


def _gone_on(after: Key) -> tuple[datetime, Key, Help | None]:
    """What a cursor says: the moment of the first page, the last key, and what helped where words are taken loosely."""
    moment, key, helped = after
    return datetime.fromisoformat(moment), tuple(key), Help(*helped) if helped else None


def _planned(wanted: Wanted, helped: Help | None, moment: datetime) -> Words | None:
    """The words of a wish; with help loosely."""
    if not wanted.q:
        return None
    if helped is None:
        return plans.planned(wanted.of, asked(wanted.q), now=moment)
    loosely = asked(wanted.q, loosely=True, begun=helped.begun, meant=helped.meant, partly=helped.partly)
    return plans.planned(wanted.of, loosely, now=moment)


def _in_words(wanted: Wanted, helped: Help | None, lines: Sequence[Titled]) -> str:
    """What was meant, with the accents of the titles it was found in."""
    if helped is None or not helped.meant or not lines:
        return ""
    meant = helped.meant
    written = {
        plain.light(plain.folded(word)): word.lower() for line in lines for word in plain.written(line.title)
    }
    return " ".join(
        written.get(meant[word], meant[word]) if word in meant else word for word, _ in plain.words(wanted.q)
    )


# -- the three orders -------------------------------------------------------------------------------------


def _nearest_first(wish: Wish, after: Key | None, count: int) -> list[Found]:
    """Nearest first, then in order of ids."""
    seen = (after[0], after[1]) if after else None
    hits = _around(wish, after=seen, count=count)
    return [Found((metres, number), number, metres) for metres, number, _ in hits]


def _around(wish: Wish, *, after: near.Key | None, count: int, ranked: bool = False) -> list[near.Hit]:
    """The nearest; where words were typed, of those that hold them."""
    given: dict[str, Any] = {
        "signed_in": wish.signed_in, "after": after, "count": count, "moment": wish.moment,
        "today": wish.today if ranked else None,
    }  # fmt: skip
    if wish.words is None or not wish.words.asked.readings:
        return near.nearest(wish.wanted, **given)
    return near_words.nearest(wish.wanted, **given, words=wish.words)


def _newest_first(wish: Wish, after: Key | None, count: int) -> list[Found]:
    """Newest first. Inside a circle: the box is read in portions until enough of it lies in the circle."""
    wanted = wish.wanted
    distance = from_here(*wanted.near) if wanted.near else None
    reach = 1000 * wanted.radius_km if wanted.near and wanted.radius_km is not None else None
    portion = count if reach is None else 2 * count
    found: list[Found] = []
    while True:
        rows = _newest_rows(wish, after, portion)
        for row in rows:
            metres = distance(row.lat, row.lon) if distance else None
            after = (row.created_at.isoformat(), row.id)
            if reach is None or metres is None or metres <= reach:
                found.append(Found(after, row.id, metres))
        if len(found) >= count or len(rows) < portion:
            return found[:count]


def _newest_rows(wish: Wish, after: Key | None, portion: int, *, ranked: bool = False) -> list[Any]:
    """The next of a wish by age, out of the box around its circle."""
    wanted, words = wish.wanted, wish.words
    given = wanted.values(moment=wish.moment, words=words) | {"portion": portion}
    in_box = wanted.near is not None and wanted.radius_km is not None
    if wanted.near is not None and wanted.radius_km is not None:
        box = box_around(*wanted.near, wanted.radius_km + 0.001)
        given |= {f"box_{edge}": getattr(box, edge) for edge in boxes.EDGES}
    if after:
        given |= {"then": datetime.fromisoformat(after[0]), "last": after[1]}
    if ranked:
        given["today"] = wish.today
    of, shape = wanted.of, wanted.shape(words)
    if words is None or shape.words != "first":
        return list(
            db.session.execute(_newest(of, shape, wish.signed_in, in_box, after is not None, ranked), given)
        )
    given["hits"] = plans.RARE + 1
    query = _newest_of_hits(of, shape, wish.signed_in, in_box, after is not None, ranked)
    rows = db.session.execute(query, given).all()
    if rows[0].many > plans.RARE:
        common = replace(wish, words=plans.too_common(of, words, now=wish.moment))
        return _newest_rows(common, after, portion, ranked=ranked)
    words.held.by = rows[0].many
    return [row for row in rows if row.id is not None]


@lru_cache(maxsize=512)
def _newest(
    of: Searched, shape: Shape, signed_in: bool, in_box: bool, later: bool, ranked: bool
) -> Select[Any]:
    return _by_age(of, of.conditions(shape), shape, signed_in, in_box, later, ranked)


@lru_cache(maxsize=512)
def _newest_of_hits(
    of: Searched, shape: Shape, signed_in: bool, in_box: bool, later: bool, ranked: bool
) -> Select[Any]:
    """The same among those whose titles hold the words; each row says how `many` those are, and there is one at least."""
    hits = plans.first_hits(of)
    fitting = [of.table.id.in_(select(hits.c.id)), *of.conditions(shape._replace(words=""))]
    body = _by_age(of, fitting, shape, signed_in, in_box, later, ranked).subquery("body")
    counted = select(func.count().label("many")).select_from(hits).subquery("counted")
    query = select(counted.c.many, *body.c).select_from(counted.outerjoin(body, true()))
    return query.order_by(body.c.created_at.desc(), body.c.id.desc())


def _by_age(
    of: Searched,
    conditions: list[Any],
    shape: Shape,
    signed_in: bool,
    in_box: bool,
    later: bool,
    ranked: bool,
) -> Select[Any]:
    one = of.table
    lat, lon = boxes.point(of, signed_in=signed_in)
    columns: list[Any] = [one.id, lat.label("lat"), lon.label("lon")]
    columns += boxes.ranked_columns(of, shape) if ranked else [one.created_at]
    query = select(*columns).where(*conditions)
    if in_box:
        query = query.where(boxes.inside((lat, lon), boxes.named("box"), crossing=True))
    if later:
        last = tuple_(bindparam("then", type_=UtcDateTime()), bindparam("last"))
        query = query.where(tuple_(one.created_at, one.id) < last)
    # A hub's few hundred are read and put in order: an index in that order already would be walked past all others'.
    age = func.coalesce(one.created_at, one.created_at) if shape.hub else one.created_at
    return query.order_by(age.desc(), one.id.desc()).limit(bindparam("portion"))


def _most_relevant_first(wish: Wish, after: Key | None, count: int) -> list[Found]:
    """By score, the best first: of the nearest candidates, or without a place of the newest. What stands on the shelf
    only comes after all that is called so."""
    of = wish.wanted.of
    candidates: list[tuple[int | None, int, Any]]
    if wish.wanted.near is not None:
        candidates = [*_around(wish, after=None, count=MOST_RELEVANT, ranked=True)]
    else:
        told = attrgetter(*boxes.ranked_names(of, wish.wanted.shape(wish.words)))
        rows = _newest_rows(wish, None, MOST_RELEVANT, ranked=True)
        candidates = [(None, row.id, told(row)) for row in rows]
    titles = {title for _, _, (title, *_) in candidates}
    fits = {title: wish.words.asked.fit(title) if wish.words else ALL_ALIKE for title in titles}
    best = min((fit.unlike for fit in fits.values()), default=0.0) or -1.0
    weighed = []
    for metres, number, (title, since, *more) in candidates:
        lacks, on_shelf, unlike = fits[title]
        worth = score(metres, unlike / best, wish.moment - moment_of(since))
        if more and of.worth:
            worth *= of.worth(more[0], wish.today)
        weighed.append(((lacks, on_shelf, -worth, number), metres))
    if after is not None:
        weighed = [one for one in weighed if one[0] > after]
    return [Found(key, key[-1], metres) for key, metres in nsmallest(count, weighed)]


def score(metres: int | None, text: float, age: timedelta) -> float:
    """How good a find is that is free, 0 to 1: near, called so (`text`, 0 to 1), of somebody trusted, new. Never rounded:
    what is alike in all else must stand by its age whenever one looks."""
    worth = TEXT * text + TRUST * UNKNOWN_TRUST + RECIPROCITY * UNKNOWN_RECIPROCITY
    if metres is not None:
        worth += NEAR * exp(-metres / 1000 / NEAR_KM)
    return worth + NEW * 2 ** (-age.total_seconds() / 86_400 / HALF_OLD_DAYS)


_ORDERS: Mapping[str, Callable[[Wish, Key | None, int], list[Found]]] = {
    "near": _nearest_first,
    "new": _newest_first,
    "relevance": _most_relevant_first,
}
SORTS = tuple(_ORDERS)
