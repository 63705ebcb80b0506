"""What can be done at hubs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from app.accounts import queries as accounts
from app.accounts import services as residents
from app.core import audit, clock, outbox
from app.core.db import db, locked, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import Checks, checked
from app.events.hubs import (
    MembershipAsked,
    MembershipLifted,
    MembershipSuspended,
    MembershipVerified,
    OpeningDaysChanged,
)
from app.geo import places
from app.geo.rules import valid
from app.hubs import policy, queries, rules
from app.hubs.models import Closure, Hub, Membership, OpeningHours, Territory

REASON_LONGEST = 500
OPENINGS_A_DAY = 6
CLOSURE_LONGEST = timedelta(days=366)
CLOSURE_AHEAD = timedelta(days=730)


def require_role(role: policy.Role, *, actor_id: int, hub_id: int) -> Membership:
    """The actor's membership at this hub, if she holds this role there; else `Forbidden` with the reason."""
    held = queries.membership(actor_id, hub_id)
    reasons = policy.why_not_act_as(role, held.roles if held else ())
    if reasons or held is None:
        raise Forbidden(reasons[0])
    return held


def require_sight_of_members(*, actor_id: int, hub_id: int) -> None:
    """For the hub's volunteers and for stewards; else `Forbidden`."""
    roles = _roles(actor_id, hub_id)
    if policy.why_not_see_members(roles, is_steward=False):
        _refuse(policy.why_not_see_members(roles, is_steward=_is_steward(actor_id)))


def require_looking_after(*, actor_id: int, hub_id: int) -> None:
    """For the hub's coordinators and for stewards; else `Forbidden`."""
    _refuse(policy.why_not_look_after(_roles(actor_id, hub_id), is_steward=_is_steward(actor_id)))


def _roles(actor_id: int, hub_id: int) -> Sequence[str]:
    held = queries.membership(actor_id, hub_id)
    return held.roles if held else ()


def _is_steward(actor_id: int) -> bool:
    return accounts.resident(actor_id).is_steward


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise Forbidden(reasons[0])


def _hub(hub_id: int) -> Hub:
    found = db.session.get(Hub, hub_id)
    if found is None or found.status == "draft":
        raise NotFound("hubs.not_found")
    return found


# -- members ----------------------------------------------------------------------------------------------


def join(*, hub_id: int, actor_id: int, now: datetime) -> Membership:
    """Ask to belong here; somebody at the counter verifies it once, in person."""
    if _hub(hub_id).status != "published":
        raise Conflict("hubs.closed")
    if queries.membership(actor_id, hub_id) is not None:
        raise Conflict("hubs.already_member")
    membership = _add(hub_id, actor_id, now=now)
    outbox.record(MembershipAsked(resident_id=actor_id, hub_id=hub_id), now=now)
    return membership


def _add(hub_id: int, resident_id: int, *, now: datetime) -> Membership:
    membership = Membership(hub_id=hub_id, resident_id=resident_id, status="pending", joined_at=now)
    db.session.add(membership)
    db.session.flush()
    return membership


def verify(*, hub_id: int, resident_id: int, actor_id: int, now: datetime) -> Membership:
    """A volunteer saw the person's proof; only who saw it and when is kept. Again: nothing changes."""
    _hub(hub_id)
    _refuse(policy.why_not_verify(_roles(actor_id, hub_id), oneself=resident_id == actor_id))
    membership = _membership(hub_id, resident_id)
    if membership.status == "suspended":
        raise Conflict("hubs.suspended")
    if membership.status == "pending":
        _verified(membership, actor_id=actor_id, now=now)
    return membership


def _verified(membership: Membership, *, actor_id: int, now: datetime) -> None:
    membership.status = "verified"
    membership.verified_at = now
    membership.verified_by_id = actor_id
    resident = accounts.resident(membership.resident_id)
    resident.verified_in_person_at = resident.verified_in_person_at or now
    _note("hubs.verified", membership, actor_id=actor_id, now=now)
    outbox.record(MembershipVerified(resident_id=membership.resident_id, hub_id=membership.hub_id), now=now)


