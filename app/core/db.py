"""The database: one declarative base, aware times, and `transaction()`, the only place in the house that commits."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from select import POLLIN, poll
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Engine,
    Executable,
    Integer,
    MetaData,
    Row,
    String,
    bindparam,
    event,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, registry
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator

from app.core.errors import Conflict, Malformed, Unavailable

T = TypeVar("T")

BUSY_SECONDS = 5
RETRIES = 3
RESTS_SECONDS = 15
"""So long a connection may rest before the server is asked whether it is there: what cuts it silently is slower."""
IN_TRANSACTION = 2
"""`PQTRANS_INTRANS` of libpq: open, and nothing in it was refused."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments in, aware moments out, UTC in between; a naive one is refused at the door."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy passes it
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment_of(read: datetime | str) -> datetime:
    """The aware moment of a column that was read as the database itself says it: where hundreds are read and few looked
    at, the type is left out."""
    return datetime.fromisoformat(f"{read}+00:00") if isinstance(read, str) else read


class Numbers(TypeDecorator[Collection[int]]):
    """Whole numbers as one parameter: an array, or on SQLite, which has none, their JSON."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        on_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.ARRAY(Integer()) if on_postgresql else String())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class one_of(FunctionElement[Any]):  # noqa: N801 -- it reads as a function in a statement
    """Whether a column is one of the numbers that the parameter of this name holds. However many there are, the
    statement reads the same: a database that has read it once is quicker the next time."""

    type = (
        NullType()
    )  # of a Boolean SQLAlchemy would ask SQLite whether it equals 1, and that no index answers
    inherit_cache = True

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=Numbers()))


@compiles(one_of, "postgresql")
def _one_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} = ANY ({numbers}))"


@compiles(one_of, "sqlite")
def _one_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({numbers})))"  # noqa: S608 -- a parameter's place


class unweighed(FunctionElement[int]):  # noqa: N801 -- it reads as a function in a statement
    """The number that the parameter of this name holds, for a limit. PostgreSQL would take it for a reason to plan the
    statement anew each time; whatever it is, the plan is to be the same, made once."""

    type = Integer()
    inherit_cache = True

    def __init__(self, name: str) -> None:
        super().__init__(bindparam(name, type_=Integer()))


@compiles(unweighed, "postgresql")
def _unweighed_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(SELECT {compiler.process(element.clauses, **options)})"


@compiles(unweighed, "sqlite")
def _unweighed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


class Base(DeclarativeBase):
    """Every table of the house. Constraint names follow one convention, so that migrations can name them."""

    # Flask-SQLAlchemy subclasses this base once more; SQLAlchemy then takes the type map from a registry only.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON},
    )


def _compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False},
    # A refused row must not write what it held (an address, a name) into the log.
    engine_options={"json_serializer": _compact_json, "hide_parameters": True},
)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    if "sqlite3" not in type(connection).__module__:
        return
    connection.isolation_level = None  # SQLAlchemy's "begin" event below says BEGIN, not the driver
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "cache_size=-16000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """A writing transaction takes SQLite's write lock at once: one that starts as a reader cannot always become
    a writer later, and fails with "database is locked" instead of waiting its turn."""
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@event.listens_for(Engine, "rollback")
def _end_reading(connection: Connection) -> None:
    """A transaction that only read is ended behind the driver's back, with its own word for it: told to roll back,
    psycopg forgets every statement it has prepared, and each would be read and planned anew on each page."""
    if connection.dialect.name != "postgresql" or connection.closed or connection.invalidated:
        return
    if not connection.get_execution_options().get("write", False):
        server = cast(Any, connection.connection.dbapi_connection).pgconn
        if server.transaction_status == IN_TRANSACTION:
            server.exec_(b"ROLLBACK")


@event.listens_for(Pool, "checkin")
def _rests(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _is_still_there(connection: Any, record: ConnectionPoolEntry, _lent: object) -> None:
    """A connection that was kept while the server restarted is dead; that is found out before a neighbour's request
    stands on it. A server that goes away says so: one from which nothing has come since a moment ago is still there.
    Any other is asked, which costs as much as a small statement."""
    since = record.info.get("rests_since")
    if since is None or "psycopg" not in type(connection).__module__:
        return
    if time.monotonic() - since < RESTS_SECONDS and not connection.closed:
        heard = poll()
        heard.register(connection.fileno(), POLLIN)
        if not heard.poll(0):
            return
    from psycopg import Error  # noqa: PLC0415 -- where SQLite is in use, nobody needs psycopg

    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except Error as gone:
        raise InvalidatePoolError from gone


def plain_rows(query: Executable, given: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """The rows of a statement that asks for columns only, in the session's own transaction but without what it does
    for entities: half the price, on pages that read a hundred rows. What is pending is not written before."""
    return _connection().execute(query, given).all()


_connections: WeakKeyDictionary[SessionTransaction, Connection] = WeakKeyDictionary()


def _connection() -> Connection:
    """The session's connection, asked for once in each transaction: a session answers slowly."""
    session = db.session()
    current = session.get_transaction() or session.begin()
    known = _connections.get(current)
    if known is None:
        known = _connections[current] = session.connection()
    return known


