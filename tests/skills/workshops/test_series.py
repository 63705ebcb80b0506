"""Workshops that repeat: made real ahead, changed one, from one on, or all; nobody is lost on the way."""

import itertools
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.hubs.models import Hub
from app.skills.workshops import jobs, rhythm, services
from app.skills.workshops.models import Attendee, Workshop, WorkshopSeries
from tests import factories
from tests.harness.clock import Clock
from tests.skills.workshops.acts import dates, deliver, edited, fresh, made, register, statuses, told

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def hub(app: Flask) -> Hub:
    return factories.hub()


@pytest.fixture
def organizer(hub: Hub) -> factories.Resident:
    who = factories.resident("Odile")
    factories.membership(hub, who, roles=("organizer",))
    return who


def walls(series_id: int) -> list[tuple[int, time]]:
    return [
        (at.weekday(), at.time())
        for at in (rhythm.wall(one.starts_at, "Europe/Paris") for one in dates(series_id))
    ]


def test_a_year_of_saturdays(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    """Kept ninety days ahead, night after night, through both clock changes: always at ten, each week once."""
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    assert len(dates(first.series_id)) == 12
    while clock.now < datetime(2027, 11, 25, tzinfo=PARIS):
        jobs.fill_series(now=clock.now)
        clock.forward(days=20)
    assert jobs.fill_series(now=clock.forward(days=-20)) == 0
    found = dates(first.series_id)
    assert set(walls(first.series_id)) == {(5, time(10))}
    days = [rhythm.wall(one.starts_at, "Europe/Paris").date() for one in found]
    assert {later - day for day, later in itertools.pairwise(days)} == {timedelta(days=7)}
    assert days[-1] > datetime(2028, 1, 20).date()  # noqa: DTZ001
    offsets = {one.starts_at.hour for one in found}
    assert offsets == {8, 9}


def test_this_and_following_keeps_everybody(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    """From the fourth on, Wednesdays at six: each keeps its people, who are told once; those before stay."""
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY", capacity=3)
    weeks = dates(first.series_id)
    regulars = [factories.resident() for _ in range(3)]
    guest = factories.resident()
    for one in weeks:
        for who in regulars:
            register(one, who, clock.now)
    register(weeks[5], guest, clock.now)
    deliver(clock.now)
    fourth = weeks[3]
    start = rhythm.wall(fourth.starts_at, hub.timezone) + timedelta(days=4, hours=8)
    moved = edited(
        fourth, organizer, clock.now, scope="following", start=start, title="Lampes et grille-pain"
    )
    assert moved.id == fourth.id
    assert moved.series_id != first.series_id
    assert [one.id for one in dates(first.series_id)] == [one.id for one in weeks[:3]]
    later = dates(moved.series_id)
    assert [one.id for one in later][: len(weeks) - 3] == [one.id for one in weeks[3:]]
    assert set(walls(moved.series_id)) == {(2, time(18))}
    assert all(statuses(one)[:3] == ["going"] * 3 for one in weeks)
    assert statuses(weeks[5]) == ["going"] * 3 + ["waiting"]
    deliver(clock.now)
    assert told(guest) == ["changed"]
    assert told(regulars[0])[-1:] == ["changed_many"]
    assert told(regulars[0]).count("changed_many") == 1
    assert jobs.fill_series(now=clock.forward(days=30)) > 0
    assert len(dates(first.series_id)) == 3


def test_all_that_are_to_come(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    """An hour later, with fewer places: what is past stays, what was said of one date alone outlives it."""
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    weeks = dates(first.series_id)
    edited(
        weeks[4],
        organizer,
        clock.now,
        capacity=20,
        start=rhythm.wall(weeks[4].starts_at, hub.timezone) + timedelta(hours=5),
    )
    clock.at(weeks[1].starts_at + timedelta(hours=5))
    past = [one.starts_at for one in weeks[:2]]
    start = rhythm.wall(weeks[3].starts_at, hub.timezone) + timedelta(hours=1)
    edited(weeks[3], organizer, clock.now, scope="all", start=start, capacity=8, minutes=60)
    found = dates(first.series_id)
    assert [one.starts_at for one in found[:2]] == past
    assert {rhythm.wall(one.starts_at, hub.timezone).hour for one in found[2:]} == {11, 15}
    assert [one.capacity for one in found[:6]] == [12, 12, 8, 8, 20, 8]
    assert {one.ends_at - one.starts_at for one in found[2:]} == {timedelta(hours=1)}


def test_what_falls_out_with_people_stays(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    """Weekly becomes fortnightly: dates between are gone where nobody comes, and stay by themselves where somebody
    does."""
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    weeks = dates(first.series_id)
    anna = factories.resident()
    register(weeks[1], anna, clock.now)
    register(weeks[2], anna, clock.now)
    edited(weeks[0], organizer, clock.now, scope="all", rule="FREQ=WEEKLY;INTERVAL=2")
    found = {one.id: one for one in dates(first.series_id)}
    assert weeks[3].id not in found
    assert found[weeks[1].id].original is None
    assert found[weeks[1].id].starts_at == weeks[1].starts_at
    assert found[weeks[2].id].original is not None
    assert statuses(weeks[1]) == ["going"]
    with pytest.raises(Conflict) as alone:
        edited(weeks[1], organizer, clock.now, scope="following", title="Autre")
    assert alone.value.word == "stands_alone"


def test_fewer_places_than_people_are_refused(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY", capacity=4)
    third = dates(first.series_id)[2]
    for _ in range(3):
        register(third, factories.resident(), clock.now)
    for scope, one in (("one", third), ("following", first), ("all", first)):
        with pytest.raises(Invalid) as refused:
            edited(one, organizer, clock.now, scope=scope, capacity=2)
        assert refused.value.errors["capacity"] == ("workshops.below_registered", {"count": 3})
    assert fresh(edited(third, organizer, clock.now, capacity=3)).capacity == 3
    waiting = factories.resident()
    assert register(third, waiting, clock.now) == "waiting"
    edited(third, organizer, clock.now, capacity=4)
    assert statuses(third)[-1] == "offered"


def test_cancelled_and_held_after_all(hub: Hub, organizer: factories.Resident, clock: Clock) -> None:
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    weeks = dates(first.series_id)
    anna = factories.resident()
    register(weeks[0], anna, clock.now)
    register(weeks[4], anna, clock.now)
    deliver(clock.now)
    with transaction():
        services.cancel(workshop_id=weeks[0].id, actor_id=organizer.id, why="Fuite d’eau", now=clock.now)
    deliver(clock.now)
    assert told(anna)[-1:] == ["cancelled_why"]
    with pytest.raises(Conflict):
        register(weeks[0], factories.resident(), clock.now)
    with transaction():
        services.restore(workshop_id=weeks[0].id, actor_id=organizer.id, now=clock.now)
    assert statuses(weeks[0]) == ["going"]
    with transaction():
        services.cancel(workshop_id=weeks[2].id, actor_id=organizer.id, scope="following", now=clock.now)
    left = dates(first.series_id)
    assert [(one.id, one.state) for one in left] == [
        (weeks[0].id, "planned"), (weeks[1].id, "planned"), (weeks[2].id, "cancelled"), (weeks[4].id, "cancelled"),
    ]  # fmt: skip
    assert jobs.fill_series(now=clock.forward(days=30)) == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rule": "FREQ=SECONDLY"}, "rule"),
        ({"rule": "FREQ=DAILY;COUNT=1000000"}, "rule"),
        ({"rule": "FREQ=WEEKLY;BYDAY=MO"}, "rule"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10**9}, "capacity"),
        ({"capacity": 3, "newcomer_places": 4}, "newcomer_places"),
        ({"minutes": 10_000}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"start": datetime(2020, 1, 1, 10)}, "start"),  # noqa: DTZ001
        ({"start": datetime(9999, 12, 31, 23, 59)}, "start"),  # noqa: DTZ001
        ({"title": ""}, "title"),
        ({"facilitator_id": 10**8}, "facilitator"),
        ({"item_ids": [10**8]}, "objects"),
        ({"learn": ["x"] * 50}, "learn"),
    ],
)
def test_what_is_not_taken(
    hub: Hub, organizer: factories.Resident, clock: Clock, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        made(hub, organizer, clock.now, **given)
    assert field in refused.value.errors


def test_only_those_who_organize(hub: Hub, clock: Clock) -> None:
    """A coordinator too; a volunteer not, nor an organizer of another hub."""
    coordinator = factories.coordinator(hub)
    first = made(hub, coordinator, clock.now)
    far = factories.coordinator(factories.hub())
    for who in (factories.volunteer(hub), far, factories.resident()):
        with pytest.raises(Forbidden):
            made(hub, who, clock.now)
        with pytest.raises(Forbidden):
            edited(first, who, clock.now, capacity=3)
        with pytest.raises(Forbidden), transaction():
            services.cancel(workshop_id=first.id, actor_id=who.id, now=clock.now)


def test_a_single_one_becomes_a_series_with_its_people(
    hub: Hub, organizer: factories.Resident, clock: Clock
) -> None:
    """Moved by five days and repeated from then on, in one go."""
    one = made(hub, organizer, clock.now)
    anna = factories.resident()
    register(one, anna, clock.now)
    start = rhythm.wall(one.starts_at, hub.timezone) + timedelta(days=5)
    edited(one, organizer, clock.now, scope="all", start=start, rule="FREQ=WEEKLY")
    found = dates(one.series_id)
    assert found[0].id == one.id
    assert rhythm.wall(found[0].starts_at, hub.timezone) == start
    assert len(found) > 10
    assert statuses(one) == ["going"]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["one", "following", "all"]),
        st.integers(0, 11),
        st.integers(-9, 9),
        st.sampled_from(["keep", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", None]),
    ),
    min_size=1,
    max_size=4,
)


@given(changes=CHANGES)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_changed_nobody_is_lost(
    hub: Hub, organizer: factories.Resident, clock: Clock, changes: list[tuple[str, int, int, str | None]]
) -> None:
    """Any change of any scope: everybody still has the place at the date she registered for, however it moved; no two
    dates of a rule stand at the same moment."""
    now = clock.now
    first = made(
        hub, organizer, now, rule="FREQ=WEEKLY", start=rhythm.wall(now, hub.timezone) + timedelta(days=30)
    )
    weeks = dates(first.series_id)
    anna = factories.resident()
    came = weeks[::2]
    for one in came:
        register(one, anna, now)
    for scope, which, days, rule in changes:
        known = [one for one in _all(hub) if one.original is not None and one.starts_at > now]
        if not known:
            break
        one = known[which % len(known)]
        start = rhythm.wall(one.starts_at, hub.timezone) + timedelta(days=days)
        more = {} if scope == "one" else {"rule": rule}
        try:
            edited(one, organizer, now, scope=scope, start=start, **more)
        except (Conflict, Invalid):
            db.session.rollback()
        stands = {(one.series_id, one.original) for one in _all(hub) if one.original is not None}
        assert len(stands) == sum(one.original is not None for one in _all(hub))
    kept = db.session.scalars(select(Attendee).where(Attendee.resident_id == anna.id)).all()
    assert sorted(one.workshop_id for one in kept) == sorted(one.id for one in came)
    assert {one.status for one in kept} == {"going"}


def _all(hub: Hub) -> list[Workshop]:
    db.session.rollback()
    query = (
        select(Workshop).join(WorkshopSeries).where(Workshop.hub_id == hub.id).order_by(Workshop.starts_at)
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_the_night_the_clock_changes_and_other_zones(app: Flask, clock: Clock) -> None:
    """Half past two that night is half past three, and the next night half past two again; on Martinique, where no clock
    changes, ten is ten."""
    paris, island = factories.hub(), factories.hub(timezone="America/Martinique")
    clock.at(datetime(2027, 3, 20, 12, tzinfo=PARIS))
    start = datetime(2027, 3, 26, 2, 30)  # noqa: DTZ001
    nights = made(paris, factories.coordinator(paris), clock.now, start=start, rule="FREQ=DAILY;COUNT=4")
    shown = [rhythm.wall(one.starts_at, "Europe/Paris") for one in dates(nights.series_id)]
    assert [(at.day, at.hour, at.minute) for at in shown] == [
        (26, 2, 30), (27, 2, 30), (28, 3, 30), (29, 2, 30),
    ]  # fmt: skip
    morning = datetime(2027, 3, 26, 10, 0)  # noqa: DTZ001
    weekly = made(island, factories.coordinator(island), clock.now, start=morning, rule="FREQ=WEEKLY")
    assert {one.starts_at.hour for one in dates(weekly.series_id)} == {14}
