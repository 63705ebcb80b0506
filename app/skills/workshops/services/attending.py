"""Who came: one scan of a member's card, and what follows from it. A wrong scan is undone with all that it did."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts import queries as accounts
from app.core import codes, outbox
from app.core.db import db, inserting
from app.core.errors import Conflict, NotFound
from app.events.workshops import FacilitatorPaid, WorkshopAttendanceUndone, WorkshopAttended
from app.items.models import Induction
from app.skills.ledger import services as ledger
from app.skills.ledger.rules import Party
from app.skills.workshops import line, policy, rules
from app.skills.workshops.models import Attendee, Workshop
from app.skills.workshops.services.ground import actor_at, refuse, workshop_held, write_down
from app.skills.workshops.services.places import put_down


@dataclass(frozen=True)
class Attended:
    """Who came; `repeated`: by an earlier scan. `walked_in`: she was not on the list."""

    attendee: Attendee
    repeated: bool
    walked_in: bool


def attend(*, workshop_id: int, member_code: str, actor_id: int, now: datetime) -> Attended:
    """A volunteer saw her there: it counts, what the workshop teaches she may use from now on, and with the first scan
    the hub pays whoever holds it. Who is not on the list comes in while there is room. Said twice, it holds once."""
    workshop = _at_the_door(workshop_id, actor_id=actor_id, now=now)
    code = codes.read(member_code)
    person = accounts.by_code(code) if code is not None and code.kind == codes.MEMBER else None
    if person is None:
        raise NotFound("workshops.no_such_card")
    if person.id == workshop.facilitator_id:
        raise Conflict("workshops.facilitates")
    attendee = line.attendee_of(workshop.id, person.id)
    if attendee is not None and attendee.attended_at is not None:
        return Attended(attendee, repeated=True, walked_in=False)
    known = attendee is not None and attendee.status in ("going", "offered")
    attendee = _let_in(workshop, person.id, attendee, actor_id=actor_id, now=now)
    attendee.attended_at, attendee.attended_by_id = now, actor_id
    learnt = _induce(workshop, attendee, now=now)
    db.session.flush()
    _pay(workshop, actor_id=actor_id, now=now)
    outbox.record(WorkshopAttended(attendee.id, learnt), now=now)
    write_down("workshops.attended", workshop, actor_id=actor_id, for_id=person.id, now=now)
    return Attended(attendee, repeated=False, walked_in=not known)


def _at_the_door(workshop_id: int, *, actor_id: int, now: datetime) -> Workshop:
    workshop = workshop_held(workshop_id)
    refuse(policy.why_not_keep_list(actor_at(workshop.hub_id, actor_id=actor_id)))
    if workshop.state != "planned":
        raise Conflict("workshops.is_cancelled")
    opens, closes = rules.doors(workshop.starts_at, workshop.ends_at)
    if now < opens:
        raise Conflict("workshops.too_early")
    if now > closes:
        raise Conflict("workshops.too_late")
    return workshop


def _let_in(
    workshop: Workshop, resident_id: int, attendee: Attendee | None, *, actor_id: int, now: datetime
) -> Attendee:
    """Her place; a free one for somebody without."""
    if attendee is not None and attendee.status == "going":
        return attendee
    if attendee is None or attendee.status != "offered":
        if line.places(workshop).free < 1:
            raise Conflict("workshops.full")
        attendee = put_down(workshop, resident_id, attendee, actor_id=actor_id, now=now)
    line.go(attendee)
    line.recount(workshop)
    return attendee


def _induce(workshop: Workshop, attendee: Attendee, *, now: datetime) -> str | None:
    """What she learnt here, where she did not know it yet."""
    name = workshop.series.induction
    if not name:
        return None
    values = {"resident_id": attendee.resident_id, "name": name, "granted_at": now}
    fresh = db.session.scalar(
        inserting(Induction)
        .values(**values, granted_by_id=attendee.attended_by_id)
        .on_conflict_do_nothing(index_elements=["resident_id", "name"])
        .returning(Induction.name)
    )
    attendee.induced = fresh is not None
    return name if attendee.induced else None


def _pay(workshop: Workshop, *, actor_id: int, now: datetime) -> None:
    """Once for each date: what would pass the facilitator's limit is not paid, and said."""
    minutes = workshop.series.facilitator_minutes
    if workshop.paid is not None or not minutes:
        return
    done = ledger.pay(
        key=f"workshop:{workshop.id}",
        payer=Party(hub_id=workshop.hub_id),
        payee=Party(resident_id=workshop.facilitator_id),
        minutes=minutes,
        kind="workshop",
        actor_id=actor_id,
        note=workshop.series.title,
        now=now,
        up_to_limit=True,
    )
    workshop.paid, workshop.unpaid = minutes - done.unpaid, done.unpaid
    db.session.flush()
    outbox.record(FacilitatorPaid(workshop.id, workshop.paid, done.unpaid), now=now)


def undo_attendance(*, workshop_id: int, resident_id: int, actor_id: int, now: datetime) -> Attendee:
    """It was somebody else's card: what it unlocked is locked again. The hours of whoever held it stay as they are: a
    coordinator takes them back where nobody came at all. Said twice, it holds once."""
    workshop = _at_the_door(workshop_id, actor_id=actor_id, now=now)
    attendee = line.attendee_of(workshop.id, resident_id)
    if attendee is None:
        raise NotFound("workshops.not_on_list")
    if attendee.attended_at is None:
        return attendee
    if attendee.induced:
        learnt = db.session.get(Induction, (resident_id, workshop.series.induction))
        if learnt is not None:
            db.session.delete(learnt)
    attendee.attended_at = attendee.attended_by_id = None
    attendee.induced = False
    db.session.flush()
    outbox.record(WorkshopAttendanceUndone(attendee.id), now=now)
    write_down("workshops.attendance_undone", workshop, actor_id=actor_id, for_id=resident_id, now=now)
    return attendee
