"""What is wanted, as conditions of a statement. Statements are built once for each shape of a wish (which filters it
has) and kept; what is looked for itself travels beside them, as parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    bindparam,
    case,
    exists,
    false,
    literal_column,
    not_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core.db import UtcDateTime
from app.hubs.models import Hub
from app.items.models import Category, Item, ItemClaim
from app.items.words import folded

Place = tuple[float, float]

ACTIVE: ColumnElement[bool] = literal_column("item.status") == literal_column("'active'")
"""Written out, so that both databases see that the partial indexes serve."""
OFFERED: Mapping[str, Any] = {"lend": Item.lends, "swap": Item.swaps, "give": Item.gives}
MODES = tuple(OFFERED)
MOST_WORDS = 8


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

    @property
    def words(self) -> list[str]:
        """What was typed, word by word as words are compared."""
        return folded(self.q).split()[:MOST_WORDS]


class Shape(NamedTuple):
    """Which filters there are: all that decides how the statement reads. `words` is how many, -1 where what was typed
    holds none; `days` is "", "one" or "some"; `hub` is "", "id" or "slug"."""

    category: bool
    mode: str
    hub: str
    words: int
    days: str


def shape_of(wanted: Wanted) -> Shape:
    """The shape of this wish."""
    number = wanted.hub.isascii() and wanted.hub.isdigit() and len(wanted.hub) < 10
    days = "" if wanted.first_day is None else "one" if wanted.first_day == wanted.due else "some"
    return Shape(
        category=bool(wanted.category),
        mode=wanted.mode,
        hub="" if not wanted.hub else "id" if number else "slug",
        words=len(wanted.words) or (-1 if wanted.q else 0),
        days=days,
    )


def values(wanted: Wanted, *, moment: datetime) -> dict[str, Any]:
    """What the parameters of `conditions` stand for."""
    shape = shape_of(wanted)
    found: dict[str, Any] = {"moment": moment}
    if shape.category:
        found["category"] = wanted.category
    if shape.hub:
        found["hub"] = int(wanted.hub) if shape.hub == "id" else wanted.hub
    if shape.days:
        found |= {"first_day": wanted.first_day, "due": wanted.due}
    return found | {f"word_{n}": f"% {word}%" for n, word in enumerate(wanted.words)}


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """What an object must be to belong to a wish of this shape."""
    found = [ACTIVE, Item.created_at <= bindparam("moment", type_=UtcDateTime())]
    if shape.category:
        found.append(Item.category_id.in_(_shelf_and_below()))
    if shape.mode:
        found.append(OFFERED[shape.mode])
    if shape.hub == "id":
        found.append(Item.hub_id == bindparam("hub"))
    elif shape.hub:
        found.append(Item.hub_id == select(Hub.id).where(Hub.slug == bindparam("hub")).scalar_subquery())
    if shape.words < 0:
        found.append(false())
    found += [Item.search_text.like(bindparam(f"word_{n}")) for n in range(shape.words)]
    if shape.days:
        found.append(_not_taken(one_day=shape.days == "one"))
    return found


def _shelf_and_below() -> Select[tuple[int]]:
    """The category of this name and all that stand under it."""
    tree = select(Category.id).where(Category.slug == bindparam("category")).cte("shelf", recursive=True)
    tree = tree.union(select(Category.id).where(Category.parent_id == tree.c.id))
    return select(tree.c.id)


def _not_taken(*, one_day: bool) -> ColumnElement[bool]:
    """A reservation for exactly these days would meet no claim: each object with its own turnaround and buffer."""
    same_day = (
        select(Hub.policy_changes["same_day_handover"].as_boolean())
        .where(Hub.id == Item.hub_id)
        .correlate(Item)
        .scalar_subquery()
    )
    margin = Item.buffer_days + case((same_day, 0), else_=1)
    if one_day:
        margin = case((margin < 1, 1), else_=margin)
    end_day = day_after(bindparam("due", type_=Date()), margin)
    return not_(
        exists().where(
            ItemClaim.item_id == Item.id,
            ItemClaim.live,
            ItemClaim.first_day < end_day,
            ItemClaim.end_day > bindparam("first_day", type_=Date()),
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
