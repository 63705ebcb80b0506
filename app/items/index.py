"""The index of words, as each database has it: FTS5 on SQLite (kept in step by triggers), GIN on PostgreSQL. What is
prepared (`words.search_text`), what is asked (`asked.Asked`) and where that is (`cells`) are the same on both."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from app.core.db import db

_PREPARED = "words_and_places(item.search_text, item.lat, item.lon, item.coarse_lat, item.coarse_lon)"
"""As the index on PostgreSQL says it (migration 0006)."""


def on_postgresql() -> bool:
    """Which of the two databases is at hand."""
    return bool(db.session.get_bind().dialect.name == "postgresql")


class holds(FunctionElement[Any]):  # noqa: N801 -- it reads as a function in a statement
    """Whether the title of `item` fits what was asked (`Asked.for_sqlite`, `Asked.for_postgresql`), by the index."""

    type = NullType()  # see `app.core.db.one_of`
    inherit_cache = True


class holds_along(FunctionElement[Any]):  # noqa: N801
    """The same, looked up object by object (on SQLite with `Asked.for_titles`)."""

    type = NullType()  # see `app.core.db.one_of`
    inherit_cache = True


class held_by(FunctionElement[Any]):  # noqa: N801
    """The ids of the objects whose titles fit what was asked, as a table: `held_by(...).table_valued("id")`."""

    inherit_cache = True


@compiles(held_by, "sqlite")
def _held_by_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    asked = compiler.process(element.clauses, **options)
    return f"(SELECT item_words.rowid AS id FROM item_words WHERE item_words MATCH {asked})"  # noqa: S608


@compiles(held_by, "postgresql")
def _held_by_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    asked = compiler.process(element.clauses, **options)
    return f"(SELECT item.id AS id FROM item WHERE {_PREPARED} @@ CAST({asked} AS tsquery))"  # noqa: S608


@compiles(holds, "sqlite")
def _holds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    asked = compiler.process(element.clauses, **options)
    return f"(item.id IN (SELECT item_words.rowid FROM item_words WHERE item_words MATCH {asked}))"  # noqa: S608


@compiles(holds_along, "sqlite")
def _holds_along_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    """By reading the title: to open the index for each object costs a hundred times as much."""
    asked = compiler.process(element.clauses, **options)
    here = "SELECT 1 FROM json_each(unit.value) AS said WHERE instr(item.search_text || ' ', said.value)"
    lacks = f"SELECT 1 FROM json_each(reading.value) AS unit WHERE NOT EXISTS ({here})"  # noqa: S608
    return f"(EXISTS (SELECT 1 FROM json_each({asked}) AS reading WHERE NOT EXISTS ({lacks})))"  # noqa: S608


@compiles(holds, "postgresql")
def _holds_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"({_PREPARED} @@ CAST({compiler.process(element.clauses, **options)} AS tsquery))"


@compiles(holds_along, "postgresql")
def _holds_along_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    """Said so that the index does not serve."""
    return f"(({_PREPARED} @@ CAST({compiler.process(element.clauses, **options)} AS tsquery)) IS TRUE)"


_COUNTED_ON_SQLITE = text("SELECT term, doc FROM item_words_vocab")
_COUNTED_ON_POSTGRESQL = text(
    "SELECT word, ndoc FROM ts_stat("
    "$$SELECT array_to_tsvector(array_remove(string_to_array(search_text, ' '), '')) FROM item$$)"
)


def counted() -> dict[str, int]:
    """In how many objects each form stands now. Reads the whole index."""
    rows = db.session.execute(_COUNTED_ON_POSTGRESQL if on_postgresql() else _COUNTED_ON_SQLITE)
    return {row[0]: row[1] for row in rows}
