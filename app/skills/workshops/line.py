"""How the places of a date move: one call after whatever happened to them, and the one place that counts them.

Whoever calls holds the date's row: it guards all its places.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select

from app.core import outbox
from app.core.db import db
from app.events.workshops import WorkshopPlaceLapsed, WorkshopPlaceOffered
from app.skills.workshops import rules
from app.skills.workshops.models import HOLDING, Attendee, Workshop


def serve(workshop: Workshop, *, now: datetime) -> int:
    """What was offered and not taken in time, and whatever else is free, is offered to whose turn it is; how many
    places moved. Said twice, it holds once."""
    if workshop.state != "planned":
        return 0
    count = 0
    for late in _with(workshop, "offered"):
        if late.offered_until is not None and late.offered_until <= now:
            end(late, "expired", now=now)
            outbox.record(WorkshopPlaceLapsed(late.id, now), now=now)
            count += 1
    if count:
        recount(workshop)
    line = {one.id: one for one in _with(workshop, "waiting")} if workshop.waiting else {}
    while turn := rules.next_offered([_waiting(one) for one in line.values()], places(workshop), now=now):
        _offer(line.pop(turn.id), workshop, now=now)
        count += 1
    return count


def _offer(attendee: Attendee, workshop: Workshop, *, now: datetime) -> None:
    until = rules.offer_ends(workshop.starts_at, now=now)
    attendee.status, attendee.offered_at, attendee.offered_until = "offered", now, until
    recount(workshop)
    outbox.record(WorkshopPlaceOffered(attendee.id, until), now=now)


def go(attendee: Attendee) -> None:
    """She has the place; the caller counts."""
    attendee.status, attendee.offered_until = "going", None
    attendee.before = attendee.ended_at = None


def end(attendee: Attendee, status: str, *, now: datetime) -> None:
    """She is off the list: `cancelled` or `expired`; the caller counts."""
    attendee.before, attendee.ended_at = attendee.status, now
    attendee.status, attendee.offered_until = status, None


def places(workshop: Workshop) -> rules.Places:
    """The places of a date as the rules see them."""
    return rules.Places(
        workshop.capacity, workshop.newcomer_places, workshop.taken, workshop.newcomers, workshop.starts_at
    )


def recount(workshop: Workshop) -> None:
    """Count who holds a place and who waits, after any of them changed."""
    db.session.flush()
    rows = db.session.execute(
        select(Attendee.status, Attendee.newcomer, func.count())
        .where(Attendee.workshop_id == workshop.id, Attendee.status.in_((*HOLDING, "waiting")))
        .group_by(Attendee.status, Attendee.newcomer)
    )
    counted: Counter[str] = Counter()
    for status, newcomer, number in rows:
        counted["waiting" if status == "waiting" else "taken"] += number
        counted["newcomers"] += number if newcomer and status != "waiting" else 0
    workshop.taken, workshop.newcomers = counted["taken"], counted["newcomers"]
    workshop.waiting = counted["waiting"]
    db.session.flush()


def attendee_of(workshop_id: int, resident_id: int) -> Attendee | None:
    """How this resident stands to this date, whatever became of it."""
    return db.session.scalar(
        select(Attendee)
        .where(Attendee.workshop_id == workshop_id, Attendee.resident_id == resident_id)
        .execution_options(populate_existing=True)
    )


def last_turn(workshop_id: int) -> int:
    """The number behind which the next one stands."""
    return db.session.scalar(select(func.max(Attendee.turn)).where(Attendee.workshop_id == workshop_id)) or 0


def is_newcomer(resident_id: int, hub_id: int) -> bool:
    """Whether she has been to no workshop of this hub yet."""
    been = exists().where(
        Attendee.resident_id == resident_id,
        Attendee.attended_at.is_not(None),
        Workshop.id == Attendee.workshop_id,
        Workshop.hub_id == hub_id,
    )
    return not db.session.scalar(select(been))


def _with(workshop: Workshop, status: str) -> Sequence[Attendee]:
    return db.session.scalars(
        select(Attendee)
        .where(Attendee.workshop_id == workshop.id, Attendee.status == status)
        .order_by(Attendee.turn)
        .execution_options(populate_existing=True)
    ).all()


def _waiting(one: Attendee) -> rules.Waiting:
    return rules.Waiting(one.id, one.turn, one.newcomer)


def latest_offer_since(workshop_id: int, moment: datetime) -> Attendee | None:
    """To whom a place was offered last, not before this moment, who has not answered."""
    return db.session.scalar(
        select(Attendee)
        .where(
            Attendee.workshop_id == workshop_id,
            Attendee.status == "offered",
            Attendee.offered_at >= moment,
        )
        .order_by(Attendee.turn.desc())
        .limit(1)
    )


def withdraw_offers(workshop: Workshop) -> None:
    """It is not held: whoever was offered a place waits where she waited."""
    for offered in _with(workshop, "offered"):
        offered.status, offered.offered_at, offered.offered_until = "waiting", None, None
    recount(workshop)
