"""What can be seen of workshops: what is to come, near or at one hub, one of them whole, who comes, what a resident goes
to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, plain_rows
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.geo.distance import metres
from app.geo.rules import box_around
from app.hubs.models import Hub, Membership
from app.items.models import Item
from app.skills.workshops import rhythm
from app.skills.workshops.models import (
    OPEN,
    Attendee,
    Workshop,
    WorkshopClaim,
    WorkshopNeed,
    WorkshopSeries,
)

NEAR_KM = 25.0


# -- lists ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """One date in a list. `status`: how the reader stands to it; `distance_m` where a place was given."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    hub_id: int
    hub_name: str
    hub_slug: str
    timezone: str
    capacity: int
    newcomer_places: int
    taken: int
    newcomers: int
    waiting: int
    state: str
    status: str | None
    distance_m: int | None = None


def _listed(resident_id: int | None) -> Select[Any]:
    mine = and_(Attendee.workshop_id == Workshop.id, Attendee.resident_id == (resident_id or 0))
    columns: tuple[Any, ...] = (
        Workshop.id,
        WorkshopSeries.title,
        Workshop.starts_at,
        Workshop.ends_at,
        Workshop.hub_id,
        Hub.name.label("hub_name"),
        Hub.slug.label("hub_slug"),
        Hub.timezone,
        Workshop.capacity,
        Workshop.newcomer_places,
        Workshop.taken,
        Workshop.newcomers,
        Workshop.waiting,
        Workshop.state,
        Attendee.status,
    )
    return (
        select(*columns)
        .join(WorkshopSeries, WorkshopSeries.id == Workshop.series_id)
        .join(Hub, Hub.id == Workshop.hub_id)
        .outerjoin(Attendee, mine)
    )


def coming_page(
    *,
    now: datetime,
    from_day: date | None = None,
    near: tuple[float, float] | None = None,
    radius_km: float | None = None,
    hub_id: int | None = None,
    resident_id: int | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Listed]:
    """What is planned from now or `from_day` on (a day of each hub's own), the soonest first: at one hub, or within
    `radius_km` of a place. Two statements."""
    away = {} if near is None else _hubs_around(near, radius_km or NEAR_KM)
    if near is not None and not away:
        return Page([], None)
    query = _listed(resident_id).where(
        Workshop.state == "planned", Workshop.starts_at >= _since(from_day, now), Hub.status == "published"
    )
    if hub_id is not None:
        query = query.where(Workshop.hub_id == hub_id)
    if near is not None:
        query = query.where(Workshop.hub_id.in_(away))
    start = after("workshops", cursor, length=2)
    if start is not None:
        moment = datetime.fromisoformat(start[0])
        later = and_(Workshop.starts_at == moment, Workshop.id > start[1])
        query = query.where(or_(Workshop.starts_at > moment, later))
    rows = plain_rows(query.order_by(Workshop.starts_at, Workshop.id).limit(limit + 1))
    lines = [replace(Listed(*tuple(row)), distance_m=away.get(row.hub_id)) for row in rows]
    return page_of("workshops", lines, limit=limit, key=lambda one: (one.starts_at.isoformat(), one.id))


def _since(from_day: date | None, now: datetime) -> datetime:
    if from_day is None:
        return now
    return max(now, rhythm.instant(datetime.combine(from_day, time(0)), clock.home_zone()))


def _hubs_around(near: tuple[float, float], radius_km: float) -> dict[int, int]:
    """The published hubs within a radius, and how far each is."""
    box = box_around(*near, radius_km)
    rows = plain_rows(
        select(Hub.id, Hub.lat, Hub.lon).where(
            Hub.status == "published", Hub.lat.between(box.south, box.north)
        )
    )
    away = {row.id: metres(*near, row.lat, row.lon) for row in rows}
    return {number: far for number, far in away.items() if far <= radius_km * 1000}


def mine(resident_id: int, *, since: datetime, until: datetime | None = None) -> list[Listed]:
    """What a resident goes to, waits for, or holds, from `since` on, the soonest first."""
    listed_on = select(Attendee.workshop_id).where(
        Attendee.resident_id == resident_id, Attendee.status.in_(OPEN)
    )
    query = _listed(resident_id).where(
        Workshop.ends_at > since,
        Workshop.state == "planned",
        or_(Workshop.id.in_(listed_on), Workshop.facilitator_id == resident_id),
    )
    if until is not None:
        query = query.where(Workshop.starts_at < until)
    return [
        Listed(*tuple(row)) for row in plain_rows(query.order_by(Workshop.starts_at, Workshop.id).limit(200))
    ]