class Retry(Exception):
    """Two transactions met; this one was undone whole and may be tried again."""


_CONFLICTS: dict[str, str] = {}
_AFTER_COMMIT: list[Callable[[Session], None]] = []


def constraint_says(marker: str, code: str) -> None:
    """When the database refuses a row and its words hold `marker` (a constraint's name, or SQLite's "table.column"),
    the neighbour reads the sentence of `code`."""
    _CONFLICTS[marker] = code


def after_commit(hook: Callable[[Session], None]) -> None:
    """Call `hook` after each commit; it must not write."""
    _AFTER_COMMIT.append(hook)


@contextmanager
def transaction() -> Iterator[Session]:
    """One use case, whole or not at all. Opened by entry points only: views, API, commands, jobs, event delivery.

    Nesting raises, and so does anything pending from before. Reads made before it (who is logged in) are
    let go first, because a transaction that began as a read cannot be told to write.
    Raises `Conflict` where the database refuses a row, `Retry` where two transactions met.
    """
    session: Session = db.session()
    _refuse_open(session)
    rehearsed = session.info.get("rehearsed", False)
    if not rehearsed:
        session.rollback()
    session.expire_all()  # also what was read in an earlier use case of the same job: others may have written since
    session.info["in_use_case"] = True
    session.info["recorded"] = []
    whole = session.begin_nested() if rehearsed else session
    try:
        session.connection(execution_options=None if rehearsed else {"write": True})
        yield session
        whole.commit()
    except DBAPIError as error:
        whole.rollback()
        raise told(error) from error
    except BaseException:
        whole.rollback()
        raise
    finally:
        session.info["in_use_case"] = False
    for hook in () if rehearsed else _AFTER_COMMIT:
        hook(session)


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Use cases as they would be: each `transaction()` inside is whole or not at all and sees what those before it
    did; at the end nothing of any was done, and nobody is told anything, because nothing was committed."""
    session: Session = db.session()
    _refuse_open(session)
    session.rollback()
    session.expire_all()
    session.info["rehearsed"] = True
    try:
        session.connection(execution_options={"write": True})
        yield session
    finally:
        session.rollback()
        session.info["rehearsed"] = False


def _refuse_open(session: Session) -> None:
    if session.info.get("in_use_case"):
        raise RuntimeError("a transaction inside a transaction: services never open one")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside a transaction")


def told(error: DBAPIError) -> Exception:
    """What the database's refusal means for the neighbour; the error itself where it is a fault of ours."""
    words = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40001", "40P01") or "database is locked" in words or "database table is locked" in words:
        return Retry()
    if state == "55P03":  # lock_timeout: somebody else is still at it
        return Conflict("core.idempotency_race")
    if "NUL" in words and isinstance(error, DataError):  # PostgreSQL keeps no such sign in a text
        return Malformed("core.malformed")
    if "no such" in words or "syntax error" in words:  # SQLite files our own mistakes under the same class
        return error
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable("core.database_away", retry_after=5)
    if isinstance(error, IntegrityError):
        for marker, code in _CONFLICTS.items():
            if marker in words:
                return Conflict(code)
        return Conflict("core.conflict")
    return error


def retrying(use_case: Callable[[], T]) -> T:
    """Run `use_case` (which opens its own transaction) again when two transactions met; after the third time
    the neighbour is asked to come back in a moment (503)."""
    for attempt in range(RETRIES + 1):
        try:
            return use_case()
        except Retry:
            time.sleep(0.02 * (attempt + 1))
    raise Unavailable("core.busy")


def locked(model: type[T], *ids: int) -> list[T]:
    """These rows, fresh, in id order, and nobody else's until the transaction ends: a row lock on PostgreSQL;
    on SQLite a writing transaction is alone already."""
    table: Any = model
    query = (
        select(model)
        .where(table.id.in_(sorted(set(ids))))
        .order_by(table.id)
        .with_for_update(key_share=True)  # rows that point at this one may still be written by others
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def locked_one(model: type[T], row_id: int) -> T | None:
    """One row, as `locked`; None where there is none."""
    return next(iter(locked(model, row_id)), None)


def inserting(model: Any) -> Any:
    """An INSERT into this table (`model.__table__` where many plain rows go in) that can say `on_conflict_do_nothing`
    or `on_conflict_do_update`, as both databases spell it. Which rows were new is told by RETURNING, never by a
    count."""
    on_postgresql = db.session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(model) if on_postgresql else sqlite.insert(model)
