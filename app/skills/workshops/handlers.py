"""What is told of workshops. Each runs after the commit, in a transaction of its own."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db, locked_one
from app.core.i18n import in_language
from app.events.workshops import (
    FacilitatorNamed,
    FacilitatorPaid,
    WorkshopAttendanceUndone,
    WorkshopAttended,
    WorkshopLeft,
    WorkshopNeedAnswered,
    WorkshopNeedAsked,
    WorkshopObjectMissing,
    WorkshopPlaceAnswered,
    WorkshopPlaceLapsed,
    WorkshopPlaceOffered,
    WorkshopPlaceTakenBack,
    WorkshopRegistered,
    WorkshopRestored,
    WorkshopsCancelled,
    WorkshopsChanged,
)
from app.items.models import Item
from app.notifications import services as notifications
from app.skills.workshops import rules
from app.skills.workshops.models import OPEN, Attendee, Workshop, WorkshopNeed
from app.skills.workshops.wording import hours

# -- one person's place -----------------------------------------------------------------------------------


def tell_registered(event: WorkshopRegistered, *, now: datetime) -> None:
    """What she is registered for, in writing; also when a volunteer did it for her."""
    one = _held(event.attendee_id)
    if one is None or one.status not in ("going", "waiting"):
        return
    by = one.registered_by.name if one.registered_by else ""
    if one.status == "going":
        kind = "workshops.registered_for" if by else "workshops.going"
    elif by:
        kind = "workshops.waiting_for"
    else:
        return  # she has just read it on the page
    _tell(one, kind, key=event.at.isoformat(), now=now, urgent=True, by=by)


def tell_left(event: WorkshopLeft, *, now: datetime) -> None:
    """What was told of her place holds no more; who did not do it herself learns who did."""
    one = _held(event.attendee_id)
    if one is None or one.status != "cancelled":
        return
    for kind in ("going", "registered_for", "waiting_for", "reminder"):
        notifications.withdraw(key_prefix=f"workshops.{kind}:{one.id}:")
    if event.by_id != one.resident_id:
        by = db.session.get_one(Resident, event.by_id).name
        _tell(one, "workshops.left_for", key=event.at.isoformat(), now=now, by=by)


def tell_offered(event: WorkshopPlaceOffered, *, now: datetime) -> None:
    """A place is hers if she wants it. The mail leaves when who gave it up can no longer come back, if there is time."""
    one = _held(event.attendee_id)
    if one is None or one.status != "offered" or one.offered_until != event.until:
        return
    soon = event.until - now < rules.OFFERED_FOR - rules.UNDO_FOR
    _tell(
        one,
        "workshops.offered",
        key=event.until.isoformat(),
        now=now,
        urgent=True,
        not_before=None if soon else now + rules.UNDO_FOR,
        until=event.until,
    )


def untell_offered(event: WorkshopPlaceAnswered, *, now: datetime) -> None:  # noqa: ARG001 -- as all handlers
    """She has answered."""
    notifications.withdraw(key_prefix=f"workshops.offered:{event.attendee_id}:")


def tell_lapsed(event: WorkshopPlaceLapsed, *, now: datetime) -> None:
    """It went to the next one."""
    one = _held(event.attendee_id)
    if one is not None and one.status == "expired":
        notifications.withdraw(key_prefix=f"workshops.offered:{one.id}:")
        _tell(one, "workshops.lapsed", key=event.at.isoformat(), now=now)


def tell_taken_back(event: WorkshopPlaceTakenBack, *, now: datetime) -> None:
    """Nobody had gone after all. The mail of the offer has not left yet."""
    one = _held(event.attendee_id)
    if one is not None and one.status == "waiting":
        notifications.withdraw(key_prefix=f"workshops.offered:{one.id}:")
        _tell(one, "workshops.taken_back", key=event.offered_at.isoformat(), now=now, mail=False)


# -- a date -----------------------------------------------------------------------------------------------


def tell_changed(event: WorkshopsChanged, *, now: datetime) -> None:
    """Everybody on the lists, and whoever holds them, once for all dates of one change."""
    for resident_id, dates in _by_person(event.workshop_ids, besides=event.by_id).items():
        kind = "workshops.changed" if len(dates) == 1 else "workshops.changed_many"
        key = f"{kind}:{dates[0].series_id}:{resident_id}:{event.at.isoformat()}"
        _tell_of(dates[0], resident_id, kind, key=key, now=now, count=len(dates))


def tell_cancelled(event: WorkshopsCancelled, *, now: datetime) -> None:
    """Nobody should stand before a closed door."""
    for resident_id, dates in _by_person(event.workshop_ids, besides=event.by_id).items():
        for one in dates:
            if one.state == "cancelled":
                kind = "workshops.cancelled_why" if one.note else "workshops.cancelled"
                key = f"workshops.cancelled:{one.id}:{resident_id}:{event.at.isoformat()}"
                _tell_of(one, resident_id, kind, key=key, now=now, why=one.note)


def tell_restored(event: WorkshopRestored, *, now: datetime) -> None:
    """It is held after all."""
    notifications.withdraw(key_prefix=f"workshops.cancelled:{event.workshop_id}:")
    for resident_id, dates in _by_person((event.workshop_id,), besides=event.by_id).items():
        if dates[0].state == "planned":
            key = f"workshops.restored:{event.workshop_id}:{resident_id}:{event.at.isoformat()}"
            _tell_of(dates[0], resident_id, "workshops.restored", key=key, now=now)


def tell_facilitator(event: FacilitatorNamed, *, now: datetime) -> None:
    """Somebody counts on her."""
    one = db.session.get(Workshop, event.workshop_id)
    if one is not None and one.facilitator_id == event.facilitator_id:
        by = db.session.get_one(Resident, event.by_id).name
        key = f"workshops.facilitates:{one.id}:{event.facilitator_id}"
        _tell_of(one, event.facilitator_id, "workshops.facilitates", key=key, now=now, by=by)


def tell_paid(event: FacilitatorPaid, *, now: datetime) -> None:
    """What the hub gave for it, and what did not fit."""
    one = db.session.get(Workshop, event.workshop_id)
    if one is None:
        return
    kind = "not_paid" if not event.minutes else "paid_partly" if event.unpaid else "paid"
    with in_language(one.facilitator.locale):
        amounts: dict[str, Any] = {"paid": hours(event.minutes), "unpaid": hours(event.unpaid)}
    key = f"workshops.paid:{one.id}"
    _tell_of(one, one.facilitator_id, f"workshops.{kind}", key=key, now=now, mail=False, **amounts)


def tell_induced(event: WorkshopAttended, *, now: datetime) -> None:
    """What she may use from now on."""
    one = _held(event.attendee_id)
    if one is not None and one.induced and event.induction:
        _tell(one, "workshops.induced", key="", now=now, mail=False, induction=event.induction)


def untell_induced(event: WorkshopAttendanceUndone, *, now: datetime) -> None:  # noqa: ARG001 -- as all handlers
    """It was not her."""
    notifications.withdraw(key_prefix=f"workshops.induced:{event.attendee_id}:")


# -- objects ----------------------------------------------------------------------------------------------


def ask_owner(event: WorkshopNeedAsked, *, now: datetime) -> None:
    """Her object would be needed: she decides."""
    need = db.session.get(WorkshopNeed, event.need_id)
    if need is None or need.consent != "asked" or need.item.owner_resident_id is None:
        return
    notifications.tell(
        resident_id=need.item.owner_resident_id,
        kind="workshops.object_asked",
        params={**_words_of(need), "by": db.session.get_one(Resident, need.asked_by_id).name},
        path=f"/workshops/objects/{need.id}",
        key=f"workshops.object_asked:{need.id}",
        now=now,
        timezone=need.series.hub.timezone,
    )


def tell_answer(event: WorkshopNeedAnswered, *, now: datetime) -> None:
    """Whoever asked, and whoever holds it, know whether they can count on the object."""
    need = db.session.get(WorkshopNeed, event.need_id)
    if need is None or need.answered_at != event.at:
        return
    for resident_id in {need.asked_by_id, need.series.facilitator_id}:
        notifications.tell(
            resident_id=resident_id,
            kind=f"workshops.object_{need.consent}",
            params=_words_of(need),
            path=f"/hubs/{need.series.hub.slug}/workshops",
            key=f"workshops.object_answered:{need.id}:{resident_id}:{event.at.isoformat()}",
            now=now,
            mail=False,
        )


def tell_missing(event: WorkshopObjectMissing, *, now: datetime) -> None:
    """The object is with somebody else that day: there is time to look for another one."""
    one, item = db.session.get(Workshop, event.workshop_id), db.session.get(Item, event.item_id)
    if one is not None and item is not None and one.state == "planned":
        key = f"workshops.object_missing:{one.id}:{item.id}:{event.at.isoformat()}"
        _tell_of(one, one.facilitator_id, "workshops.object_missing", key=key, now=now, item=item.title)


# -- how it is told ---------------------------------------------------------------------------------------


def _held(attendee_id: int) -> Attendee | None:
    """The attendee, the resident held, so that two messages to one person are written one after the other."""
    one = db.session.get(Attendee, attendee_id)
    if one is not None:
        locked_one(Resident, one.resident_id)
        db.session.refresh(one)
    return one


def _by_person(workshop_ids: Collection[int], *, besides: int) -> dict[int, list[Workshop]]:
    """Everybody on the lists of these dates and who holds them, each with hers, the soonest first."""
    dates = db.session.scalars(
        select(Workshop).where(Workshop.id.in_(workshop_ids)).order_by(Workshop.starts_at)
    ).all()
    rows: Iterable[Any] = db.session.execute(
        select(Attendee.workshop_id, Attendee.resident_id).where(
            Attendee.workshop_id.in_(workshop_ids), Attendee.status.in_(OPEN)
        )
    )
    lists: dict[int, set[int]] = defaultdict(set)
    for workshop_id, resident_id in rows:
        lists[workshop_id].add(resident_id)
    found: dict[int, list[Workshop]] = defaultdict(list)
    for one in dates:
        for resident_id in sorted((lists[one.id] | {one.facilitator_id}) - {besides}):
            found[resident_id].append(one)
    return found


def _tell(one: Attendee, kind: str, *, key: str, now: datetime, **more: Any) -> None:
    _tell_of(one.workshop, one.resident_id, kind, key=f"{kind}:{one.id}:{key}", now=now, **more)


def _tell_of(
    workshop: Workshop,
    resident_id: int,
    kind: str,
    *,
    key: str,
    now: datetime,
    mail: bool = True,
    urgent: bool = False,
    not_before: datetime | None = None,
    **more: Any,
) -> None:
    notifications.tell(
        resident_id=resident_id,
        kind=kind,
        params={**words_of(workshop), **more},
        path=f"/workshops/{workshop.id}",
        key=key,
        now=now,
        mail=mail,
        urgent=urgent,
        not_before=not_before,
        timezone=workshop.hub.timezone,
    )


def words_of(workshop: Workshop) -> dict[str, Any]:
    """What every sentence of a date names."""
    return {"title": workshop.series.title, "starts": workshop.starts_at, "hub": workshop.hub.name}


def _words_of(need: WorkshopNeed) -> dict[str, Any]:
    return {"item": need.item.title, "title": need.series.title, "hub": need.series.hub.name}
