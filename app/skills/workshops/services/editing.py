"""Changing a workshop: one date, this and those that follow, or all that are to come. Dates move in place, with everybody
who comes; nobody is ever lost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.core.text import Checks, checked
from app.events.workshops import FacilitatorNamed, WorkshopNeedAsked, WorkshopsChanged
from app.skills.workshops import line, policy, queries, rhythm
from app.skills.workshops.models import Workshop, WorkshopNeed, WorkshopSeries
from app.skills.workshops.services import making, needing
from app.skills.workshops.services.ground import (
    actor_at,
    held,
    refuse,
    refuse_over,
    series_held,
    workshop_held,
    write_down,
)

SCOPES = ("one", "following", "all")
KEEP_RULE = "keep"
"""The rhythm stays as it is."""


def edit(
    *,
    workshop_id: int,
    actor_id: int,
    scope: str = "one",
    rule: str | None = KEEP_RULE,
    item_ids: Sequence[int] | None = None,
    now: datetime,
    **given: Any,
) -> Workshop:
    """Change what is given, leave the rest. `one`: time, length, places, who holds it, and a `note` for this date alone.
    `following` and `all`: everything, for this and later dates, or for all that are to come; `start` is then where
    this date goes, and the others move as far. `rule`: another rhythm, None for none. 422 `below_registered` where
    fewer places are left than are held."""
    known = queries.series_of(workshop_id)
    series = series_held(known)
    refuse(policy.why_not_organize(actor_at(series.hub_id, actor_id=actor_id)))
    if scope not in SCOPES:
        raise Invalid({"scope": "core.not_a_choice"})
    if scope == "one":
        workshop = workshop_held(workshop_id)
        refuse_over(workshop, now=now)
        seen = {workshop.id: (workshop.starts_at, workshop.ends_at, workshop.note)}
        _change_one(workshop, given, actor_id=actor_id, now=now)
        changed = [workshop]
    else:
        workshop, changed, seen = _change_many(
            series, workshop_id, scope, rule, item_ids, given, actor_id=actor_id, now=now
        )
    needing.keep_days(changed, now=now)
    for one in changed:
        line.serve(one, now=now)
    moved = tuple(
        one.id for one in changed if one.id in seen and seen[one.id] != (one.starts_at, one.ends_at, one.note)
    )
    if moved:
        outbox.record(WorkshopsChanged(moved, actor_id, now), now=now)
    write_down("workshops.changed", workshop, actor_id=actor_id, now=now, scope=scope)
    return workshop


# -- one date ---------------------------------------------------------------------------------------------


def _change_one(workshop: Workshop, given: Mapping[str, Any], *, actor_id: int, now: datetime) -> None:
    checks = Checks()
    hub = workshop.hub
    changed = set(workshop.changed)
    if given.get("start") is not None and given["start"] != rhythm.wall(workshop.starts_at, hub.timezone):
        at = making.check_start(checks, given["start"], hub, now=now)
        changed.add("start")
    else:
        at = None
    minutes = making.check_number(checks, "minutes", given.get("minutes", _minutes(workshop)), 15, 720)
    capacity = making.check_number(checks, "capacity", given.get("capacity", workshop.capacity), 1, 500)
    kept = given.get("newcomer_places", min(workshop.newcomer_places, capacity))
    kept = making.check_number(checks, "newcomer_places", kept, 0, capacity or 500)
    note = checks(checked, "note", given.get("note", workshop.note), longest=300, lines=True)
    facilitator_id = given.get("facilitator_id") or workshop.facilitator_id
    if facilitator_id != workshop.facilitator_id:
        making.check_facilitator(checks, facilitator_id, hub)
    _refuse_below(checks, capacity, [workshop])
    checks.done()
    if minutes != _minutes(workshop):
        changed.add("minutes")
    if (capacity, kept) != (workshop.capacity, workshop.newcomer_places):
        changed.add("capacity")
    starts = rhythm.instant(at, hub.timezone) if at is not None else workshop.starts_at
    workshop.starts_at, workshop.ends_at = starts, starts + timedelta(minutes=minutes)
    workshop.capacity, workshop.newcomer_places, workshop.note = capacity, kept, note
    if facilitator_id != workshop.facilitator_id:
        changed.add("facilitator")
        _name(workshop, facilitator_id, actor_id=actor_id, now=now)
    workshop.changed = sorted(changed)
    db.session.flush()


def _minutes(workshop: Workshop) -> int:
    return int((workshop.ends_at - workshop.starts_at) / timedelta(minutes=1))


def _name(workshop: Workshop, facilitator_id: int, *, actor_id: int, now: datetime) -> None:
    """Somebody else holds it; who had registered for it does not hold a place in her own workshop."""
    workshop.facilitator_id = facilitator_id
    db.session.flush()
    db.session.expire(workshop, ["facilitator"])
    own = line.attendee_of(workshop.id, facilitator_id)
    if own is not None and own.status in ("going", "waiting", "offered"):
        line.end(own, "cancelled", now=now)
        line.recount(workshop)
    if facilitator_id != actor_id:
        outbox.record(FacilitatorNamed(workshop.id, facilitator_id, actor_id), now=now)


def _refuse_below(checks: Checks, capacity: int | None, dates: Sequence[Workshop]) -> None:
    most = max((one.taken for one in dates), default=0)
    if capacity is not None and capacity < most:
        checks.fault("capacity", "workshops.below_registered", count=most)


# -- several dates ----------------------------------------------------------------------------------------

Seen = dict[int, tuple[datetime, datetime, str]]


def _change_many(
    series: WorkshopSeries,
    workshop_id: int,
    scope: str,
    rule_text: str | None,
    item_ids: Sequence[int] | None,
    given: Mapping[str, Any],
    *,
    actor_id: int,
    now: datetime,
) -> tuple[Workshop, list[Workshop], Seen]:
    coming = held(queries.coming_ids(series.id, now=now))
    workshop = next((one for one in coming if one.id == workshop_id), None)
    if workshop is None:
        raise Conflict("workshops.has_begun")
    if workshop.original is None:
        raise Conflict("workshops.stands_alone")
    moving = _moving(coming, workshop.original if scope == "following" else None, now=now)
    if workshop not in moving:
        raise Conflict("workshops.stands_alone")
    seen = {one.id: (one.starts_at, one.ends_at, one.note) for one in moving}
    first = _original(moving[0])
    _set_apart(series, first, besides=seen)
    start = first + _shift(workshop, given)
    said = making.check({**_as_said(series), **given, "start": start}, series.hub, actor_id=actor_id, now=now)
    old_rule = rhythm.kept(series.rule)
    rule = _rule(rule_text, old_rule, first, start, series)
    checks = Checks()
    _refuse_below(checks, said.capacity, [one for one in moving if "capacity" not in one.changed])
    checks.done()
    if old_rule is None:
        workshop.changed = []  # there is only this date: what was said of it was said of all
    if scope == "following":
        series = _split(series, first, now=now)
    _put(series, said, rule, moving, actor_id=actor_id, now=now)
    if item_ids is not None:
        needing.set_needs(series, item_ids, actor_id=actor_id, now=now)
    return workshop, _move(series, rule, moving, same_rhythm=_same(old_rule, rule), now=now), seen


def _moving(coming: Sequence[Workshop], since: datetime | None, *, now: datetime) -> list[Workshop]:
    """The dates that the rule still has before it, in its order."""
    ahead = [
        one
        for one in coming
        if one.original is not None
        and one.original > rhythm.wall(now, one.hub.timezone)
        and (since is None or one.original >= since)
    ]
    return sorted(ahead, key=_original)


def _set_apart(series: WorkshopSeries, first: datetime, *, besides: Collection[int]) -> None:
    """Dates from this wall clock on that were moved to before now stand by themselves: the rule goes on without them."""
    db.session.execute(
        update(Workshop)
        .where(Workshop.series_id == series.id, Workshop.original >= first, Workshop.id.not_in(besides))
        .values(original=None)
    )


def _original(workshop: Workshop) -> datetime:
    assert workshop.original is not None
    return workshop.original


def _shift(workshop: Workshop, given: Mapping[str, Any]) -> timedelta:
    """How far the dates move: from where this one stood to where it goes."""
    start = given.get("start")
    if start is None or start == rhythm.wall(workshop.starts_at, workshop.hub.timezone):
        return timedelta(0)
    goes: datetime = start.replace(second=0, microsecond=0, tzinfo=None, fold=0)
    return goes - _original(workshop)


def _as_said(series: WorkshopSeries) -> dict[str, Any]:
    return {field.name: getattr(series, field.name) for field in fields(making.Said)}


def _rule(
    text: str | None, old: rhythm.Rule | None, was: datetime, start: datetime, series: WorkshopSeries
) -> rhythm.Rule | None:
    if text != KEEP_RULE:
        return making.read_rule(text, start, series.hub)
    try:
        return rhythm.moved(old, was, start)
    except rhythm.BadRule as bad:
        raise Invalid({"rule": bad.code}) from bad


def _same(old: rhythm.Rule | None, new: rhythm.Rule | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.rhythm == new.rhythm


def _split(series: WorkshopSeries, first: datetime, *, now: datetime) -> WorkshopSeries:
    """From this date on a series of its own, with the same objects; where nothing comes before it, the same series."""
    if not queries.has_dates_before(series.id, first):
        return series
    later = WorkshopSeries(
        hub_id=series.hub_id,
        **_as_said(series),
        rule=series.rule,
        filled_until=series.filled_until,
        made_at=now,
        made_by_id=series.made_by_id,
    )
    later.needs = [
        WorkshopNeed(
            item_id=need.item_id,
            consent=need.consent,
            asked_by_id=need.asked_by_id,
            asked_at=need.asked_at,
            answered_at=need.answered_at,
        )
        for need in series.needs
    ]
    db.session.add(later)
    end_before(series, first)
    db.session.flush()
    for need in later.needs:
        if need.consent == "asked":
            outbox.record(WorkshopNeedAsked(need.id), now=now)
    return later


def end_before(series: WorkshopSeries, first: datetime) -> None:
    """The rule of a series gives no date any more from this wall clock on."""
    rule = rhythm.kept(series.rule)
    if rule is not None:
        series.rule = rhythm.ending(rule, first - timedelta(seconds=1)).text


def _put(
    series: WorkshopSeries,
    said: making.Said,
    rule: rhythm.Rule | None,
    moving: Sequence[Workshop],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Write what is said now into the series and, but for what was said of one of them alone, into its dates."""
    named = said.facilitator_id != series.facilitator_id
    for name, value in vars(said).items():
        setattr(series, name, value)
    series.rule = rule.text if rule else ""
    db.session.flush()
    for one in moving:
        one.series = series
        if "capacity" not in one.changed:
            one.capacity, one.newcomer_places = said.capacity, said.newcomer_places
        if "minutes" not in one.changed:
            one.ends_at = one.starts_at + timedelta(minutes=said.minutes)
    db.session.flush()
    for number, one in enumerate(moving):
        if named and "facilitator" not in one.changed:
            teller = actor_id if number == 0 else said.facilitator_id  # told once, of the first
            _name(one, said.facilitator_id, actor_id=teller, now=now)


