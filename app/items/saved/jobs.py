"""What kept searches do when time passes."""

from datetime import datetime

from app.core.jobs import until_empty
from app.items.saved import services

PEOPLE_AT_ONCE = 25
"""Residents whose searches are run in one transaction."""
FORGOTTEN_AT_ONCE = 500


def tell_new_objects(*, now: datetime) -> int:
    """Everybody whose hour has come is told what fits her searches; how many residents were looked at. What was
    stopped long ago is forgotten meanwhile."""
    until_empty(lambda: services.forget_stopped(now=now, limit=FORGOTTEN_AT_ONCE), FORGOTTEN_AT_ONCE)
    return until_empty(lambda: services.tell_new(now=now, limit=PEOPLE_AT_ONCE), PEOPLE_AT_ONCE)
