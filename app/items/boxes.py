"""Boxes on the earth, as conditions of a statement, and what a search near a place reads of an object."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from app.items.filters import Shape
from app.items.models import Item, ItemClaim

EDGES = ("south", "north", "west", "east")
Point = tuple[Any, Any]


class Look(NamedTuple):
    """All that decides how the statement reads. `steps` boxes are counted before the last; `crossing`: some box
    crosses the date line; `seen`: earlier pages were shown; `ranked`: what an order by likeness asks is read too;
    `gathered`: a row for each point instead of each object, because a
    hub has hundreds at the same door."""

    shape: Shape
    signed_in: bool
    steps: int
    crossing: bool
    seen: bool
    ranked: bool
    gathered: bool


def ranked_columns(shape: Shape) -> list[Any]:
    """What an order by likeness asks of an object: what it is called, since when it is here (as the database says it:
    `core.db.moment_of`), and, where no days were
    asked for, until when somebody has it: None for nobody, the end of time for nobody knows (parameter `today`)."""
    columns: list[Any] = [Item.search_text, type_coerce(Item.created_at, NullType()).label("created_at")]
    if not shape.days:
        today = bindparam("today", type_=Date())
        taken = (
            select(func.max(case((ItemClaim.uncertain, literal(date.max)), else_=ItemClaim.end_day)))
            .where(
                ItemClaim.item_id == Item.id,
                ItemClaim.live,
                ItemClaim.first_day <= today,
                or_(ItemClaim.end_day > today, ItemClaim.uncertain),
            )
            .correlate(Item)
        )
        columns.append(taken.scalar_subquery().label("taken_until"))
    return columns


def ranked_names(*, days: bool) -> tuple[str, ...]:
    """What those columns are called, in their order."""
    return ("search_text", "created_at") if days else ("search_text", "created_at", "taken_until")


def point(*, signed_in: bool) -> Point:
    """Which of the two published points is looked at, as columns."""
    return (Item.lat, Item.lon) if signed_in else (Item.coarse_lat, Item.coarse_lon)


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