def listed(workshop_id: int, *, resident_id: int | None = None) -> Listed:
    """One date as lists show it; `NotFound` where there is none."""
    rows = plain_rows(_listed(resident_id).where(Workshop.id == workshop_id, Hub.status != "draft"))
    if not rows:
        raise NotFound("workshops.unknown")
    return Listed(*tuple(rows[0]))


def dates_of(series_id: int, *, now: datetime) -> list[Listed]:
    """The dates of a series that are to come."""
    query = _listed(None).where(
        Workshop.series_id == series_id, Workshop.state == "planned", Workshop.starts_at > now
    )
    return [Listed(*tuple(row)) for row in plain_rows(query.order_by(Workshop.starts_at).limit(30))]


# -- one of them ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Needed:
    """An object of a date; `kept`: whether its days are taken for it."""

    need_id: int
    item_id: int
    title: str
    consent: str
    kept: bool
    owner_id: int | None


@dataclass(frozen=True)
class Whole:
    """One date with all that its page shows. `held_here`: how many dates here the facilitator has held with somebody;
    `unlocked`: titles of objects that the induction opens."""

    workshop: Workshop
    series: WorkshopSeries
    hub: Hub
    facilitator: Resident
    attendee: Attendee | None
    others: Sequence[Listed]
    held_here: int
    unlocked: Sequence[str]
    needs: Sequence[Needed]


def whole(workshop_id: int, *, resident_id: int | None, now: datetime) -> Whole:
    """One date; `NotFound` where there is none."""
    workshop = _entity(workshop_id)
    series, hub = workshop.series, workshop.hub
    return Whole(
        workshop,
        series,
        hub,
        workshop.facilitator,
        _own(workshop_id, resident_id),
        _others(workshop, resident_id, now=now),
        _held_here(workshop),
        _unlocked(series),
        needs_of(workshop),
    )


def one(workshop_id: int) -> Workshop:
    """One date with its series, its hub, and who holds it; `NotFound` where there is none."""
    return _entity(workshop_id)


def _entity(workshop_id: int) -> Workshop:
    found = db.session.scalar(
        select(Workshop)
        .options(joinedload(Workshop.series), joinedload(Workshop.hub), joinedload(Workshop.facilitator))
        .where(Workshop.id == workshop_id)
        .execution_options(populate_existing=True)
    )
    if found is None or found.hub.status == "draft":
        raise NotFound("workshops.unknown")
    return found


def _own(workshop_id: int, resident_id: int | None) -> Attendee | None:
    if resident_id is None:
        return None
    return db.session.scalar(
        select(Attendee).where(Attendee.workshop_id == workshop_id, Attendee.resident_id == resident_id)
    )


def _others(workshop: Workshop, resident_id: int | None, *, now: datetime) -> list[Listed]:
    """The next dates of the same series."""
    query = _listed(resident_id).where(
        Workshop.series_id == workshop.series_id,
        Workshop.state == "planned",
        Workshop.starts_at > now,
        Workshop.id != workshop.id,
    )
    return [Listed(*tuple(row)) for row in plain_rows(query.order_by(Workshop.starts_at).limit(3))]


def _held_here(workshop: Workshop) -> int:
    came = exists().where(Attendee.workshop_id == Workshop.id, Attendee.attended_at.is_not(None))
    query = select(func.count()).where(
        Workshop.facilitator_id == workshop.facilitator_id, Workshop.hub_id == workshop.hub_id, came
    )
    return db.session.scalar(query) or 0


def _unlocked(series: WorkshopSeries) -> list[str]:
    if not series.induction:
        return []
    query = select(Item.title).where(
        Item.induction == series.induction, Item.hub_id == series.hub_id, Item.status == "active"
    )
    return list(db.session.scalars(query.distinct().order_by(Item.title).limit(4)))


