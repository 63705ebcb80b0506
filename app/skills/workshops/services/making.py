"""Making a workshop: what is checked of its words and numbers, and its dates, as far ahead as a rule is made real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict
from app.core.text import Checks, checked
from app.events.workshops import FacilitatorNamed
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.skills.workshops import policy, rhythm
from app.skills.workshops.models import Workshop, WorkshopSeries
from app.skills.workshops.services import needing
from app.skills.workshops.services.ground import actor_at, refuse, write_down

LONGEST_LINES, LONGEST_LINE = 12, 120
FARTHEST_START = timedelta(days=366)
NUMBERS = {"minutes": (15, 720), "capacity": (1, 500), "facilitator_minutes": (0, 720)}


@dataclass(frozen=True)
class Said:
    """What is said of a workshop, checked. `start` is a wall clock of the hub."""

    title: str
    text: str
    learn: list[str]
    bring: str
    room: str
    capacity: int
    newcomer_places: int
    start: datetime
    minutes: int
    facilitator_id: int
    facilitator_minutes: int
    induction: str | None


def check(given: Mapping[str, Any], hub: Hub, *, actor_id: int, now: datetime) -> Said:
    """All faults at once. Whoever holds it is a verified member of the hub."""
    checks = Checks()
    learn = [line for line in (given.get("learn") or []) if line and line.strip()]
    if len(learn) > LONGEST_LINES:
        checks.fault("learn", "workshops.too_many_lines", max=LONGEST_LINES)
    clean: dict[str, Any] = {
        "title": checks(checked, "title", given.get("title"), longest=80, shortest=3),
        "text": checks(checked, "text", given.get("text"), longest=2000, lines=True),
        "learn": [checks(checked, "learn", line, longest=LONGEST_LINE) for line in learn],
        "bring": checks(checked, "bring", given.get("bring"), longest=500, lines=True),
        "room": checks(checked, "room", given.get("room"), longest=80),
        "induction": checks(checked, "induction", given.get("induction"), longest=80) or None,
        "facilitator_id": given.get("facilitator_id") or actor_id,
        "start": check_start(checks, given.get("start"), hub, now=now),
    }
    for name, (low, high) in NUMBERS.items():
        clean[name] = check_number(checks, name, given.get(name), low, high)
    most = clean["capacity"] if clean["capacity"] is not None else NUMBERS["capacity"][1]
    clean["newcomer_places"] = check_number(checks, "newcomer_places", given.get("newcomer_places"), 0, most)
    check_facilitator(checks, clean["facilitator_id"], hub)
    checks.done()
    return Said(**clean)


def check_number(checks: Checks, name: str, value: Any, low: int, high: int) -> Any:
    """A whole number within its bounds; nothing where it is missing."""
    if value is None and low > 0:
        checks.fault(name, "core.required")
    elif value is not None and not low <= value <= high:
        checks.fault(name, "core.out_of_range", min=low, max=high)
    return value or 0


def check_start(checks: Checks, start: datetime | None, hub: Hub, *, now: datetime) -> datetime | None:
    """The wall clock of a first date: to come, to the minute, within a year."""
    if start is None:
        checks.fault("start", "core.required")
        return None
    start = start.replace(second=0, microsecond=0, tzinfo=None, fold=0)
    here = rhythm.wall(now, hub.timezone)
    if start <= here:
        checks.fault("start", "workshops.in_the_past")
    elif start > here + FARTHEST_START:
        checks.fault("start", "workshops.too_far")
    return start


def check_facilitator(checks: Checks, resident_id: int, hub: Hub) -> None:
    """A verified member of the hub."""
    membership = hubs.membership(resident_id, hub.id)
    if membership is None or membership.status != "verified":
        checks.fault("facilitator", "workshops.facilitator_not_member")


def read_rule(text: str | None, start: datetime, hub: Hub) -> rhythm.Rule | None:
    """The rule that was sent, for this first date; `Invalid` with its reason."""
    if not text:
        return None
    checks = Checks()
    try:
        return rhythm.read(text, start=start, timezone=hub.timezone)
    except rhythm.BadRule as bad:
        checks.fault("rule", bad.code, max_times=rhythm.MOST_TIMES)
    checks.done()
    return None


def create(
    *,
    hub_id: int,
    actor_id: int,
    rule: str | None = None,
    item_ids: Sequence[int] = (),
    now: datetime,
    **given: Any,
) -> Workshop:
    """An organizer of the hub makes a workshop, once or by a rule; see `Said` for what is given. The answer is its first
    date."""
    hub = hubs.hub(str(hub_id))
    refuse(policy.why_not_organize(actor_at(hub.id, actor_id=actor_id)))
    if hub.status != "published":
        raise Conflict("hubs.closed")
    said = check(given, hub, actor_id=actor_id, now=now)
    known = read_rule(rule, said.start, hub)
    series = WorkshopSeries(
        hub_id=hub.id,
        **vars(said),
        rule=known.text if known else "",
        filled_until=said.start.date() - timedelta(days=1),
        made_at=now,
        made_by_id=actor_id,
    )
    db.session.add(series)
    db.session.flush()
    needing.set_needs(series, item_ids, actor_id=actor_id, now=now)
    first = fill(series, now=now)[0]
    write_down("workshops.made", first, actor_id=actor_id, now=now, series=series.id)
    if series.facilitator_id != actor_id:
        outbox.record(FacilitatorNamed(first.id, series.facilitator_id, actor_id), now=now)
    return first


def horizon(series: WorkshopSeries, *, now: datetime) -> datetime:
    """The wall clock up to which a series is made real; its first date always is."""
    return max(rhythm.wall(now, series.hub.timezone) + rhythm.AHEAD, series.start)


def fill(series: WorkshopSeries, *, now: datetime) -> list[Workshop]:
    """Make the dates up to the horizon that are not there yet, and take the days of their objects. What lies behind by
    now is left out: nobody could have come. The caller holds the series; said twice, it holds once."""
    upto = horizon(series, now=now)
    after = datetime.combine(series.filled_until, time.max)
    rule = rhythm.kept(series.rule)
    standing = set(db.session.scalars(select(Workshop.original).where(Workshop.series_id == series.id)))
    made = [
        make_date(series, at)
        for at in rhythm.walls(rule, series.start, upto=upto, after=after)
        if at not in standing and rhythm.instant(at, series.hub.timezone) > now
    ]
    over = rule is None or (rule.until is not None and rule.until <= upto)
    series.filled_until = date.max if over else max(series.filled_until, upto.date())
    db.session.flush()
    needing.keep_days(made, now=now)
    return made


def make_date(series: WorkshopSeries, at: datetime) -> Workshop:
    """One date of a series, as the series says."""
    starts = rhythm.instant(at, series.hub.timezone)
    workshop = Workshop(
        series=series,
        hub=series.hub,
        original=at,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=series.minutes),
        capacity=series.capacity,
        newcomer_places=series.newcomer_places,
        facilitator_id=series.facilitator_id,
    )
    db.session.add(workshop)
    db.session.flush()
    return workshop