def add_resident(
    *, hub_id: int, name: str | None, email: str | None, proof_seen: bool, actor_id: int, now: datetime
) -> Membership:
    """A volunteer makes an account for somebody at the counter, with or without an address, and may verify her
    at once. The answer is her membership."""
    hub = _hub(hub_id)
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    resident = residents.make_resident(
        name=name, email=email, locale=hub.locale, actor_id=actor_id, hub_id=hub_id, now=now
    )
    membership = _add(hub_id, resident.id, now=now)
    if proof_seen:
        _verified(membership, actor_id=actor_id, now=now)
    return membership


def suspend(*, hub_id: int, resident_id: int, why: str | None, actor_id: int, now: datetime) -> Membership:
    """A coordinator stops somebody's loans here for a while, and writes why. Returns are always accepted."""
    _may_suspend(hub_id, resident_id, actor_id)
    reason = checked("why", why, longest=REASON_LONGEST, shortest=3, lines=True)
    membership = _membership(hub_id, resident_id)
    if membership.status == "suspended":
        raise Conflict("hubs.already_suspended")
    _keep_a_coordinator(membership)
    membership.status = "suspended"
    membership.suspended_at = now
    membership.suspended_why = reason
    _note("hubs.suspended", membership, actor_id=actor_id, now=now, why=reason)
    outbox.record(MembershipSuspended(resident_id=resident_id, hub_id=hub_id), now=now)
    return membership


def lift(*, hub_id: int, resident_id: int, actor_id: int, now: datetime) -> Membership:
    """End a suspension: as before it, verified or waiting to be."""
    _may_suspend(hub_id, resident_id, actor_id)
    membership = _membership(hub_id, resident_id)
    if membership.status != "suspended":
        raise Conflict("hubs.not_suspended")
    membership.status = "verified" if membership.verified_at else "pending"
    membership.suspended_at = membership.suspended_why = membership.lifts_itself = None
    _note("hubs.lifted", membership, actor_id=actor_id, now=now)
    outbox.record(MembershipLifted(resident_id=resident_id, hub_id=hub_id), now=now)
    return membership


def _may_suspend(hub_id: int, resident_id: int, actor_id: int) -> None:
    _hub(hub_id)
    _refuse(
        policy.why_not_suspend(
            _roles(actor_id, hub_id), is_steward=_is_steward(actor_id), oneself=resident_id == actor_id
        )
    )


def set_roles(
    *, hub_id: int, resident_id: int, roles: Collection[str], actor_id: int, now: datetime
) -> Membership:
    """Say what a verified member does here. A hub always keeps one coordinator."""
    _hub(hub_id)
    require_looking_after(actor_id=actor_id, hub_id=hub_id)
    if not set(roles) <= set(policy.ROLES):
        raise Invalid({"roles": "core.not_a_choice"})
    membership = _membership(hub_id, resident_id)
    if membership.status != "verified":
        raise Conflict("hubs.not_verified")
    if "coordinator" not in roles:
        _keep_a_coordinator(membership)
    before = membership.roles
    membership.is_volunteer = "volunteer" in roles
    membership.is_organizer = "organizer" in roles
    membership.is_coordinator = "coordinator" in roles
    _note("hubs.roles", membership, actor_id=actor_id, now=now, before=before, after=membership.roles)
    return membership


def _keep_a_coordinator(leaving: Membership) -> None:
    """Under lock, so that two coordinators cannot leave at once."""
    if not leaving.is_coordinator or leaving.status != "verified":
        return
    locked(Hub, leaving.hub_id)
    others = db.session.scalar(
        select(Membership.id)
        .where(
            Membership.hub_id == leaving.hub_id,
            Membership.id != leaving.id,
            Membership.is_coordinator,
            Membership.status == "verified",
        )
        .limit(1)
    )
    if others is None:
        raise Conflict("hubs.last_coordinator")


