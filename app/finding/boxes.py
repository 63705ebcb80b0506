"""Boxes on the earth, as conditions of a statement, and what a search near a place reads of what it finds."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, type_coerce
from sqlalchemy.types import NullType

from app.finding.searched import Searched, Shape

EDGES = ("south", "north", "west", "east")
Point = tuple[Any, Any]


class Look(NamedTuple):
    """All that decides how the statement reads. `steps` boxes are counted before the last; `crossing`: some box
    crosses the date line; `seen`: earlier pages were shown; `ranked`: what an order by likeness asks is read too;
    `gathered`: a row for each point instead of each object, because a
    hub has hundreds at the same door."""

    of: Searched
    shape: Shape
    signed_in: bool
    steps: int
    crossing: bool
    seen: bool
    ranked: bool
    gathered: bool


def ranked_columns(of: Searched, shape: Shape) -> list[Any]:
    """What an order by likeness asks: what it is called, since when it is here (as the database says it:
    `core.db.moment_of`), and what the room asks besides (parameter `today`)."""
    created_at = type_coerce(of.table.created_at, NullType()).label("created_at")
    return [of.table.search_text, created_at, *of.ranked(shape)]


@lru_cache(maxsize=512)
def ranked_names(of: Searched, shape: Shape) -> tuple[str, ...]:
    """What those columns are called, in their order."""
    return tuple(column.name for column in ranked_columns(of, shape))


def point(of: Searched, *, signed_in: bool) -> Point:
    """Which of the two published points is looked at, as columns."""
    table = of.table
    return (table.lat, table.lon) if signed_in else (table.coarse_lat, table.coarse_lon)


def named(box: str) -> list[Any]:
    """The edges of a box as parameters."""
    return [bindparam(f"{box}_{edge}") for edge in EDGES]


def inside(at: Point, edges: Sequence[Any], *, crossing: bool) -> ColumnElement[bool]:
    """Whether a point lies in the box of these edges; one that crosses the date line has its west east of its east."""
    (lat, lon), (south, north, west, east) = at, edges
    rows = and_(lat >= south, lat <= north)
    if not crossing:
        return and_(rows, lon >= west, lon <= east)
    return and_(
        rows,
        or_(
            and_(west <= east, lon >= west, lon <= east),
            and_(west > east, or_(lon >= west, lon <= east)),
        ),
    )
