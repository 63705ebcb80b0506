"""Many rows as one parameter. However many there are, the statement reads the same: a database that has read it once is
quicker the next time, and nothing is spelled out for each row."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, FromClause, String, bindparam, column, func, select
from sqlalchemy.types import TypeEngine

from app.core.db import db


def given_rows(parameter: str, columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """A table of these columns, whose rows the parameter of this name holds: a list of mappings of plain values, in
    their order. Made for the database at hand, as `app.core.db.inserting` is."""
    rows = bindparam(parameter, type_=JSON())
    if db.session.get_bind().dialect.name == "postgresql":
        named = (column(name, kind) for name, kind in columns.items())
        return func.json_to_recordset(rows).table_valued(*named).render_derived(with_types=True)
    row = func.json_each(rows).table_valued(column("value", String)).c.value
    return select(
        *(func.json_extract(row, f"$.{name}", type_=kind).label(name) for name, kind in columns.items())
    ).subquery()
