"""What is searched: a table with published points, prepared words and shelves, and the room's own conditions on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement

from app.finding.tree import Tree

Shape = Any
"""Which filters a wish has: all that decides how its statement reads. A NamedTuple of the room, with at least `category`
(whether a shelf is asked for), `hub` (falsy where none is), `words` ("", how they are looked for (`wanted.Words`), or
"none" where what was typed holds no word) and `dated` (what came after the first page is left out)."""


def _nothing(_shape: Shape) -> list[Any]:
    return []


@dataclass(frozen=True, eq=False)
class Searched:
    """One kind of thing that is looked for; there is one value of each kind, so that it is its own name in what is kept
    of statements.

    `name` stands in cursors. `table` has id, category_id, search_text, created_at, the published points (lat, lon and
    coarse_lat, coarse_lon) and a b-tree on each; `category` is the table of its shelves, `tree` their names.
    `conditions`: what one must be to belong to a wish of a shape. `ranked`: what an order by likeness reads of it
    besides, one column at the most, and `worth` what that is worth on a day, 0 to 1. `known_word` and `known_slip` keep
    the words of its titles.
    """

    name: str
    table: Any
    category: Any
    tree: Tree
    known_word: Any
    known_slip: Any
    conditions: Callable[[Shape], list[ColumnElement[bool]]]
    ranked: Callable[[Shape], list[Any]] = _nothing
    worth: Callable[[Any, date], float] | None = None
    names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        table = self.table.__tablename__
        points = ("lat", "lon", "coarse_lat", "coarse_lon")
        prepared = f"words_and_places({', '.join(f'{table}.{one}' for one in ('search_text', *points))})"
        object.__setattr__(self, "names", {"table": table, "words": f"{table}_words", "prepared": prepared})
