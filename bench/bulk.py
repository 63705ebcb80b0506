"""Many rows at once into a migrated database, on both databases alike: what watches a table (indexes, triggers, the
guard against overlaps) is taken off, the rows go in by the column, and what was taken off is put back as it was.

For databases that are made to be measured; nobody else may be at work in them.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Protocol, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table, make_url

from app.cli.demo.rows import blank
from app.core.db import Base
from app.finding import cells

Put = Callable[[type[Base], Sequence[str], Iterable[tuple[Any, ...]]], None]


class Bulk(Protocol):
    """What both databases can do here."""

    def put(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows as they are: moments and days as ISO text, lists as JSON."""

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """What a question in SQL answers."""

    def bared(self, tables: Sequence[str]) -> list[str]:
        """Take off what watches these tables; the statements that put it back."""

    def settle(self, tables: Sequence[str], statements: Sequence[str]) -> None:
        """Put it back, number on from what is there, and tell the planner what there is."""


@contextmanager
def filling(database_url: str, *models: type[Base]) -> Iterator[tuple[Bulk, Put]]:
    """The database, and `put(model, columns, rows)`: columns that are not named get the model's own default."""
    url = make_url(database_url)
    bulk: Bulk = (
        _Sqlite(url.database or "") if url.get_backend_name() == "sqlite" else _Postgresql(database_url)
    )
    tables = [model.__tablename__ for model in models]
    taken_off = bulk.bared(tables)

    def put(model: type[Base], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        rest = _rest(model, columns)
        constants = tuple(rest.values())
        bulk.put(model.__tablename__, [*columns, *rest], (row + constants for row in rows))

    yield bulk, put
    bulk.settle(tables, taken_off)


def _rest(model: type[Base], columns: Sequence[str]) -> Mapping[str, Any]:
    """The constants of the columns that are not named; ids number themselves."""
    table = cast(Table, model.__table__)
    defaults = {table.c[key].name: plain(value) for key, value in blank(table).items()}
    unknown = set(columns) - defaults.keys()
    if unknown:
        raise KeyError(f"{table.name} has no {sorted(unknown)}")
    return {name: value for name, value in defaults.items() if name not in columns and name != "id"}


def plain(value: Any) -> Any:
    """As it is written down on both databases."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


class _Sqlite:
    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            self.connection.execute(f"PRAGMA {pragma}")

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(question).fetchall()

    def put(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.connection.execute("BEGIN")
        self.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        self.connection.execute("COMMIT")

    def bared(self, tables: Sequence[str]) -> list[str]:
        found = [
            (kind, name, statement)
            for table in tables
            for kind, name, statement in self.connection.execute(
                "SELECT type, name, sql FROM sqlite_master"
                " WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL",
                [table],
            )
        ]
        for kind, name, _ in found:
            self.connection.execute(f'DROP {kind} "{name}"')
        return [statement for _, _, statement in found]

    def settle(self, tables: Sequence[str], statements: Sequence[str]) -> None:
        for statement in statements:
            self.connection.execute(statement)
        self.connection.execute("ANALYZE")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


def rebuilt(database_url: str, table: str = "item") -> None:
    """Make the index of words of this table on SQLite anew: the triggers that keep it in step were off."""
    words = f"{table}_words"
    with sqlite3.connect(make_url(database_url).database or "") as connection:
        connection.execute(f"INSERT INTO {words} ({words}) VALUES ('delete-all')")
        connection.execute(
            f"INSERT INTO {words} (rowid, search_text)"
            f" SELECT id, search_text || {cells.for_sqlite(table)} FROM {table}"
        )
        connection.execute(f"INSERT INTO {words} ({words}) VALUES ('optimize')")


class _Postgresql:
    def __init__(self, url: str) -> None:
        libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(libpq, autocommit=True)
        for setting in (
            "session_replication_role = replica",
            "TimeZone = 'UTC'",
            "maintenance_work_mem = '256MB'",
        ):
            self.connection.execute(cast(Any, f"SET {setting}"))

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(cast(Any, question)).fetchall()

    def put(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self.connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)

    def bared(self, tables: Sequence[str]) -> list[str]:
        guards = self.connection.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'x' AND conrelid::regclass::text = ANY(%s)",
            [list(tables)],
        ).fetchall()
        for table, name, _ in guards:
            self.connection.execute(cast(Any, f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
        indexes = self.connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = current_schema()"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [list(tables)],
        ).fetchall()
        for name, _ in indexes:
            self.connection.execute(cast(Any, f'DROP INDEX "{name}"'))
        return [
            *(definition for _, definition in indexes),
            *(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {how}' for table, name, how in guards),
        ]

    def settle(self, tables: Sequence[str], statements: Sequence[str]) -> None:
        for statement in statements:
            self.connection.execute(cast(Any, statement))
        for table in tables:
            self.connection.execute(
                cast(
                    Any,
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))",
                )
            )
        self.connection.execute("VACUUM ANALYZE")
        self.connection.close()
