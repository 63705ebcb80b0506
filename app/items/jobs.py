"""What is done about objects when time passes."""

from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from flask import current_app

from app.core import images, uploads
from app.core.db import db, retrying, transaction
from app.core.jobs import keep_going
from app.finding import placing, vocabulary
from app.items import queries
from app.items.filters import OBJECTS

WAITS = timedelta(hours=25)
"""How long a photo may wait in a form that is being mended."""
AT_ONCE = 500


def sweep_photos(*, now: datetime) -> int:
    """Forget the files of photos that no object is shown by: forms that were never sent again, photos whose
    transaction failed at the wrong moment; and of what was sent only in part. How many."""
    folder = current_app.extensions["movilab.config"].folder
    waiting = images.written_before(now - WAITS, folder)
    swept = uploads.sweep(folder=folder, now=now)
    while keep_going() and (names := list(islice(waiting, AT_ONCE))):
        for name in set(names) - queries.photos_in_use(names):
            images.forget(name, folder)
            swept += 1
    return swept


def place_anew(*, now: datetime) -> int:  # noqa: ARG001 -- every job is told the time
    """Where those who are not logged in see what is kept at homes (`finding.placing`). How many have moved."""
    return placing.place_all_anew(OBJECTS)


def count_words(*, now: datetime) -> int:  # noqa: ARG001 -- words have no hour
    """Count the words of all titles, so that slips of new words are understood. How many were new, gone, or much
    more common or rarer than before."""
    moved = vocabulary.changes(OBJECTS, vocabulary.counted(OBJECTS))
    db.session.rollback()  # what was read is let go before anything is written
    written = 0
    while keep_going() and (some := moved[written : written + AT_ONCE]):
        retrying(partial(_write_words, some))
        written += len(some)
    return written


def _write_words(some: list[tuple[str, int]]) -> None:
    with transaction():
        vocabulary.write(OBJECTS, some)
