"""What can be seen of hubs: their open days, who belongs to them, which are near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.core.text import folded, whole
from app.geo.distance import metres
from app.geo.rules import box_around
from app.hubs.models import Hub, Membership, Territory
from app.hubs.rules import ClosedDays, Door, LendingPolicy, OpenDays, Opening, coming_closures, door

STATUS_ORDER = ("pending", "verified", "suspended")


def open_days(hub: Hub | None) -> OpenDays:
    """Everything that decides on which days this hub is open; without a hub, every day in the installation's zone."""
    if hub is None:
        return OpenDays(timezone=clock.home_zone())
    return OpenDays(
        timezone=hub.timezone,
        week=tuple(Opening(o.weekday, o.opens, o.closes) for o in hub.opening_hours),
        closures=tuple(ClosedDays(c.first_day, c.last_day, c.why) for c in hub.closures),
        country=hub.country if hub.closed_on_holidays else None,
        subdivision=hub.subdivision,
    )


def lending_policy(hub: Hub | None) -> LendingPolicy:
    """The terms of this hub; the defaults where there is none."""
    return hub.policy if hub is not None else LendingPolicy()


_MEMBERSHIP = select(Membership).where(
    Membership.resident_id == bindparam("resident_id"), Membership.hub_id == bindparam("hub_id")
)


def membership(resident_id: int, hub_id: int) -> Membership | None:
    """What ties this resident to this hub, if anything."""
    return db.session.scalar(_MEMBERSHIP, {"resident_id": resident_id, "hub_id": hub_id})


_HUB = select(Hub).options(joinedload(Hub.territory)).where(Hub.status != "draft")
_HUB_BY_ID = _HUB.where(Hub.id == bindparam("asked"))
_HUB_BY_SLUG = _HUB.where(Hub.slug == bindparam("asked"))


def hub(id_or_slug: str) -> Hub:
    """A hub that anybody may see; `NotFound` for a draft. Its days come when they are looked at: a list of its members
    or loans does not need them."""
    number = whole(id_or_slug)
    found = (
        db.session.scalar(_HUB_BY_SLUG, {"asked": id_or_slug})
        if number is None
        else db.session.scalar(_HUB_BY_ID, {"asked": number})
    )
    if found is None:
        raise NotFound("hubs.not_found")
    return found


def _whole() -> Select[Hub]:
    return select(Hub).options(
        joinedload(Hub.territory), selectinload(Hub.opening_hours), selectinload(Hub.closures)
    )


@dataclass(frozen=True)
class HubLine:
    """A hub in a list: how far (None where no place was given), how its door stands, and the hours of its own
    today."""

    hub: Hub
    distance_m: int | None
    door: Door
    today: date
    openings: list[Opening]


def hubs_page(
    *,
    now: datetime,
    near: tuple[float, float] | None = None,
    radius_km: float | None = None,
    kind: str | None = None,
    words: str = "",
    cursor: str | None = None,
    limit: int = 20,
) -> Page[HubLine]:
    """Published hubs, nearest first (by name where no place is given). There are few enough to be ordered here:
    one slim row each, whole rows only for the page."""
    start = after("hubs", cursor, length=3)
    found = _found(near=near, radius_km=radius_km, kind=kind, words=words)
    rest = [row for row in found if start is None or row[:3] > start]
    page = page_of("hubs", rest[: limit + 1], limit=limit, key=lambda row: row[:3])
    ids = [row[2] for row in page.lines]
    whole = {one.id: one for one in db.session.scalars(_whole().where(Hub.id.in_(ids)))} if ids else {}
    lines = [
        _line(whole[number], distance if near else None, now=now)
        for distance, _name, number in page.lines
        if number in whole
    ]
    return Page(lines, page.next, len(found))


def _line(hub: Hub, distance_m: int | None, *, now: datetime) -> HubLine:
    days = open_days(hub)
    today = days.today(now)
    return HubLine(hub, distance_m, door(days, now), today, days.openings_on(today))


def _found(
    *, near: tuple[float, float] | None, radius_km: float | None, kind: str | None, words: str
) -> list[tuple[int, str, int]]:
    """(metres, folded name, id) of every hub that fits, in order."""
    query = (
        select(Hub.id, Hub.name, Hub.lat, Hub.lon, Hub.address, Territory.name.label("commune"))
        .outerjoin(Territory, Territory.id == Hub.territory_id)
        .where(Hub.status == "published")
    )
    if kind:
        query = query.where(Hub.kind == kind)
    if near and radius_km:
        box = box_around(*near, radius_km)
        query = query.where(Hub.lat.between(box.south, box.north))
    wanted = folded(words).split()
    found = []
    for row in db.session.execute(query):
        said = folded(f"{row.name} {row.address} {row.commune or ''}")
        distance = metres(*near, row.lat, row.lon) if near else 0
        if all(word in said for word in wanted) and (
            not (near and radius_km) or distance <= radius_km * 1000
        ):
            found.append((distance, folded(row.name), row.id))
    return sorted(found)


def closures_ahead(hub: Hub, *, now: datetime, language: str | None = None) -> list[ClosedDays]:
    """Closures and public holidays of the next 12 months; holidays are named in the country's own language unless
    another is asked for ("en_US")."""
    days = open_days(hub)
    return coming_closures(days, today=days.today(now), language=language)


