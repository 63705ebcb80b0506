"""What is wanted, as far as every search shares it: words, a place, a shelf. Statements are built once for each shape of a
wish and kept; what is looked for itself travels beside them, as parameters."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from sqlalchemy import CTE, ColumnElement, bindparam, false, select

from app.core.db import UtcDateTime
from app.core.text import whole
from app.finding.asked import Asked, asked
from app.finding.index import holds, holds_along, on_postgresql
from app.finding.searched import Searched, Shape
from app.hubs.models import Hub

Place = tuple[float, float]


@dataclass
class Held:
    """How many titles of all there are hold the words, as a search noticed that looked at them first; None where they
    are common."""

    by: int | None = None


@dataclass(frozen=True)
class Words:
    """What was typed, and how the database finds the titles that fit: `first`, all of them before anything else;
    `among`, as a set that each is looked up in; `along`, one by one, as they come. The commoner the words, the later
    they are looked at."""

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


class Wanted(Protocol):
    """A wish, a frozen dataclass of the room. `near` in degrees; `sort`: near, new, relevance."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    of: ClassVar[Searched]

    @property
    def q(self) -> str: ...
    @property
    def near(self) -> Place | None: ...
    @property
    def radius_km(self) -> float | None: ...
    @property
    def sort(self) -> str: ...

    def shape(self, words: Words | None = None) -> Shape:
        """Which filters it has; with `words`, those instead of its own."""

    def values(self, *, moment: datetime, words: Words | None = None) -> dict[str, Any]:
        """What the parameters of its conditions stand for; with `words`, those instead of its own."""


def words_of(q: str) -> Words | None:
    """The words that were typed, taken strictly; None where nothing was."""
    return Words(asked(q)) if q else None


def way_of(words: Words | None) -> str:
    """How words are looked for, as a shape says it."""
    return "" if words is None else words.how if words.asked.readings else "none"


def hub_named(name: str) -> str:
    """How a hub is named, as a shape says it: "", "id" or "slug"."""
    return "" if not name else "id" if whole(name) is not None else "slug"


# -- conditions that rooms put among their own ------------------------------------------------------------


def there_already(of: Searched) -> ColumnElement[bool]:
    """It was there when the first page was shown."""
    there: ColumnElement[bool] = of.table.created_at <= bindparam("moment", type_=UtcDateTime())
    return there


def on_shelf(of: Searched) -> ColumnElement[bool]:
    """It stands on the shelf that is asked for, or below."""
    on: ColumnElement[bool] = of.table.category_id.in_(select(shelf_and_below(of).c.id))
    return on


def at_hub(of: Searched, named: str) -> ColumnElement[bool]:
    """It is at the hub of this number ("id") or name in addresses ("slug")."""
    hub: Any = bindparam("hub")
    if named != "id":
        hub = select(Hub.id).where(Hub.slug == hub).scalar_subquery()
    at: ColumnElement[bool] = of.table.hub_id == hub
    return at


def called_so(of: Searched, how: str) -> ColumnElement[bool]:
    """It is called what was typed, looked up in this way."""
    return _WAYS[how](of)


_WAYS: Mapping[str, Callable[[Searched], ColumnElement[bool]]] = {
    "none": lambda _of: false(),
    "first": lambda of: holds(of, bindparam("words")),
    "among": lambda of: holds(of, bindparam("words")),
    "along": lambda of: holds_along(of, bindparam("words")),
}


def shelf_and_below(of: Searched) -> CTE:
    """The category of this name and all that stand under it."""
    shelf = of.category
    tree = select(shelf.id).where(shelf.slug == bindparam("category")).cte("shelf", recursive=True)
    return tree.union(select(shelf.id).where(shelf.parent_id == tree.c.id))
