"""What the tests of workshops do again and again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.notifications.models import Notification
from app.skills.workshops import queries, rhythm, services
from app.skills.workshops.models import Attendee, Workshop


def deliver(now: datetime) -> None:
    """What was recorded is told."""
    outbox.deliver(outbox.due(now=now + timedelta(seconds=30), limit=500), now=now)


def register(workshop: Workshop, who: Resident, now: datetime) -> str:
    with transaction():
        return services.register(workshop_id=workshop.id, actor_id=who.id, now=now).status


def leave(workshop: Workshop, who: Resident, now: datetime) -> None:
    with transaction():
        services.leave(workshop_id=workshop.id, actor_id=who.id, now=now)


def accept(workshop: Workshop, who: Resident, now: datetime) -> str:
    with transaction():
        return services.accept(workshop_id=workshop.id, actor_id=who.id, now=now).status


def made(hub: Hub, organizer: Resident, now: datetime, **given: Any) -> Workshop:
    """A workshop at ten on the Saturday after next, once, unless told otherwise."""
    wall = rhythm.wall(now, hub.timezone)
    saturday = (wall + timedelta(days=(5 - wall.weekday()) % 7 + 7)).replace(hour=10, minute=0)
    said = {"title": "Réparer sa lampe", "start": saturday, "minutes": 120, "capacity": 12, **given}
    with transaction():
        return services.create(hub_id=hub.id, actor_id=organizer.id, now=now, **said)


def edited(workshop: Workshop, organizer: Resident, now: datetime, **given: Any) -> Workshop:
    with transaction():
        return services.edit(workshop_id=workshop.id, actor_id=organizer.id, now=now, **given)


def dates(series_id: int) -> list[Workshop]:
    """All dates of a series, in order."""
    db.session.rollback()
    query = select(Workshop).where(Workshop.series_id == series_id).order_by(Workshop.starts_at)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def statuses(workshop: Workshop) -> list[str]:
    """How those on its list stand, in the order of their turns."""
    db.session.rollback()
    query = select(Attendee.status).where(Attendee.workshop_id == workshop.id).order_by(Attendee.turn)
    return list(db.session.scalars(query))


def fresh(workshop: Workshop) -> Workshop:
    db.session.rollback()
    return queries.one(workshop.id)


def told(who: Resident) -> list[str]:
    """The kinds of what somebody was told, in order."""
    db.session.rollback()
    query = select(Notification.kind).where(Notification.resident_id == who.id).order_by(Notification.id)
    return [kind.removeprefix("workshops.") for kind in db.session.scalars(query)]