def _move(
    series: WorkshopSeries,
    rule: rhythm.Rule | None,
    moving: Sequence[Workshop],
    *,
    same_rhythm: bool,
    now: datetime,
) -> list[Workshop]:
    """Bring the dates to where the rule has them now; all that are there afterwards."""
    by_original = {_original(one): one for one in moving}
    upto = making.horizon(series, now=now)
    moves = rhythm.moves(list(by_original), rule=rule, start=series.start, upto=upto, same_rhythm=same_rhythm)
    left = [one for at in moves.fall_out if (one := fall_out(by_original[at], now=now)) is not None]
    for old, new in moves.in_order:
        one = by_original[old]
        one.original = new
        if "start" not in one.changed:
            length = one.ends_at - one.starts_at
            one.starts_at = rhythm.instant(new, series.hub.timezone)
            one.ends_at = one.starts_at + length
        db.session.flush()
    fresh = [
        making.make_date(series, at)
        for at in moves.new
        if at.date() <= upto.date() and rhythm.instant(at, series.hub.timezone) > now
    ]
    series.filled_until = max([upto, *moves.stay.values()]).date()
    db.session.flush()
    return [*(by_original[old] for old in moves.stay), *left, *fresh]


def fall_out(workshop: Workshop, *, now: datetime) -> Workshop | None:
    """The rule has this date no more. Where anybody comes or waits it stands by itself, as it was; one that is cancelled
    stays so; one that nobody ever registered for is gone."""
    workshop.original = None
    db.session.flush()
    if queries.has_open(workshop.id) and workshop.state == "planned":
        return workshop
    if not queries.has_any(workshop.id):
        workshop.state = "cancelled"
        needing.keep_days([workshop], now=now)
        db.session.delete(workshop)
        db.session.flush()
        return None
    workshop.state = "cancelled"
    return workshop
