"""Finding objects: near a place by the growing box, by the beginnings of words, on given days, page by page.

Everybody sees published places only: the hub's point or the centre of a 1 km cell, and for those who are not logged
in the centre of a 10 km cell. Filter, order and distance all use the same point, so that nothing can be worked out.

A page costs four statements whatever its size: which objects (`_candidates`), their columns, their claims, the
opening hours of their hubs.
"""

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core import paging
from app.core.db import db
from app.geo.distance import from_here
from app.geo.rules import METRES_PER_DEGREE, Box, box_around
from app.hubs.models import Hub
from app.items import queries
from app.items.models import Category, Item, ItemClaim
from app.items.queries import Line
from app.items.words import folded

STEPS_KM = tuple(3.0**n for n in range(8))
"""The growing box: half its side, from 1 km to a quarter of the way round the Mediterranean and beyond."""
WORLD = Box(-90.0, 90.0, -180.0, 180.0)
MOST_RELEVANT = 400
"""How many candidates are put in order of relevance; what comes after them is not walked."""
ACTIVE: ColumnElement[bool] = literal_column("item.status") == literal_column("'active'")
"""Written out, so that both databases see that the partial indexes serve."""

Key = tuple[Any, ...]
Place = tuple[float, float]
Point = tuple[Any, Any]


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `near` in degrees; `first_day` and `due` both or none; `sort`: near, new, relevance."""

    q: str = ""
    category: str = ""
    mode: str = ""
    near: Place | None = None
    radius_km: float | None = None
    hub: str = ""
    first_day: date | None = None
    due: date | None = None
    sort: str = "new"


@dataclass(frozen=True)
class Found:
    """An object of a page before its columns are read: its place in the order, and how far it is (metres)."""

    key: Key
    id: int
    metres: int | None = None


def page(
    wanted: Wanted,
    *,
    signed_in: bool,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
    now: datetime,
) -> paging.Page[Line]:
    """One page of what is wanted, as neighbours who are logged in or others may see it. The cursor carries the
    moment of the first page: what is posted later does not push anything onto a second page again."""
    kind = f"items:{wanted.sort}"
    after = paging.after(kind, cursor, length=2)
    moment, last_key = (datetime.fromisoformat(after[0]), tuple(after[1])) if after else (now, None)
    found = _ORDERS[wanted.sort](wanted, _point(signed_in=signed_in), last_key, limit + 1, moment)
    shown = found[:limit]
    lines = queries.lines(
        [one.id for one in shown], signed_in=signed_in, now=now, metres={one.id: one.metres for one in shown}
    )
    if len(found) <= limit:
        return paging.Page(lines)
    return paging.Page(lines, paging.cursor(kind, moment.isoformat(), list(shown[-1].key)))


def _point(*, signed_in: bool) -> Point:
    """Which of the two published points is looked at, as columns."""
    return (Item.lat, Item.lon) if signed_in else (Item.coarse_lat, Item.coarse_lon)


# -- the three orders -------------------------------------------------------------------------------------


def _nearest_first(
    wanted: Wanted, point: Point, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Nearest first, then in order of ids."""
    assert wanted.near is not None
    return [
        Found((metres, row.id), row.id, metres)
        for metres, _, row in _near(wanted, point, after, count, moment, Item.id)
    ]


