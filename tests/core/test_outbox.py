"""What happened is told to each room exactly once, whoever fails or dies in between."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import audit, outbox
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.events import Event

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class KettleBoiled(Event):
    """For these tests only."""

    kettle_id: int
    on: date
    at: datetime | None = None


def _count_it(happened: KettleBoiled, *, now: datetime) -> None:
    audit.note("boiled", now=now, actor_id=None, subject_kind="kettle", subject_id=happened.kettle_id)


def _note_day(happened: KettleBoiled, *, now: datetime) -> None:
    audit.note(happened.on.isoformat(), now=now, actor_id=None, subject_kind="kettle", subject_id=0)


class _Stubborn:
    """A handler that writes, then fails until it is mended."""

    broken = True

    def __init__(self) -> None:
        self.__qualname__ = "stubborn"

    def __call__(self, happened: KettleBoiled, *, now: datetime) -> None:
        audit.note("stubborn", now=now, actor_id=None, subject_kind="kettle", subject_id=1)
        if self.broken:
            raise OSError("nobody home")


@pytest.fixture
def handled(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[type[Event], Any]:
    handlers: dict[type[Event], Any] = {KettleBoiled: [_count_it, _note_day]}
    monkeypatch.setitem(app.extensions, "movilab.handlers", handlers)
    return handlers


def _record(number: int = 1) -> int:
    with transaction():
        outbox.record(KettleBoiled(number, date(2026, 11, 27), NOW), now=NOW)
    return db.session.scalar(select(func.max(outbox.StoredEvent.id))) or 0


def _acts() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_an_event_is_told_to_each_handler_once(handled: dict[type[Event], Any]) -> None:
    event_id = _record()
    for _ in range(3):
        outbox.deliver([event_id], now=NOW)
    assert _acts() == ["boiled", "2026-11-27"]
    assert outbox.due(now=NOW + timedelta(days=1), limit=10) == []


def test_a_failing_handler_stops_nobody_leaves_nothing_and_is_told_again(
    handled: dict[type[Event], Any],
) -> None:
    stubborn = _Stubborn()
    handled[KettleBoiled] = [_count_it, stubborn, _note_day]
    event_id = _record()
    assert outbox.deliver([event_id], now=NOW) == 0
    assert _acts() == ["boiled", "2026-11-27"]
    stored = db.session.get(outbox.StoredEvent, event_id)
    assert stored is not None
    assert (stored.attempts, stored.last_error) == (1, "OSError")
    assert outbox.due(now=NOW, limit=10) == []
    later = NOW + timedelta(minutes=1)
    assert outbox.due(now=later, limit=10) == [event_id]
    stubborn.broken = False
    assert outbox.deliver([event_id], now=later) == 1
    assert _acts() == ["boiled", "2026-11-27", "stubborn"]


def test_what_was_undone_did_not_happen(handled: dict[type[Event], Any]) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        outbox.record(KettleBoiled(1, date(2026, 11, 27)), now=NOW)
        raise ZeroDivisionError
    assert db.session.scalar(select(func.count()).select_from(outbox.StoredEvent)) == 0


def test_the_scheduler_leaves_the_entry_point_its_time(handled: dict[type[Event], Any]) -> None:
    event_id = _record()
    assert outbox.due(now=NOW, limit=10) == []
    assert outbox.due(now=NOW + outbox.GRACE, limit=10) == [event_id]
