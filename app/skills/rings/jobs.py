"""What is done about rings when time passes."""

from datetime import datetime
from functools import partial

from app.core.db import db
from app.core.jobs import in_one, keep_going, through
from app.skills.rings import services

AT_ONCE = 100


def propose(*, now: datetime) -> int:
    """Look for rings among all neighbours, and ask those who could be in one; how many are new."""
    found = services.to_propose()
    db.session.rollback()  # what was read is let go before anything is written
    new = at = 0
    while keep_going() and (some := found[at : at + AT_ONCE]):
        new += in_one(partial(services.propose, some, now=now))
        at += len(some)
    return new


def expire(*, now: datetime) -> int:
    """Proposals that not all have answered in time are over."""
    return through(lambda after: services.expire(now=now, after_id=after, limit=AT_ONCE))
