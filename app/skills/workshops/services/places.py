"""What somebody who wants to come can do: register, take the place that is offered, leave, come back at once. A volunteer
does it for somebody at the counter, and both names are kept."""

from datetime import datetime

from app.accounts import policy as accounts_policy
from app.accounts import queries as accounts
from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, NotFound
from app.events.workshops import (
    WorkshopLeft,
    WorkshopPlaceAnswered,
    WorkshopPlaceTakenBack,
    WorkshopRegistered,
)
from app.skills.workshops import line, policy, rules
from app.skills.workshops.models import Attendee, Workshop
from app.skills.workshops.services.ground import actor_at, refuse, refuse_over, workshop_held, write_down

MOST_WAITING = 200


def register(*, workshop_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> Attendee:
    """Come, or wait for a place where none is free: for oneself or, as a volunteer of the hub, `for_id`. Said twice, it
    holds once; a place that is offered is taken."""
    workshop = workshop_held(workshop_id)
    person = _person(workshop, actor_id=actor_id, for_id=for_id)
    refuse_over(workshop, now=now)
    if person.id == workshop.facilitator_id:
        raise Conflict("workshops.facilitates")
    line.serve(workshop, now=now)
    attendee = line.attendee_of(workshop.id, person.id)
    if attendee is not None and attendee.status in ("going", "offered"):
        return _take(attendee, workshop, now=now) if attendee.status == "offered" else attendee
    if person.id == actor_id:
        _refuse_unknown(person)  # else a volunteer has her before her eyes
    fresh = attendee is None or attendee.status != "waiting"
    if attendee is None or fresh:
        attendee = put_down(workshop, person.id, attendee, actor_id=actor_id, now=now)
    if line.places(workshop).room(newcomer=attendee.newcomer, now=now) > 0:
        line.go(attendee)
    elif workshop.waiting >= MOST_WAITING and fresh:
        raise Conflict("workshops.line_full")
    line.recount(workshop)
    if fresh:
        outbox.record(WorkshopRegistered(attendee.id, now), now=now)
        if for_id is not None and for_id != actor_id:
            write_down("workshops.registered", workshop, actor_id=actor_id, for_id=person.id, now=now)
    return attendee


def put_down(
    workshop: Workshop, resident_id: int, known: Attendee | None, *, actor_id: int, now: datetime
) -> Attendee:
    """Somebody at the end of the list of a date, as waiting; who had left it before is put down anew."""
    attendee = known or Attendee(workshop_id=workshop.id, resident_id=resident_id)
    attendee.status, attendee.turn = "waiting", line.last_turn(workshop.id) + 1
    attendee.newcomer = line.is_newcomer(resident_id, workshop.hub_id)
    attendee.registered_at = now
    attendee.registered_by_id = actor_id if actor_id != resident_id else None
    attendee.offered_at = attendee.offered_until = attendee.before = attendee.ended_at = None
    db.session.add(attendee)
    db.session.flush()
    return attendee


def accept(*, workshop_id: int, actor_id: int, now: datetime) -> Attendee:
    """Take the place that is offered. Tapped twice, it holds once; too late, it is the next one's."""
    workshop = workshop_held(workshop_id)
    refuse_over(workshop, now=now)
    line.serve(workshop, now=now)
    attendee = line.attendee_of(workshop.id, actor_id)
    if attendee is None:
        raise NotFound("workshops.not_on_list")
    if attendee.status == "going":
        return attendee
    if attendee.status != "offered":
        raise Conflict("workshops.no_offer")
    return _take(attendee, workshop, now=now)


def _take(attendee: Attendee, workshop: Workshop, *, now: datetime) -> Attendee:
    line.go(attendee)
    line.recount(workshop)
    outbox.record(WorkshopPlaceAnswered(attendee.id), now=now)
    outbox.record(WorkshopRegistered(attendee.id, now), now=now)
    return attendee


def leave(*, workshop_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> Attendee | None:
    """Not come after all, or wait no longer: the place goes to the next one at once. Who is not on the list leaves it as
    well."""
    workshop = workshop_held(workshop_id)
    person = _person(workshop, actor_id=actor_id, for_id=for_id)
    attendee = line.attendee_of(workshop.id, person.id)
    if attendee is None or attendee.status in ("cancelled", "expired"):
        return attendee
    refuse_over(workshop, now=now)
    if attendee.attended_at is not None:
        raise Conflict("workshops.was_there")
    if attendee.status == "offered":
        outbox.record(WorkshopPlaceAnswered(attendee.id), now=now)
    line.end(attendee, "cancelled", now=now)
    line.recount(workshop)
    line.serve(workshop, now=now)
    outbox.record(WorkshopLeft(attendee.id, actor_id, now), now=now)
    if person.id != actor_id:
        write_down("workshops.left", workshop, actor_id=actor_id, for_id=person.id, now=now)
    return attendee


def undo_leave(*, workshop_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> Attendee:
    """It was a slip: as before, for ten minutes, while nobody else has taken the place. One that the leaving itself
    offered to somebody is taken back, and she waits where she waited."""
    workshop = workshop_held(workshop_id)
    person = _person(workshop, actor_id=actor_id, for_id=for_id)
    refuse_over(workshop, now=now)
    attendee = line.attendee_of(workshop.id, person.id)
    if attendee is not None and attendee.status in ("going", "waiting", "offered"):
        return attendee
    if attendee is None or attendee.status != "cancelled" or attendee.ended_at is None:
        raise Conflict("workshops.undo_over")
    if attendee.ended_at <= now - rules.UNDO_FOR:
        raise Conflict("workshops.undo_over")
    if attendee.before == "waiting":
        attendee.status, attendee.before, attendee.ended_at = "waiting", None, None
    else:
        if line.places(workshop).free < 1:
            _take_back_offer(workshop, since=attendee.ended_at, now=now)
        line.go(attendee)
    line.recount(workshop)
    line.serve(workshop, now=now)
    outbox.record(WorkshopRegistered(attendee.id, now), now=now)
    return attendee


def _take_back_offer(workshop: Workshop, *, since: datetime, now: datetime) -> None:
    offered = line.latest_offer_since(workshop.id, since)
    if offered is None or offered.offered_at is None:
        raise Conflict("workshops.place_gone")
    outbox.record(WorkshopPlaceTakenBack(offered.id, offered.offered_at), now=now)
    offered.status, offered.offered_at, offered.offered_until = "waiting", None, None
    line.recount(workshop)


def _person(workshop: Workshop, *, actor_id: int, for_id: int | None) -> Resident:
    """Whom it is for: oneself, or somebody else for the volunteers of the hub."""
    if for_id is not None and for_id != actor_id:
        refuse(policy.why_not_keep_list(actor_at(workshop.hub_id, actor_id=actor_id)))
    return accounts.resident(for_id or actor_id)


def _refuse_unknown(person: Resident) -> None:
    """Nobody takes a place whom nobody can reach."""
    if accounts_policy.why_not_confirmed(
        email_confirmed=person.email_confirmed_at is not None,
        verified_in_person=person.verified_in_person_at is not None,
    ):
        raise Conflict("workshops.email_unconfirmed")
