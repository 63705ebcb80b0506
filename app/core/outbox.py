"""Effects elsewhere: what happened is stored with the change itself, and each room that cares is told after the commit.

`record()` writes the event in the transaction of the act. After the commit the entry point delivers; the scheduler
repeats what is left. A handler runs in a transaction of its own that first inserts the unique row (event, handler):
told at least once, done exactly once, whatever dies in between.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from flask import current_app, g, has_request_context
from sqlalchemy import ForeignKey, Index, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, after_commit, constraint_says, db, retrying, transaction
from app.core.errors import Conflict
from app.events import KINDS, Event

Handler = Callable[..., None]
Handlers = Mapping[type[Event], Sequence[Handler]]

log = structlog.get_logger()

GRACE = timedelta(seconds=10)
"""How long the entry point has to deliver what it recorded before the scheduler does."""
LONGEST_WAIT = timedelta(hours=1)


class StoredEvent(Base):
    """Something that happened, as it was told. `next_try_at` is when the scheduler would tell it again."""

    __tablename__ = "stored_event"
    __table_args__ = (
        Index(
            "ix_stored_event_due",
            "next_try_at",
            postgresql_where=text("delivered_at IS NULL"),
            sqlite_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class Delivery(Base):
    """This handler has done its part for this event."""

    __tablename__ = "delivery"

    event_id: Mapped[int] = mapped_column(ForeignKey("stored_event.id", ondelete="CASCADE"), primary_key=True)
    handler: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def record(happened: Event, *, now: datetime) -> None:
    """Remember that this happened, in the transaction of the act itself."""
    payload = {field.name: _plain(getattr(happened, field.name)) for field in dataclasses.fields(happened)}  # type: ignore[arg-type]  # every Event is a dataclass
    stored = StoredEvent(kind=type(happened).__name__, payload=payload, at=now, next_try_at=now + GRACE)
    db.session.add(stored)
    db.session.info.setdefault("recorded", []).append(stored)


def deliver(event_ids: Sequence[int], *, now: datetime) -> int:
    """Tell every handler of these events that has not been told; how many events are now delivered."""
    done = 0
    for event_id in event_ids:
        done += _deliver_one(event_id, now=now)
    return done


def due(*, now: datetime, limit: int) -> list[int]:
    """Events that nobody has finished delivering, oldest first."""
    query = (
        select(StoredEvent.id)
        .where(StoredEvent.delivered_at.is_(None), StoredEvent.next_try_at <= now)
        .order_by(StoredEvent.next_try_at, StoredEvent.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _deliver_one(event_id: int, *, now: datetime) -> int:
    stored = db.session.get(StoredEvent, event_id)
    if stored is None or stored.delivered_at is not None:
        return 0
    happened = _revived(stored)
    handlers = _handlers().get(type(happened), ())
    failure: str | None = None
    for handler in handlers:
        failure = _tell(handler, happened, event_id, now=now) or failure
    retrying(lambda: _finish(event_id, failure, now=now))
    return 0 if failure else 1


def _tell(handler: Handler, happened: Event, event_id: int, *, now: datetime) -> str | None:
    """Run one handler once for all time. None, or what went wrong (the class of the error: messages may hold names)."""
    name = f"{handler.__module__}.{handler.__qualname__}"

    def once() -> None:
        with transaction() as session:
            session.execute(insert(Delivery).values(event_id=event_id, handler=name, at=now))
            handler(happened, now=now)

    try:
        retrying(once)
    except Conflict as conflict:
        if conflict.code == "core.already_delivered":
            return None
        log.exception("handler refused", handler=name, event_id=event_id)
        return type(conflict).__name__
    except Exception as error:
        log.exception("handler failed", handler=name, event_id=event_id)
        return type(error).__name__
    return None


def _finish(event_id: int, failure: str | None, *, now: datetime) -> None:
    with transaction() as session:
        if failure is None:
            session.execute(update(StoredEvent).where(StoredEvent.id == event_id).values(delivered_at=now))
            return
        stored = session.get(StoredEvent, event_id)
        if stored is not None:
            stored.attempts += 1
            stored.last_error = failure
            stored.next_try_at = now + min(GRACE * 2**stored.attempts, LONGEST_WAIT)


def _handlers() -> Handlers:
    handlers: Handlers = current_app.extensions["movilab.handlers"]
    return handlers


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _revived(stored: StoredEvent) -> Event:
    kind = KINDS[stored.kind]
    hints = typing.get_type_hints(kind)
    return kind(
        **{name: _typed(hints[name], value) for name, value in stored.payload.items() if name in hints}
    )


def _typed(hint: Any, value: Any) -> Any:
    kinds = typing.get_args(hint) or (hint,)
    if isinstance(value, str) and datetime in kinds:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and date in kinds:
        return date.fromisoformat(value)
    return value


def _keep_for_delivery(session: Session) -> None:
    """After a commit inside a request: the request delivers once its answer is made (`app.core.http`)."""
    recorded: list[StoredEvent] = session.info.pop("recorded", [])
    if recorded and has_request_context():
        g.setdefault("to_deliver", []).extend(stored.id for stored in recorded)


def deliver_after_request(*, now: datetime) -> None:
    """Deliver what this request recorded; what fails is left to the scheduler."""
    ids: list[int] = g.pop("to_deliver", [])
    try:
        deliver(ids, now=now)
    except Exception:
        log.exception("delivery left to the scheduler", events=len(ids))


after_commit(_keep_for_delivery)
constraint_says("pk_delivery", "core.already_delivered")
constraint_says("delivery.event_id", "core.already_delivered")
