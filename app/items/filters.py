"""What is wanted of objects, as conditions of a statement (`app.finding.wanted`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.finding import wanted as shared
from app.finding.searched import Searched
from app.finding.wanted import Place, Words
from app.hubs.models import Hub
from app.items.catalogue import TREE
from app.items.models import Category, Item, ItemClaim, KnownSlip, KnownWord, Part

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
FREE_NOW, FREE_SOON, FREE_LATER, SOON_DAYS = 1.0, 0.6, 0.25, 7


class Shape(NamedTuple):
    """Which filters there are (`finding.searched.Shape`); `days` is "", "one" or "some"; `hub` is "", "id" or "slug"."""

    category: bool
    mode: str
    hub: str
    owner: str
    condition: bool
    words: str
    days: str
    dated: bool = True


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """What an object must be to belong to a wish of this shape."""
    found = [ACTIVE]
    if shape.dated:
        found.append(shared.there_already(OBJECTS))
    if shape.category:
        found.append(shared.on_shelf(OBJECTS))
    if shape.mode:
        found.append(OFFERED[shape.mode])
    if shape.hub:
        found.append(shared.at_hub(OBJECTS, shape.hub))
    if shape.owner:
        found.append(OWNERS[shape.owner])
    if shape.condition:
        found.append(Item.condition == bindparam("condition"))
    if shape.words:
        found.append(shared.called_so(OBJECTS, shape.words))
    if shape.days:
        found.append(_not_taken(one_day=shape.days == "one"))
    return found


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


def _taken_until(shape: Shape) -> list[Any]:
    """Until when somebody has it, where no days were asked for: None for nobody, the end of time for nobody knows
    (parameter `today`). Where they were, only what is free then is found."""
    if shape.days:
        return []
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
    return [taken.scalar_subquery().label("taken_until")]


def _how_free(taken_until: date | None, today: date) -> float:
    if taken_until is None:
        return FREE_NOW
    return FREE_SOON if (taken_until - today).days <= SOON_DAYS else FREE_LATER


OBJECTS = Searched(
    name="items",
    table=Item,
    category=Category,
    tree=TREE,
    known_word=KnownWord,
    known_slip=KnownSlip,
    conditions=conditions,
    ranked=_taken_until,
    worth=_how_free,
)


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `near` in degrees; `owner`: hub or resident; `first_day` and `due` both or none; `sort`:
    near, new, relevance."""

    of: ClassVar[Searched] = OBJECTS

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

    def shape(self, words: Words | None = None) -> Shape:
        """Which filters it has; with `words`, those instead of its own."""
        return Shape(
            category=bool(self.category),
            mode=self.mode,
            hub=shared.hub_named(self.hub),
            owner=self.owner,
            condition=bool(self.condition),
            words=shared.way_of(words or shared.words_of(self.q)),
            days="" if self.first_day is None else "one" if self.first_day == self.due else "some",
        )

    def values(self, *, moment: datetime, words: Words | None = None) -> dict[str, Any]:
        """What the parameters of `conditions` stand for; with `words`, those instead of its own."""
        words = words or shared.words_of(self.q)
        shape = self.shape(words)
        found: dict[str, Any] = {"moment": moment}
        if shape.category:
            found["category"] = self.category
        if shape.hub:
            found["hub"] = int(self.hub) if shape.hub == "id" else self.hub
        if shape.condition:
            found["condition"] = self.condition
        if shape.days:
            assert self.due is not None
            latest = min(self.due, date.max - LONGEST_MARGIN) + LONGEST_MARGIN
            found |= {"first_day": self.first_day, "due": self.due, "latest": latest}
        if words is not None and words.asked.readings:
            found["words"] = words.said
        return found