def needs_of(workshop: Workshop) -> list[Needed]:
    """The objects that a date needs, and whether they are kept for it."""
    query = (
        select(
            WorkshopNeed.id,
            Item.id,
            Item.title,
            WorkshopNeed.consent,
            WorkshopClaim.claim_id.is_not(None),
            Item.owner_resident_id,
        )
        .join(Item, Item.id == WorkshopNeed.item_id)
        .outerjoin(
            WorkshopClaim,
            and_(WorkshopClaim.item_id == Item.id, WorkshopClaim.workshop_id == workshop.id),
        )
        .where(WorkshopNeed.series_id == workshop.series_id)
        .order_by(Item.title)
    )
    return [Needed(*tuple(row)) for row in plain_rows(query)]


def need(need_id: int) -> WorkshopNeed:
    """An object that a series asks for, with whose it is; `NotFound` where there is none."""
    found = db.session.scalar(
        select(WorkshopNeed)
        .options(joinedload(WorkshopNeed.item), joinedload(WorkshopNeed.series))
        .where(WorkshopNeed.id == need_id)
    )
    if found is None:
        raise NotFound("workshops.unknown")
    return found


# -- who comes --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnList:
    """Somebody on the list of a date, as those who keep it see her."""

    attendee: Attendee
    name: str
    code: str
    registered_by: str | None


def on_list(workshop_id: int) -> list[OnList]:
    """Who comes and who waits, in order; who left is not shown."""
    by = Resident.__table__.alias()
    rows = db.session.execute(
        select(Attendee, Resident.name, Resident.code, by.c.name.label("by_name"))
        .join(Resident, Resident.id == Attendee.resident_id)
        .outerjoin(by, by.c.id == Attendee.registered_by_id)
        .where(Attendee.workshop_id == workshop_id, Attendee.status.in_(OPEN))
        .order_by(Attendee.turn)
    )
    found = [OnList(*tuple(row)) for row in rows]
    return sorted(found, key=lambda one: (OPEN.index(one.attendee.status), one.attendee.turn))


def before_in_line(workshop_id: int, turn: int) -> int:
    """How many wait before this turn."""
    query = select(func.count()).where(
        Attendee.workshop_id == workshop_id, Attendee.status == "waiting", Attendee.turn < turn
    )
    return db.session.scalar(query) or 0


# -- what the organizer chooses from ----------------------------------------------------------------------


def facilitators(hub_id: int) -> Sequence[tuple[int, str]]:
    """The verified members of a hub, by name."""
    rows = db.session.execute(
        select(Resident.id, Resident.name)
        .join(Membership, Membership.resident_id == Resident.id)
        .where(Membership.hub_id == hub_id, Membership.status == "verified")
        .order_by(Resident.name, Resident.id)
        .limit(500)
    )
    return [(row.id, row.name) for row in rows]


def objects_at(hub_id: int) -> Sequence[tuple[int, str, str | None]]:
    """The objects that are kept at a hub, and what each asks for, by title."""
    rows = db.session.execute(
        select(Item.id, Item.title, Item.induction)
        .where(Item.hub_id == hub_id, Item.status == "active")
        .order_by(Item.title, Item.id)
        .limit(500)
    )
    return [(row.id, row.title, row.induction) for row in rows]


# -- for the acts -----------------------------------------------------------------------------------------


def series_of(workshop_id: int) -> int:
    """The series of a date; `NotFound` where there is none."""
    found = db.session.scalar(select(Workshop.series_id).where(Workshop.id == workshop_id))
    if found is None:
        raise NotFound("workshops.unknown")
    return found


def coming_ids(series_id: int, *, now: datetime) -> Sequence[int]:
    """The dates of a series that have not begun, cancelled ones too."""
    query = select(Workshop.id).where(Workshop.series_id == series_id, Workshop.starts_at > now)
    return db.session.scalars(query).all()


def has_dates_before(series_id: int, first: datetime) -> bool:
    """Whether a series had or has any date before this wall clock."""
    query = exists().where(Workshop.series_id == series_id, Workshop.original < first)
    return bool(db.session.scalar(select(query)))


def has_open(workshop_id: int) -> bool:
    """Whether anybody comes or waits."""
    query = exists().where(Attendee.workshop_id == workshop_id, Attendee.status.in_(OPEN))
    return bool(db.session.scalar(select(query)))


def has_any(workshop_id: int) -> bool:
    """Whether anybody was ever on its list."""
    return bool(db.session.scalar(select(exists().where(Attendee.workshop_id == workshop_id))))
