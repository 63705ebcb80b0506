"""What is done about tables when time passes: good rows are written, old tables are forgotten."""

from datetime import datetime

from sqlalchemy import select

from app.core.db import db, retrying, transaction
from app.core.errors import Conflict
from app.core.jobs import keep_going
from app.items.imports import services
from app.items.imports.models import ImportBatch

AT_ONCE = 50
"""Rows in one transaction: an object and its parts take some milliseconds, and others wait for them."""
IN_ONE_RUN = 2_000
"""Rows in one run, so that other jobs have their turn and a steward sees that it goes on."""
TRIES = 3


def write_imports(*, now: datetime) -> int:
    """Write the good rows of every table that was agreed to; how many."""
    done = 0
    waiting = select(ImportBatch.id).where(ImportBatch.status == "writing").order_by(ImportBatch.id)
    for batch_id in db.session.scalars(waiting).all():
        while done < IN_ONE_RUN and keep_going() and (some := _write_some(batch_id, now=now)):
            done += some
    return done


def _write_some(batch_id: int, *, now: datetime) -> int:
    """The next rows together; one at a time where the database refused one of them (a code that was just taken)."""

    def together() -> int:
        with transaction():
            return services.write_some(batch_id=batch_id, limit=AT_ONCE, now=now)

    def alone() -> int:
        with transaction():
            return services.write_some(batch_id=batch_id, limit=1, now=now)

    refused = None
    for write in (together, *[alone] * TRIES):
        try:
            return retrying(write)
        except Conflict as conflict:
            refused = conflict
    assert refused is not None
    with transaction():
        services.set_aside_next(batch_id=batch_id, problem=refused)
    return 1


def forget_imports(*, now: datetime) -> int:
    """Forget tables that nobody agreed to, and what was left out of those that were written long ago."""
    with transaction():
        return services.forget_old(now=now)
