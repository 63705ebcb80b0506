"""The shelves of what is searched, as they stand in a file: for the choices above a list."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Shelf:
    """A shelf and its two names; `parent` is None for those on top."""

    slug: str
    name_fr: str
    name_en: str
    parent: str | None

    def name(self, locale: str) -> str:
        """In the reader's language."""
        return self.name_en if locale == "en" else self.name_fr


class Tree:
    """All shelves of a catalogue, in order; read when they are first asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def shelves(self) -> tuple[Shelf, ...]:
        """All of them, in order."""
        rows = json.loads(self.file.read_text(encoding="utf-8"))
        return tuple(Shelf(row["slug"], row["name_fr"], row["name_en"], row["parent"]) for row in rows)

    def around(self, slug: str) -> tuple[Shelf | None, tuple[Shelf, ...]]:
        """The shelf that is looked at, and where one may go on from it: to those below, or to its neighbours."""
        at = next((shelf for shelf in self.shelves if shelf.slug == slug), None)
        below = tuple(shelf for shelf in self.shelves if at is not None and shelf.parent == at.slug)
        beside = tuple(shelf for shelf in self.shelves if shelf.parent == (at.parent if at else None))
        return at, below or beside
