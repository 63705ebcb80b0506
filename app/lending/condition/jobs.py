"""What is forgotten of loans when their year has passed, and photos that nothing shows."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from flask import current_app

from app.core import images
from app.core.db import db
from app.core.jobs import in_one, keep_going, until_empty
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
        + until_empty(lambda: services.forget_words(now=now, limit=AT_ONCE), AT_ONCE)
        + _sweep(folder, now)
    )


def _with_photos(forget: Callable[..., list[str] | None], folder: Path, now: datetime) -> int:
    """Batch after batch; the files go when the rows are gone."""
    total = 0
    while keep_going():
        names = in_one(partial(forget, now=now, limit=AT_ONCE))
        if names is None:
            break
        _forget_files(names, folder)
        total += 1
    return total


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
