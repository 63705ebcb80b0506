"""What is wanted, as conditions of a statement. Statements are built once for each shape of a wish (which filters it
has) and kept; what is looked for itself travels beside them, as parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    not_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core.db import UtcDateTime
from app.core.text import whole
from app.hubs.models import Hub
from app.items.asked import Asked, asked
from app.items.index import holds, holds_along, on_postgresql
from app.items.models import Category, Item, ItemClaim, Part

Place = tuple[float, float]

ACTIVE: ColumnElement[bool] = literal_column("item.status") == literal_column("'active'")
"""Written out, so that both databases see that the partial indexes serve."""
OFFERED: Mapping[str, Any] = {"lend": Item.lends, "swap": Item.swaps, "give": Item.gives}
MODES = tuple(OFFERED)
OWNERS: Mapping[str, Any] = {
    "hub": Item.owner_hub_id.is_not(None),
    "resident": Item.owner_resident_id.is_not(None),
}
LONGEST_MARGIN = timedelta(days=62)
"""No object is kept longer between two loans, its buffer and the day of turnaround together."""
CONDITIONS = ("new", "good", "worn", "damaged", "incomplete")


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `near` in degrees; `owner`: hub or resident; `first_day` and `due` both or none; `sort`:
    near, new, relevance."""

    q: str = ""
    category: str = ""
    mode: str = ""
    near: Place | None = None
    radius_km: float | None = None
    hub: str = ""
    owner: str = ""
    condition: str = ""
    first_day: date | None = None
    due: date | None = None
    sort: str = "new"


@dataclass
class Held:
    """How many titles of the whole catalogue hold the words, as a search noticed that looked at them first; None
    where they are common."""

    by: int | None = None


@dataclass(frozen=True)
class Words:
    """What was typed, and how the database finds the titles that fit: `first`, all of them before anything else;
    `among`, as a set that each object is looked up in; `along`, object by object, as they come. The commoner the
    words, the later they are looked at."""

    asked: Asked
    how: str = "among"
    held: Held = field(default_factory=Held, compare=False)

    def within(self, cells: tuple[str, ...]) -> str:
        """As the index reads it, in one of these cells; anywhere where there are none."""
        return self.asked.for_postgresql(cells) if on_postgresql() else self.asked.for_sqlite(cells)

    @property
    def said(self) -> str:
        """As the index of the database at hand reads it."""
        if on_postgresql():
            return self.asked.for_postgresql()
        return self.asked.for_titles() if self.how == "along" else self.asked.for_sqlite()


class Shape(NamedTuple):
    """Which filters there are: all that decides how the statement reads. `words` is "", how they are looked for
    (`Words`), or "none" where what was typed holds no word; `days` is "", "one" or "some"; `hub` is "", "id" or
    "slug"; `dated`: what came after the first page is left out."""

    category: bool
    mode: str
    hub: str
    owner: str
    condition: bool
    words: str
    days: str
    dated: bool = True


def words_of(wanted: Wanted) -> Words | None:
    """The words of this wish, taken strictly; None where nothing was typed."""
    return Words(asked(wanted.q)) if wanted.q else None


def shape_of(wanted: Wanted, words: Words | None = None) -> Shape:
    """The shape of this wish; with `words`, those instead of its own."""
    number = whole(wanted.hub) is not None
    days = "" if wanted.first_day is None else "one" if wanted.first_day == wanted.due else "some"
    words = words or words_of(wanted)
    return Shape(
        category=bool(wanted.category),
        mode=wanted.mode,
        hub="" if not wanted.hub else "id" if number else "slug",
        owner=wanted.owner,
        condition=bool(wanted.condition),
        words="" if words is None else words.how if words.asked.readings else "none",
        days=days,
    )


def values(wanted: Wanted, *, moment: datetime, words: Words | None = None) -> dict[str, Any]:
    """What the parameters of `conditions` stand for; with `words`, those instead of the wish's own."""
    words = words or words_of(wanted)
    shape = shape_of(wanted, words)
    found: dict[str, Any] = {"moment": moment}
    if shape.category:
        found["category"] = wanted.category
    if shape.hub:
        found["hub"] = int(wanted.hub) if shape.hub == "id" else wanted.hub
    if shape.condition:
        found["condition"] = wanted.condition
    if shape.days:
        assert wanted.due is not None
        latest = min(wanted.due, date.max - LONGEST_MARGIN) + LONGEST_MARGIN
        found |= {"first_day": wanted.first_day, "due": wanted.due, "latest": latest}
    if words is not None and words.asked.readings:
        found["words"] = words.said
    return found


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """What an object must be to belong to a wish of this shape."""
    found = [ACTIVE]
    if shape.dated:
        found.append(Item.created_at <= bindparam("moment", type_=UtcDateTime()))
    if shape.category:
        found.append(Item.category_id.in_(select(shelf_and_below().c.id)))
    if shape.mode:
        found.append(OFFERED[shape.mode])
    if shape.hub == "id":
        found.append(Item.hub_id == bindparam("hub"))
    elif shape.hub:
        found.append(Item.hub_id == select(Hub.id).where(Hub.slug == bindparam("hub")).scalar_subquery())
    if shape.owner:
        found.append(OWNERS[shape.owner])
    if shape.condition:
        found.append(Item.condition == bindparam("condition"))
    if shape.words:
        found.append(_WAYS[shape.words]())
    if shape.days:
        found.append(_not_taken(one_day=shape.days == "one"))
    return found


_WAYS: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "none": false,
    "first": lambda: holds(bindparam("words")),
    "among": lambda: holds(bindparam("words")),
    "along": lambda: holds_along(bindparam("words")),
}


def shelf_and_below() -> CTE:
    """The category of this name and all that stand under it."""
    tree = select(Category.id).where(Category.slug == bindparam("category")).cte("shelf", recursive=True)
    return tree.union(select(Category.id).where(Category.parent_id == tree.c.id))


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
    # What no margin reaches is left out first, by the index: only where claims are left is a margin worked out.
    met = and_(
        ItemClaim.live,
        ItemClaim.first_day < bindparam("latest", type_=Date()),
        ItemClaim.end_day > bindparam("first_day", type_=Date()),
        func.coalesce(ItemClaim.first_day, ItemClaim.first_day) < end_day,
    )
    alone = exists().where(ItemClaim.item_id == Item.id, met)
    objects = select(Part.id).join(ItemClaim, ItemClaim.item_id == Part.object_id)
    in_parts = (
        objects.where(Part.item_id == Item.id, Part.object_id.is_not(None), met).correlate(Item).exists()
    )
    return and_(not_(alone), not_(in_parts))


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