def _membership(hub_id: int, resident_id: int) -> Membership:
    found = queries.membership(resident_id, hub_id)
    mine = locked_one(Membership, found.id) if found is not None else None
    if mine is None:
        raise NotFound("hubs.not_member")
    return mine


def _note(act: str, membership: Membership, *, actor_id: int, now: datetime, **details: Any) -> None:
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        subject_kind="resident",
        subject_id=membership.resident_id,
        hub_id=membership.hub_id,
        **details,
    )


# -- days and terms ---------------------------------------------------------------------------------------


def set_hours(
    *,
    hub_id: int,
    openings: Sequence[rules.Opening],
    closed_on_holidays: bool,
    actor_id: int,
    now: datetime,
) -> Hub:
    """The week, whole: several openings a day, none that overlap. Loans on days that close are moved afterwards."""
    hub = _looked_after(hub_id, actor_id)
    if any(not 0 <= o.weekday <= 6 for o in openings):
        raise Invalid({"openings": "core.not_a_choice"})
    for weekday in range(7):
        day = [o for o in openings if o.weekday == weekday]
        if len(day) > OPENINGS_A_DAY:
            raise Invalid({f"day{weekday}": ("hubs.too_many_openings", {"max": OPENINGS_A_DAY})})
        if any(o.opens >= o.closes for o in day):
            raise Invalid({f"day{weekday}": "hubs.closes_before_opening"})
        if rules.overlapping(day):
            raise Invalid({f"day{weekday}": "hubs.openings_overlap"})
    db.session.execute(delete(OpeningHours).where(OpeningHours.hub_id == hub_id))
    db.session.add_all(
        OpeningHours(hub_id=hub_id, weekday=o.weekday, opens=o.opens, closes=o.closes) for o in openings
    )
    hub.closed_on_holidays = closed_on_holidays
    db.session.flush()
    db.session.expire(hub, ["opening_hours"])
    _days_changed(hub, "hubs.hours", actor_id=actor_id, now=now)
    return hub


def announce_closure(
    *,
    hub_id: int,
    first_day: date | None,
    last_day: date | None,
    why: str | None,
    actor_id: int,
    now: datetime,
) -> Closure:
    """Close on these days (both included), and say why."""
    hub = _looked_after(hub_id, actor_id)
    today = queries.open_days(hub).today(now)
    checks = Checks()
    reason = checks(checked, "why", why, longest=120, shortest=1)
    if first_day is None:
        checks.fault("first_day", "core.required")
    if last_day is None:
        checks.fault("last_day", "core.required")
    checks.done()
    assert first_day is not None
    assert last_day is not None
    if last_day < first_day:
        checks.fault("last_day", "hubs.ends_before_it_begins")
    elif last_day < today:
        checks.fault("last_day", "hubs.in_the_past")
    elif last_day - first_day > CLOSURE_LONGEST or last_day > today + CLOSURE_AHEAD:
        checks.fault("last_day", "hubs.too_long")
    checks.done()
    closure = Closure(hub_id=hub_id, first_day=first_day, last_day=last_day, why=reason)
    db.session.add(closure)
    db.session.flush()
    db.session.expire(hub, ["closures"])
    _days_changed(
        hub, "hubs.closure", actor_id=actor_id, now=now, first_day=str(first_day), last_day=str(last_day)
    )
    return closure


def cancel_closure(*, hub_id: int, closure_id: int, actor_id: int, now: datetime) -> None:
    """Open on these days after all."""
    hub = _looked_after(hub_id, actor_id)
    closure = db.session.get(Closure, closure_id)
    if closure is None or closure.hub_id != hub_id:
        raise NotFound
    db.session.delete(closure)
    db.session.flush()
    db.session.expire(hub, ["closures"])
    _days_changed(hub, "hubs.closure_cancelled", actor_id=actor_id, now=now, first_day=str(closure.first_day))


