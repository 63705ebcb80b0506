"""The growing box of `near`, as PostgreSQL reads it best.

All edges are two arrays and a recursion goes from one box to the next: however many boxes there are, the statement is
short, reads the same, and has one plan. With each box written out, as on SQLite, PostgreSQL planned nine boxes for each
page, and guessed for each anew which way is short where a hub has hundreds of objects at one door.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from app.core.db import unweighed
from app.finding.boxes import EDGES, Look, inside, named, point, ranked_columns
from app.finding.wanted import shelf_and_below
from app.geo.rules import Box

ONE: ColumnElement[int] = literal_column("1")
NOTHING: ColumnElement[int] = literal_column("0")
COMMA: ColumnElement[str] = literal_column("','")


class edge(FunctionElement[Any]):  # noqa: N801 -- it reads as a function in a statement
    """One edge (1 to 4, as `EDGES`) of the box of a step, out of a parameter that holds those of all steps."""

    type = NullType()
    inherit_cache = True


@compiles(edge, "postgresql")
def _edge(element: Any, compiler: Any, **options: Any) -> str:
    boxes, step, number = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(CAST({boxes} AS FLOAT8[]))[{step} * 4 + {number}]"


def _edges(boxes: str, step: str) -> list[Any]:
    """The edges of the box of a step; the step as the statement names it, so that it is looked up from where it stands."""
    numbers = range(1, len(EDGES) + 1)
    return [edge(bindparam(boxes), literal_column(step), literal_column(str(number))) for number in numbers]


def values(boxes: Sequence[tuple[Box, Box]]) -> dict[str, Any]:
    """What the parameters of `statement` stand for, besides those of the wish: each step's box to count and to read."""
    return {
        "counted": _array([counted for counted, _ in boxes]),
        "read": _array([read for _, read in boxes]),
        "last": len(boxes) - 1,
    }


def _array(boxes: Sequence[Box]) -> str:
    return f"{{{','.join(f'{one.south!r},{one.north!r},{one.west!r},{one.east!r}' for one in boxes)}}}"


@lru_cache(maxsize=512)
def statement(look: Look) -> Select[Any]:
    """The growing box over all objects, for every wish that looks so, however many boxes it has."""
    item, at = look.of.table, point(look.of, signed_in=look.signed_in)
    conditions = look.of.conditions(look.shape._replace(category=False))
    shelf = shelf_and_below(look.of) if look.shape.category else None

    def held(columns: Sequence[Any], boxes: str, step: str, *more: Any) -> Any:
        """The objects in a box. Those of a shelf are read shelf by shelf (`OFFSET 0` says so), by the index of shelves
        and places: that of places alone would read all that lies around."""
        objects = select(*columns).where(*conditions, *more)
        objects = objects.where(inside(at, _edges(boxes, step), crossing=look.crossing))
        if shelf is None:
            return objects.lateral("held")
        return objects.where(item.category_id == shelf.c.id).offset(NOTHING).lateral("held")

    def among(objects: Any) -> Any:
        return objects if shelf is None else shelf.join(objects, true())

    unseen = [not_(inside(at, named("seen"), crossing=look.crossing))] if look.seen else []
    some = select(ONE.label("one")).select_from(
        among(held([ONE.label("one")], "counted", "growing.step", *unseen))
    )
    number = select(func.count()).select_from(some.limit(unweighed("count")).subquery()).scalar_subquery()
    growing = select(NOTHING.label("step")).cte("growing", recursive=True)
    growing = growing.union_all(
        select(growing.c.step + ONE).where(growing.c.step < bindparam("last"), number < bindparam("count"))
    )
    chosen = select(func.max(growing.c.step).label("step")).cte("chosen").prefix_with("MATERIALIZED")
    columns: list[Any] = [item.id, at[0].label("lat"), at[1].label("lon")]
    if look.ranked:
        columns += ranked_columns(look.of, look.shape)
    objects = held(columns, "read", "chosen.step")
    found: Any = chosen.join(among(objects), true())
    if not look.gathered:
        return select(*objects.c).select_from(found)
    place = (objects.c.lat, objects.c.lon)
    ids = func.string_agg(cast(objects.c.id, String), COMMA).label("ids")
    return select(*place, ids).select_from(found).group_by(*place)