def choices() -> Sequence[tuple[int, str, str, float, float]]:
    """Every published hub as (id, name, commune, lat, lon), by commune and name: to say near which one lives."""
    rows = db.session.execute(
        select(Hub.id, Hub.name, func.coalesce(Territory.name, ""), Hub.lat, Hub.lon)
        .outerjoin(Territory, Territory.id == Hub.territory_id)
        .where(Hub.status == "published")
    )
    found = [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
    return sorted(found, key=lambda row: (folded(row[2]), folded(row[1])))


# -- members ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberLine:
    """A member in a list."""

    resident_id: int
    name: str
    code: str
    status: str
    roles: tuple[str, ...]
    joined_at: datetime
    verified_at: datetime | None


def members_page(
    hub_id: int, *, words: str = "", cursor: str | None = None, limit: int = 50
) -> Page[MemberLine]:
    """The members whose name (accents aside) or card holds these words: who waits to be verified first, then by
    name."""
    start = after("members", cursor, length=3)
    slim = db.session.execute(
        select(Membership.id, Membership.status, Resident.name, Resident.code)
        .join(Resident, Resident.id == Membership.resident_id)
        .where(Membership.hub_id == hub_id)
    )
    wanted = folded(words).split()
    found = sorted(
        (STATUS_ORDER.index(row.status), folded(row.name), row.id)
        for row in slim
        if all(word in folded(f"{row.name} {row.code}") for word in wanted)
    )
    rest = [row for row in found if start is None or row > start]
    page = page_of("members", rest[: limit + 1], limit=limit, key=lambda row: row)
    lines = _member_lines([row[2] for row in page.lines])
    return Page(lines, page.next, len(found))


def members_named(hub_id: int, words: str, *, limit: int = 8) -> Sequence[MemberLine]:
    """The members a name at the counter may mean: verified ones and others, by name."""
    return members_page(hub_id, words=words, limit=limit).lines if words.strip() else []


def _member_lines(membership_ids: Sequence[int]) -> list[MemberLine]:
    if not membership_ids:
        return []
    rows = db.session.scalars(
        select(Membership).options(joinedload(Membership.resident)).where(Membership.id.in_(membership_ids))
    )
    by_id = {
        row.id: MemberLine(
            row.resident_id,
            row.resident.name,
            row.resident.code,
            row.status,
            tuple(row.roles),
            row.joined_at,
            row.verified_at,
        )
        for row in rows
    }
    return [by_id[number] for number in membership_ids if number in by_id]


@dataclass(frozen=True)
class MemberSheet:
    """One member as those who hold the counter see her: never her address or home."""

    membership: Membership
    resident: Resident
    verified_by: str | None


def member(hub_id: int, resident_id: int) -> MemberSheet:
    """This member of this hub, and who verified her; `NotFound` where she is none."""
    verifier = aliased(Resident)
    row = db.session.execute(
        select(Membership, Resident, verifier.name)
        .join(Resident, Resident.id == Membership.resident_id)
        .outerjoin(verifier, verifier.id == Membership.verified_by_id)
        .where(Membership.hub_id == hub_id, Membership.resident_id == resident_id)
    ).one_or_none()
    if row is None:
        raise NotFound("hubs.not_member")
    return MemberSheet(row[0], row[1], row[2])


def how_many_pending(hub_id: int) -> int:
    """How many wait to be verified."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.hub_id == hub_id, Membership.status == "pending")
        )
        or 0
    )


def coordinators(hub_id: int) -> Sequence[int]:
    """The residents who coordinate this hub."""
    return db.session.scalars(
        select(Membership.resident_id).where(
            Membership.hub_id == hub_id, Membership.is_coordinator, Membership.status == "verified"
        )
    ).all()


def coordinated_by(resident_id: int) -> set[int]:
    """The hubs that she coordinates."""
    return set(
        db.session.scalars(
            select(Membership.hub_id).where(
                Membership.resident_id == resident_id,
                Membership.is_coordinator,
                Membership.status == "verified",
            )
        )
    )


def verified_at(resident_ids: Sequence[int]) -> dict[int, set[int]]:
    """The hubs where each of them is verified."""
    found: dict[int, set[int]] = {}
    for resident_id, hub_id in db.session.execute(
        select(Membership.resident_id, Membership.hub_id).where(
            Membership.resident_id.in_(resident_ids), Membership.status == "verified"
        )
    ):
        found.setdefault(resident_id, set()).add(hub_id)
    return found


def terms_of_member(resident_id: int) -> list[LendingPolicy]:
    """The terms of the hubs where she is verified and that are not closed."""
    found = db.session.scalars(
        select(Hub.policy_changes)
        .join(Membership, Membership.hub_id == Hub.id)
        .where(
            Membership.resident_id == resident_id,
            Membership.status == "verified",
            Hub.status == "published",
        )
    )
    return [LendingPolicy.with_changes(changes) for changes in found]


def week_in_order(hub: Hub) -> list[tuple[int, list[Opening]]]:
    """The seven weekdays with their openings, for a table of hours."""
    week = open_days(hub).week
    return [(weekday, [o for o in week if o.weekday == weekday]) for weekday in range(7)]
