"""The index of words, as each database has it: FTS5 on SQLite (kept in step by triggers), GIN on PostgreSQL. What is
prepared (`words.search_text`), what is asked (`asked.Asked`) and where that is (`cells`) are the same on both."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from app.core.db import db
from app.finding.searched import Searched


def on_postgresql() -> bool:
    """Which of the two databases is at hand."""
    return bool(db.session.get_bind().dialect.name == "postgresql")


class _Looked(FunctionElement[Any]):
    """What was asked, looked up in the index of what is searched. PostgreSQL's is on an expression, which is `prepared`
    (migrations 0006 and 0014); SQLite's a table of its own, `words`."""

    inherit_cache = True

    def __init__(self, of: Searched, asked: ColumnElement[Any]) -> None:
        super().__init__(*(literal_column(of.names[name]) for name in ("table", "words", "prepared")), asked)


class holds(_Looked):  # noqa: N801 -- it reads as a function in a statement
    """Whether a title fits what was asked (`Asked.for_sqlite`, `Asked.for_postgresql`), by the index."""

    type = NullType()  # see `app.core.db.one_of`
    inherit_cache = True


class holds_along(_Looked):  # noqa: N801 -- as above
    """The same, looked up one by one (on SQLite with `Asked.for_titles`)."""

    type = NullType()  # see `app.core.db.one_of`
    inherit_cache = True


class held_by(_Looked):  # noqa: N801 -- as above
    """The ids of those whose titles fit what was asked, as a table: `held_by(...).table_valued("id")`."""

    inherit_cache = True


def _parts(element: Any, compiler: Any, options: Any) -> list[str]:
    """Names that stand in the code, and the place of a parameter: nothing that was typed."""
    return [compiler.process(part, **options) for part in element.clauses]


@compiles(held_by, "sqlite")
def _held_by_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    _table, words, _prepared, asked = _parts(element, compiler, options)
    return f"(SELECT {words}.rowid AS id FROM {words} WHERE {words} MATCH {asked})"  # noqa: S608 -- see `_parts`


@compiles(held_by, "postgresql")
def _held_by_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    table, _words, prepared, asked = _parts(element, compiler, options)
    return f"(SELECT {table}.id AS id FROM {table} WHERE {prepared} @@ CAST({asked} AS tsquery))"  # noqa: S608 -- see `_parts`


@compiles(holds, "sqlite")
def _holds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    table, words, _prepared, asked = _parts(element, compiler, options)
    return f"({table}.id IN (SELECT {words}.rowid FROM {words} WHERE {words} MATCH {asked}))"  # noqa: S608 -- see `_parts`


@compiles(holds_along, "sqlite")
def _holds_along_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    """By reading the title: to open the index for each object costs a hundred times as much."""
    table, _words, _prepared, asked = _parts(element, compiler, options)
    here = f"SELECT 1 FROM json_each(unit.value) AS said WHERE instr({table}.search_text || ' ', said.value)"  # noqa: S608 -- see `_parts`
    lacks = f"SELECT 1 FROM json_each(reading.value) AS unit WHERE NOT EXISTS ({here})"  # noqa: S608 -- see `_parts`
    return f"(EXISTS (SELECT 1 FROM json_each({asked}) AS reading WHERE NOT EXISTS ({lacks})))"  # noqa: S608 -- see `_parts`


@compiles(holds, "postgresql")
def _holds_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    _table, _words, prepared, asked = _parts(element, compiler, options)
    return f"({prepared} @@ CAST({asked} AS tsquery))"


@compiles(holds_along, "postgresql")
def _holds_along_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    """Said so that the index does not serve."""
    _table, _words, prepared, asked = _parts(element, compiler, options)
    return f"(({prepared} @@ CAST({asked} AS tsquery)) IS TRUE)"


_COUNTED_ON_SQLITE = "SELECT term, doc FROM {words}_vocab"
_COUNTED_ON_POSTGRESQL = (
    "SELECT word, ndoc FROM ts_stat("
    "$$SELECT array_to_tsvector(array_remove(string_to_array(search_text, ' '), '')) FROM {table}$$)"
)


def counted(of: Searched) -> dict[str, int]:
    """In how many titles each form stands now. Reads the whole index."""
    query = _COUNTED_ON_POSTGRESQL if on_postgresql() else _COUNTED_ON_SQLITE
    rows = db.session.execute(text(query.format_map(of.names)))
    return {row[0]: row[1] for row in rows}
