"""Near a place, by the growing box: the same on both databases, with nothing but b-trees on (lat, lon).

One statement (on PostgreSQL that of `near_arrays`) grows the box itself: it counts, never further than needed, what lies
in ever larger boxes, and reads the objects around the first that holds enough. A box is read as far out as its corners
are, so that everything within that distance is there. Exact distances are measured on the few rows that were read.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal_column, not_, select

from app.core.db import plain_rows
from app.finding import near_arrays, plans
from app.finding.boxes import EDGES, Look, inside, named, point, ranked_columns
from app.finding.index import on_postgresql
from app.finding.wanted import Place, Wanted
from app.geo.distance import from_here
from app.geo.rules import METRES_PER_DEGREE, Box, box_around

STEPS_KM = (0.25, 1.0, 3.0, 9.0, 27.0, 81.0, 243.0, 729.0)
"""Half the side of each box; after the last, the whole earth. The first is for a hub with many objects."""
WORLD = Box(-90.0, 90.0, -180.0, 180.0)
Key = tuple[int, int]
Hit = tuple[int, int, Any]


def nearest(
    wanted: Wanted,
    *,
    signed_in: bool,
    after: Key | None,
    count: int,
    moment: datetime,
    today: date | None = None,
    steps_km: tuple[float, ...] = STEPS_KM,
) -> list[Hit]:
    """The `count` nearest objects after a key (metres, id), as (metres, id, row); what is called so, `near_words` finds.
    Whatever the steps, these are found; the fewer, the less is counted, and the more is read.
    With `today`, the row is what an order by likeness asks (`ranked_columns`), as a plain tuple; without, there is none."""
    assert wanted.near is not None
    seen_m = after[0] if after else -1
    lat, lon = wanted.near
    hereabouts = (replace(wanted, near=(round(lat, 2), round(lon, 2))), signed_in, count)
    empty_km = seen_m / 1000 if after else _too_small.get(hereabouts, now=moment) or 0.0
    boxes = boxes_around(wanted.near, wanted.radius_km, empty_km, steps_km)
    seen = box_around(*wanted.near, (seen_m + 1) / 1000) if after else None
    every = [box for pair in boxes for box in pair] + ([seen] if seen else [])
    shape = wanted.shape()
    gathered = today is None
    look = Look(
        of=wanted.of,
        # Nothing is newer than now: the first page looks at the index of places alone.
        shape=shape._replace(dated=not gathered or after is not None),
        signed_in=signed_in,
        steps=len(boxes) - 1,
        crossing=any(box.west > box.east for box in every),
        seen=seen is not None and len(boxes) > 1,
        ranked=today is not None,
        gathered=gathered,
    )
    given: dict[str, Any] = wanted.values(moment=moment) | {"count": count, "today": today}
    if look.seen and seen is not None:
        given |= {f"seen_{edge}": getattr(seen, edge) for edge in EDGES}
    if on_postgresql():
        rows = plain_rows(near_arrays.statement(look), given | near_arrays.values(boxes))
    else:
        rows = plain_rows(statement(look), given | _edges_of(boxes))
    distance = cache(from_here(*wanted.near))
    reach = 1000 * wanted.radius_km if wanted.radius_km is not None else math.inf
    if gathered:
        points = [(distance(row.lat, row.lon), row.ids) for row in rows]
        hits = _of_points([point for point in points if point[0] <= reach], after=after, count=count)
    else:
        measured = ((distance(row.lat, row.lon), row) for row in rows)
        hits = [(metres, row.id, tuple(row[3:])) for metres, row in measured if metres <= reach]
        unseen = hits if after is None else [hit for hit in hits if hit[:2] > after]
        hits = heapq.nsmallest(count, unseen, key=lambda hit: hit[:2])
    if after is None:
        _too_small.put(hereabouts, _smaller_than(hits[-1][0] if len(hits) == count else math.inf), now=moment)
    return hits


_too_small: plans.Remembered[tuple[Wanted, bool, int], float] = plans.Remembered()
"""By wish and place, to a kilometre: half the side of the largest box that held too few the last time (kilometres). The
next one need not count it again; whether a larger one holds enough is counted always."""


def _smaller_than(farthest_m: float) -> float:
    """Of the boxes whose corners are nearer than this, half the side of the largest; 0 where there is none."""
    return max((km for km in STEPS_KM if 1000 * math.sqrt(2) * km < farthest_m), default=0.0)


def _of_points(points: Sequence[tuple[int, str]], *, after: Key | None, count: int) -> list[Hit]:
    """The `count` first objects of points that are told as (metres, ids); those at one distance in order of ids."""
    found: list[Key] = []
    for metres, ids in sorted(points):
        if len(found) >= count and metres > found[-1][0]:
            break
        keys = [(metres, int(item_id)) for item_id in ids.split(",")]
        found += keys if after is None else [key for key in keys if key > after]
    return [(metres, item_id, None) for metres, item_id in sorted(found)[:count]]


@lru_cache(maxsize=512)
def statement(look: Look) -> Select[Any]:
    """The growing box over all objects, for every wish that looks so."""
    item, at = look.of.table, point(look.of, signed_in=look.signed_in)
    conditions = look.of.conditions(look.shape)
    columns: list[Any] = [item.id, at[0].label("lat"), at[1].label("lon")]
    read = select(*columns).where(*conditions)
    if look.gathered:
        ids = func.group_concat(item.id, literal_column("','")).label("ids")
        read = select(*columns[1:], ids).where(*conditions).group_by(*at)
    if look.ranked:
        read = read.add_columns(*ranked_columns(look.of, look.shape))
    if not look.steps:
        return read.where(inside(at, named("read_0"), crossing=look.crossing))
    unseen = [not_(inside(at, named("seen"), crossing=look.crossing))] if look.seen else []

    def enough(number: int) -> ColumnElement[bool]:
        box = inside(at, named(f"count_{number}"), crossing=look.crossing)
        some: Select[Any] = (
            select(literal_column("1").label("one"))
            .where(*conditions, box, *unseen)
            .limit(bindparam("count"))
        )
        return select(func.count()).select_from(some.subquery()).scalar_subquery() >= bindparam("count")

    step = case(*((enough(number), number) for number in range(look.steps)), else_=look.steps)
    # Written out once: otherwise it would be counted anew wherever the step is named.
    chosen = select(step.label("step")).cte("chosen").prefix_with("MATERIALIZED")
    edges = select(
        *(
            case(
                *(
                    (chosen.c.step == number, bindparam(f"read_{number}_{edge}"))
                    for number in range(look.steps)
                ),
                else_=bindparam(f"read_{look.steps}_{edge}"),
            ).label(edge)
            for edge in EDGES
        )
    )
    box = edges.cte("edges").prefix_with("MATERIALIZED")
    return read.join(box, inside(at, [box.c[edge] for edge in EDGES], crossing=look.crossing))


def _edges_of(boxes: Sequence[tuple[Box, Box]]) -> dict[str, float]:
    """Every edge under the name of its parameter."""
    named = {f"read_{number}": read for number, (_, read) in enumerate(boxes)}
    named |= {f"count_{number}": counted for number, (counted, _) in enumerate(boxes[:-1])}
    return {f"{name}_{edge}": getattr(box, edge) for name, box in named.items() for edge in EDGES}


@lru_cache(maxsize=2048)
def boxes_around(
    near: Place, radius_km: float | None, seen_km: float, steps_km: tuple[float, ...] = STEPS_KM
) -> list[tuple[Box, Box]]:
    """The boxes to try, smallest first: each with the box that holds the circle through its corners. The last one
    is all there is to search."""
    whole = WORLD if radius_km is None else box_around(*near, radius_km + 0.001)
    steps = []
    for km in steps_km:
        if radius_km is not None and km >= radius_km:
            break
        box = box_around(*near, km)
        reach = corner_km(box, near[0])
        if km > seen_km and reach is not None:
            steps.append((box, box_around(*near, reach)))
    return [*steps, (whole, whole)]


def corner_km(box: Box, lat: float) -> float | None:
    """No point of a box around this latitude is farther from its centre; None for a box that goes round a pole or
    half the earth. A straight line in degrees to the corner, measured where the circles of latitude are longest, is
    never too short."""
    width = (box.east - box.west) % 360 / 2
    if width >= 90 or width == 0:
        return None
    height = max(box.north - lat, lat - box.south)
    widest = max(math.cos(math.radians(edge)) for edge in (box.south, lat, box.north))
    if box.south < 0 < box.north:
        widest = 1.0
    return math.hypot(height, width * widest) * METRES_PER_DEGREE / 1000 + 0.001
