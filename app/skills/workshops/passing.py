"""What becomes of workshops when time passes and nobody acts. Each function takes the next few, holds them, and looks
again; two schedulers at once do it once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.core.db import db, locked
from app.core.jobs import Walked
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.skills.workshops import line, rules
from app.skills.workshops.handlers import words_of
from app.skills.workshops.models import Attendee, Workshop, WorkshopClaim, WorkshopSeries
from app.skills.workshops.rhythm import AHEAD
from app.skills.workshops.services import making, needing


def serve_lines(*, now: datetime, after_id: int, limit: int) -> Walked:
    """What was offered and not taken in time goes to the next one, and so does whatever has become free: places are kept
    for newcomers only up to a point."""
    late = exists().where(
        Attendee.workshop_id == Workshop.id, Attendee.status == "offered", Attendee.offered_until <= now
    )
    room = (Workshop.waiting > 0) & (Workshop.taken < Workshop.capacity)
    ids = _ids(Workshop.starts_at > now, or_(late, room), after_id=after_id, limit=limit)
    count = sum(line.serve(one, now=now) for one in locked(Workshop, *ids)) if ids else 0
    return Walked(count, ids[-1] if len(ids) == limit else None)


def fill_series(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Every rule is made real as far ahead as is promised."""
    ids = db.session.scalars(
        select(WorkshopSeries.id)
        .where(
            WorkshopSeries.rule != "",
            WorkshopSeries.filled_until < (now + AHEAD).date(),
            WorkshopSeries.id > after_id,
        )
        .order_by(WorkshopSeries.id)
        .limit(limit)
    ).all()
    series = locked(WorkshopSeries, *ids) if ids else []
    count = sum(len(making.fill(one, now=now)) for one in series)
    return Walked(count, ids[-1] if len(ids) == limit else None)


def keep_objects(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Days of objects that were somebody else's and have become free since are kept for the workshop after all."""
    missing = exists().where(WorkshopClaim.workshop_id == Workshop.id, WorkshopClaim.claim_id.is_(None))
    ids = _ids(Workshop.starts_at > now, missing, after_id=after_id, limit=limit)
    count = needing.keep_days(locked(Workshop, *ids), now=now) if ids else 0
    return Walked(count, ids[-1] if len(ids) == limit else None)


def remind(*, now: datetime, after_id: int, limit: int) -> Walked:
    """The day before, everybody who comes and whoever holds it are reminded, once for each start; who registers later
    has just read it."""
    ids = _ids(
        Workshop.starts_at > now,
        Workshop.starts_at <= now + rules.REMINDED,
        or_(Workshop.reminded_for.is_(None), Workshop.reminded_for != Workshop.starts_at),
        after_id=after_id,
        limit=limit,
    )
    count = sum(_remind(one, now=now) for one in locked(Workshop, *ids)) if ids else 0
    return Walked(count, ids[-1] if len(ids) == limit else None)


def _remind(workshop: Workshop, *, now: datetime) -> int:
    if workshop.state != "planned" or workshop.reminded_for == workshop.starts_at:
        return 0
    workshop.reminded_for = workshop.starts_at
    rows = db.session.execute(
        select(Attendee.id, Attendee.resident_id)
        .where(
            Attendee.workshop_id == workshop.id,
            Attendee.status == "going",
            Attendee.registered_at <= workshop.starts_at - rules.REMINDED,
        )
        .order_by(Attendee.id)
    ).all()
    going = db.session.scalar(
        select(func.count()).where(Attendee.workshop_id == workshop.id, Attendee.status == "going")
    )
    told = [
        _telling(workshop, row.resident_id, "workshops.reminder", f"workshops.reminder:{row.id}")
        for row in rows
    ]
    held = _telling(
        workshop,
        workshop.facilitator_id,
        "workshops.reminder_facilitator",
        f"workshops.held:{workshop.id}",
        count=going or 0,
    )
    return notifications.tell_many([*told, held], now=now)


def _telling(workshop: Workshop, resident_id: int, kind: str, key: str, **more: int) -> Telling:
    return Telling(
        resident_id=resident_id,
        kind=kind,
        params={**words_of(workshop), **more},
        path=f"/workshops/{workshop.id}",
        key=f"{key}:{workshop.starts_at.isoformat()}",
        timezone=workshop.hub.timezone,
    )


def _ids(*where: ColumnElement[bool], after_id: int, limit: int) -> Sequence[int]:
    query = select(Workshop.id).where(Workshop.state == "planned", Workshop.id > after_id, *where)
    return db.session.scalars(query.order_by(Workshop.id).limit(limit)).all()
