"""What is forgotten of loans when their year has passed, and photos that nothing shows."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from flask import current_app

from app.core import images
from app.core.db import db, retrying, transaction
from app.core.jobs import keep_going
from app.lending.condition import queries, services

AT_ONCE = 200
WAITS = timedelta(hours=25)
"""A photo may stand there before what it belongs to does."""


def forget_past_loans(*, now: datetime) -> int:
    """Notes and photos of how objects looked, and what was said, a year after the end of a loan; how many batches and
    lines. Then the files that nothing shows: of an act that was undone at the wrong moment, or of photos that were
    forgotten just before the power went."""
    folder = images.private(current_app.extensions["movilab.config"].folder)
    return (
        _with_photos(services.forget_notes, folder, now)
        + _with_photos(services.forget_messages, folder, now)
        + _words(now)
        + _sweep(folder, now)
    )


def _with_photos(forget: Callable[..., list[str] | None], folder: Path, now: datetime) -> int:
    """Batch after batch; the files go when the rows are gone."""
    total = 0
    while keep_going():
        names = retrying(partial(_in_transaction, forget, now))
        if names is None:
            break
        _forget_files(names, folder)
        total += 1
    return total


def _in_transaction(forget: Callable[..., list[str] | None], now: datetime) -> list[str] | None:
    with transaction():
        return forget(now=now, limit=AT_ONCE)


def _words(now: datetime) -> int:
    total, count = 0, AT_ONCE
    while count == AT_ONCE and keep_going():
        count = retrying(partial(_words_batch, now))
        total += count
    return total


def _words_batch(now: datetime) -> int:
    with transaction():
        return services.forget_words(now=now, limit=AT_ONCE)


def _sweep(folder: Path, now: datetime) -> int:
    swept = 0
    standing = images.written_before(now - WAITS, folder)
    while keep_going() and (names := list(islice(standing, AT_ONCE))):
        unused = set(names) - queries.photos_in_use(names)
        db.session.rollback()  # nothing is held while files are removed
        _forget_files(unused, folder)
        swept += len(unused)
    return swept


def _forget_files(names: Iterable[str], folder: Path) -> None:
    for name in names:
        images.forget(name, folder)
