"""Rows on their way to the database, many at a time and parents first."""

from typing import Any, cast

from sqlalchemy import Column, Table, func, insert, literal, select, text
from sqlalchemy.orm import Session

from app.core.db import Base

BATCH = 5_000
"""Rows of one table that are kept in memory before all waiting rows are written."""


class Rows:
    """Keeps rows per table, numbers them in order of appearance, and writes them in the order of the tables
    given, so that no row comes before the one it refers to."""

    def __init__(self, session: Session, *tables: type[Base]) -> None:
        self.session = session
        self.tables = {model: cast(Table, model.__table__) for model in tables}
        self.counts: dict[type[Base], int] = dict.fromkeys(tables, 0)
        self._blank = {model: blank(table) for model, table in self.tables.items()}
        self._waiting: dict[type[Base], list[dict[str, Any]]] = {model: [] for model in tables}

    def add(self, model: type[Base], **values: Any) -> int:
        """Keep one row, what is not given being the column's default; its number, which is its id where the
        table has one."""
        blank = self._blank[model]
        if not values.keys() <= blank.keys():
            raise KeyError(f"{model.__name__} has no {sorted(values.keys() - blank.keys())}")
        self.counts[model] += 1
        number = self.counts[model]
        row = {**blank, **values}
        if "id" in blank:
            row["id"] = number
        self._waiting[model].append(row)
        return number

    def write_when_many(self) -> None:
        """Write all waiting rows once one table has a batch; to be called between two wholes."""
        if any(len(rows) >= BATCH for rows in self._waiting.values()):
            self.write()

    def write(self) -> None:
        """Write all waiting rows."""
        for model, rows in self._waiting.items():
            if rows:
                self.session.execute(insert(self.tables[model]), rows)
                rows.clear()

    def settle(self) -> None:
        """Tell PostgreSQL what came at once: its sequences, which number the next rows, know nothing of ids that
        were given, and its planner nothing of how many rows there are."""
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for table in self.tables.values():
            if "id" in table.c:
                sequence = func.pg_get_serial_sequence(literal(f'"{table.name}"'), literal("id"))
                last = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
                self.session.execute(select(func.setval(sequence, last, False)))
        self.session.execute(text("ANALYZE"))


def blank(table: Table) -> dict[str, Any]:
    """A row of which nothing was said: every column with its default."""
    return {column.key: _default(column) for column in table.c}


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
