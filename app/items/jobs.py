"""What is done about objects when time passes."""

from datetime import datetime, timedelta
from itertools import islice

from flask import current_app

from app.core import images
from app.core.jobs import keep_going
from app.items import queries

WAITS = timedelta(hours=25)
"""How long a photo may wait in a form that is being mended."""
AT_ONCE = 500


def sweep_photos(*, now: datetime) -> int:
    """Forget the files of photos that no object is shown by: forms that were never sent again, photos whose
    transaction failed at the wrong moment. How many."""
    folder = current_app.extensions["movilab.config"].folder
    waiting = images.written_before(now - WAITS, folder)
    swept = 0
    while keep_going() and (names := list(islice(waiting, AT_ONCE))):
        for name in set(names) - queries.photos_in_use(names):
            images.forget(name, folder)
            swept += 1
    return swept