def _newest_first(
    wanted: Wanted, point: Point, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Newest first. Inside a circle: the box is read in portions until enough of it lies in the circle."""
    columns: list[Any] = [Item.id, Item.created_at, *point]
    query = select(*columns).where(*_conditions(wanted, moment))
    query = query.order_by(Item.created_at.desc(), Item.id.desc())
    circle = wanted.near is not None and wanted.radius_km is not None
    if circle:
        query = query.where(_inside(_boxes(wanted.near, wanted.radius_km, 0.0)[-1][0], point))
    portion = 2 * count if circle else count
    found: list[Found] = []
    while True:
        part = query.limit(portion)
        if after:
            then = datetime.fromisoformat(after[0])
            part = part.where(tuple_(Item.created_at, Item.id) < tuple_(literal(then), literal(after[1])))
        rows = db.session.execute(part).all()
        for row in rows:
            metres = _metres(wanted, row)
            after = (row.created_at.isoformat(), row.id)
            if not circle or metres is None or metres <= 1000 * (wanted.radius_km or 0):
                found.append(Found(after, row.id, metres))
        if len(found) >= count or len(rows) < portion:
            return found[:count]


def _most_relevant_first(
    wanted: Wanted, point: Point, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Titles that begin with what was typed first; among them the nearest, or without a place the newest."""
    starts = Item.search_text.like(f" {folded(wanted.q)}%")
    if wanted.near is not None:
        near = _near(wanted, point, None, MOST_RELEVANT, moment, Item.id, starts.label("starts"))
        found = [Found((0 if row.starts else 1, metres, row.id), row.id, metres) for metres, _, row in near]
    else:
        query = select(Item.id, Item.created_at, starts.label("starts")).where(*_conditions(wanted, moment))
        query = query.order_by(starts.desc(), Item.created_at.desc(), Item.id.desc()).limit(MOST_RELEVANT)
        found = [
            Found((0 if row.starts else 1, -row.created_at.timestamp(), -row.id), row.id)
            for row in db.session.execute(query)
        ]
    found.sort(key=lambda one: one.key)
    return [one for one in found if after is None or one.key > after][:count]


_ORDERS: Mapping[str, Callable[[Wanted, Point, Key | None, int, datetime], list[Found]]] = {
    "near": _nearest_first,
    "new": _newest_first,
    "relevance": _most_relevant_first,
}
SORTS = tuple(_ORDERS)


# -- near a place: the growing box ------------------------------------------------------------------------


def _near(
    wanted: Wanted, point: Point, after: Key | None, count: int, moment: datetime, *columns: Any
) -> list[tuple[int, int, Row[Any]]]:
    """The `count` nearest objects after a key (metres, id), as (metres, id, row), by one statement.

    The statement itself grows the box: it counts, at most to `count`, what lies in ever larger boxes, and reads the
    objects around the first that holds enough. A box is read as far out as its corners are, so that everything
    within that distance is there; what was on earlier pages is left out of the count.
    """
    assert wanted.near is not None
    seen_m = after[0] if after else -1
    boxes = _boxes(wanted.near, wanted.radius_km, seen_m / 1000)
    conditions = _conditions(wanted, moment)
    query = _rows_of_first_box(boxes, conditions, point, wanted.near, seen_m, count, columns)
    distance = cache(from_here(*wanted.near))
    reach = 1000 * wanted.radius_km if wanted.radius_km is not None else math.inf
    hits = []
    for row in db.session.execute(query):
        metres = distance(row.lat, row.lon)
        if metres <= reach and (after is None or (metres, row.id) > tuple(after)):
            hits.append((metres, row.id, row))
    return heapq.nsmallest(count, hits, key=lambda hit: hit[:2])


def _rows_of_first_box(
    boxes: Sequence[tuple[Box, Box]],
    conditions: list[ColumnElement[bool]],
    point: Point,
    near: Place,
    seen_m: int,
    count: int,
    columns: tuple[Any, ...],
) -> Select[Any]:
    lat, lon = point
    read = select(*columns, lat.label("lat"), lon.label("lon")).where(*conditions)
    if len(boxes) == 1:
        return read.where(_inside(boxes[0][1], point))
    outside_seen = [not_(_inside(box_around(*near, (seen_m + 1) / 1000), point))] if seen_m >= 0 else []

    def enough(box: Box) -> ColumnElement[bool]:
        some = select(literal(1)).where(*conditions, _inside(box, point), *outside_seen).limit(count)
        return select(func.count()).select_from(some.subquery()).scalar_subquery() >= count

    step = case(
        *((enough(counted), number) for number, (counted, _) in enumerate(boxes[:-1])), else_=len(boxes) - 1
    )
    chosen = select(step.label("step")).cte("chosen")
    edges = select(
        *(
            case(*((chosen.c.step == n, getattr(read, edge)) for n, (_, read) in enumerate(boxes))).label(
                edge
            )
            for edge in ("south", "north", "west", "east")
        )
    ).cte("edges")
    return read.join(
        edges,
        and_(
            lat >= edges.c.south,
            lat <= edges.c.north,
            or_(
                and_(edges.c.west <= edges.c.east, lon >= edges.c.west, lon <= edges.c.east),
                and_(edges.c.west > edges.c.east, or_(lon >= edges.c.west, lon <= edges.c.east)),
            ),
        ),
    )


@lru_cache(maxsize=2048)
def _boxes(near: Place, radius_km: float | None, seen_km: float) -> list[tuple[Box, Box]]:
    """The boxes to try, smallest first: each with the box that holds the circle through its corners. The last one
    is all there is to search."""
    whole = WORLD if radius_km is None else box_around(*near, radius_km + 0.001)
    steps = []
    for km in STEPS_KM:
        if radius_km is not None and km >= radius_km:
            break
        box = box_around(*near, km)
        reach = _corner_km(box, near[0])
        if km > seen_km and reach is not None:
            steps.append((box, box_around(*near, reach)))
    return [*steps, (whole, whole)]


def _corner_km(box: Box, lat: float) -> float | None:
    """No point of the box is farther than this; None for a box that goes round a pole or half the earth. A straight
    line in degrees to the corner, measured where the circles of latitude are longest, is never too short."""
    width = (box.east - box.west) % 360 / 2
    if width >= 90 or width == 0:
        return None
    height = max(box.north - lat, lat - box.south)
    widest = max(math.cos(math.radians(edge)) for edge in (box.south, lat, box.north))
    if box.south < 0 < box.north:
        widest = 1.0
    return math.hypot(height, width * widest) * METRES_PER_DEGREE / 1000 + 0.001


def _inside(box: Box, point: Point) -> ColumnElement[bool]:
    lat, lon = point
    rows = and_(lat >= box.south, lat <= box.north)
    if box.west > box.east:
        return and_(rows, or_(lon >= box.west, lon <= box.east))
    return and_(rows, lon >= box.west, lon <= box.east)


def _metres(wanted: Wanted, row: Any) -> int | None:
    if wanted.near is None:
        return None
    return from_here(*wanted.near)(row[2], row[3])


# -- conditions -------------------------------------------------------------------------------------------


_OFFERED: Mapping[str, Any] = {"lend": Item.lends, "swap": Item.swaps, "give": Item.gives}
MODES = tuple(_OFFERED)


def _conditions(wanted: Wanted, moment: datetime) -> list[ColumnElement[bool]]:
    found = [ACTIVE, Item.created_at <= moment]
    if wanted.category:
        found.append(Item.category_id.in_(_shelf_and_below(wanted.category)))
    if wanted.mode:
        found.append(_OFFERED[wanted.mode])
    if wanted.hub:
        found.append(Item.hub_id == _hub_id(wanted.hub))
    if wanted.q:
        found += [Item.search_text.like(f"% {word}%") for word in folded(wanted.q).split()] or [false()]
    if wanted.first_day and wanted.due:
        found.append(_not_taken(wanted.first_day, wanted.due))
    return found


def _shelf_and_below(slug: str) -> Select[tuple[int]]:
    """The category of this name and all that stand under it."""
    tree = select(Category.id).where(Category.slug == slug).cte("shelf", recursive=True)
    tree = tree.union(select(Category.id).where(Category.parent_id == tree.c.id))
    return select(tree.c.id)


def _hub_id(name: str) -> Any:
    """A hub by its number or by its name in addresses."""
    if name.isascii() and name.isdigit() and len(name) < 10:
        return int(name)
    return select(Hub.id).where(Hub.slug == name).scalar_subquery()


def _not_taken(first_day: date, due: date) -> ColumnElement[bool]:
    """A reservation for exactly these days would meet no claim: each object with its own turnaround and buffer."""
    same_day = (
        select(Hub.policy_changes["same_day_handover"].as_boolean())
        .where(Hub.id == Item.hub_id)
        .correlate(Item)
        .scalar_subquery()
    )
    margin = Item.buffer_days + case((same_day, 0), else_=1)
    if due == first_day:
        margin = case((margin < 1, 1), else_=margin)
    end_day = day_after(literal(due, Date), margin)
    return not_(
        exists().where(
            ItemClaim.item_id == Item.id,
            ItemClaim.live,
            ItemClaim.first_day < end_day,
            ItemClaim.end_day > first_day,
        )
    )


class day_after(FunctionElement[date]):  # noqa: N801 -- it reads as a function in a statement
    """The day so many days after another, on both databases."""

    type = Date()
    inherit_cache = True


@compiles(day_after, "postgresql")
def _day_after_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    day, days = element.clauses
    return f"(CAST({compiler.process(day, **options)} AS DATE) + {compiler.process(days, **options)})"


@compiles(day_after, "sqlite")
def _day_after_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    day, days = element.clauses
    return f"date({compiler.process(day, **options)}, ({compiler.process(days, **options)}) || ' days')"