def set_policy(*, hub_id: int, values: Mapping[str, Any], actor_id: int, now: datetime) -> Hub:
    """The terms of this hub; what is not given stays. Numbers within `rules.LIMITS`."""
    hub = _looked_after(hub_id, actor_id)
    usual = asdict(rules.LendingPolicy())
    checks = Checks()
    clean: dict[str, int | bool] = dict(asdict(hub.policy))
    for name, value in values.items():
        if name not in usual:
            checks.fault(name, "core.not_a_choice")
        elif isinstance(usual[name], bool):
            clean[name] = bool(value)
        else:
            low, high = rules.LIMITS[name]
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                checks.fault(name, "core.out_of_range", min=low, max=high)
            else:
                clean[name] = value
    checks.done()
    if clean["loan_days"] > clean["max_loan_days"]:
        raise Invalid({"max_loan_days": "hubs.shorter_than_usual"})
    hub.policy_changes = rules.changes_from_default(clean)
    _note_hub("hubs.policy", hub, actor_id=actor_id, now=now, changes=hub.policy_changes)
    return hub


def _looked_after(hub_id: int, actor_id: int) -> Hub:
    """The hub, nobody else's until the transaction ends, if the actor looks after it."""
    _hub(hub_id)
    require_looking_after(actor_id=actor_id, hub_id=hub_id)
    return locked(Hub, hub_id)[0]


def _days_changed(hub: Hub, act: str, *, actor_id: int, now: datetime, **details: Any) -> None:
    _note_hub(act, hub, actor_id=actor_id, now=now, **details)
    outbox.record(OpeningDaysChanged(hub_id=hub.id), now=now)


def _note_hub(act: str, hub: Hub, *, actor_id: int | None, now: datetime, **details: Any) -> None:
    audit.note(
        act, now=now, actor_id=actor_id, subject_kind="hub", subject_id=hub.id, hub_id=hub.id, **details
    )


# -- a new hub --------------------------------------------------------------------------------------------


def open_hub(
    *,
    name: str | None,
    kind: str,
    address: str | None,
    lat: float,
    lon: float,
    coordinator_id: int,
    now: datetime,
    timezone: str | None = None,
    country: str = "FR",
    locale: str = "fr",
) -> Hub:
    """Open a hub whose first coordinator is `coordinator_id`; its hours and terms come later, on its pages. Its
    territory is the commune that its address names, or the nearest."""
    checks = Checks()
    clean_name = checks(checked, "name", name, longest=80, shortest=2)
    clean_address = checks(checked, "address", address, longest=200, shortest=2)
    if kind not in rules.KINDS:
        checks.fault("kind", "core.not_a_choice")
    if not valid(lat, lon):
        checks.fault("place", "core.not_a_place")
    zone = timezone or clock.home_zone()
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        checks.fault("timezone", "core.not_a_choice")
    checks.done()
    commune = places.commune_of(clean_address, lat, lon) if country in places.COUNTRIES else None
    hub = Hub(
        slug=_free_slug(clean_name),
        name=clean_name,
        kind=kind,
        address=clean_address,
        lat=lat,
        lon=lon,
        territory_id=_territory_id(commune.code) if commune else None,
        timezone=zone,
        country=country,
        locale=locale,
        created_at=now,
    )
    db.session.add(hub)
    db.session.flush()
    founder = _add(hub.id, coordinator_id, now=now)
    founder.status, founder.verified_at, founder.is_coordinator = "verified", now, True
    _note_hub("hubs.opened", hub, actor_id=coordinator_id, now=now)
    return hub


def _territory_id(insee_code: str) -> int | None:
    """The number of a commune of the gazetteer, written down the first time with all it belongs to."""
    above: int | None = None
    for area in reversed(places.lineage(insee_code)):
        found = db.session.scalar(select(Territory.id).where(Territory.insee_code == area.code))
        if found is None:
            made = Territory(insee_code=area.code, name=area.name, kind=area.kind, parent_id=above)
            db.session.add(made)
            db.session.flush()
            found = made.id
        above = found
    return above


def _free_slug(name: str) -> str:
    wanted = rules.slug_of(name)
    taken = set(db.session.scalars(select(Hub.slug).where(Hub.slug.startswith(wanted, autoescape=True))))
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbers if slug not in taken)
