"""The objects of workshops: their days are taken, follow the dates, and nobody else's are touched."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.items.models import Item, ItemClaim
from app.lending import services as lending
from app.skills.workshops import jobs, rhythm, services
from app.skills.workshops.models import WorkshopNeed
from tests import factories
from tests.harness.clock import Clock
from tests.skills.workshops.acts import dates, deliver, edited, made, told


def taken(item: Item) -> list[str]:
    """The first days that workshops take of it."""
    db.session.rollback()
    query = select(ItemClaim).where(
        ItemClaim.item_id == item.id, ItemClaim.live, ItemClaim.kind == "workshop"
    )
    found = db.session.scalars(query.order_by(ItemClaim.first_day)).all()
    assert all(one.end_day - one.first_day == timedelta(days=1) for one in found)
    return [one.first_day.isoformat() for one in found]


def test_days_follow_the_dates(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    iron = factories.item("Fer à souder", hub=hub)
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY;COUNT=4", item_ids=[iron.id])
    weeks = dates(first.series_id)
    assert taken(iron) == ["2026-12-05", "2026-12-12", "2026-12-19", "2026-12-26"]
    start = rhythm.wall(weeks[1].starts_at, hub.timezone) + timedelta(days=7)
    edited(weeks[1], organizer, clock.now, scope="following", start=start)
    assert taken(iron) == ["2026-12-05", "2026-12-19", "2026-12-26"]
    with transaction():
        services.cancel(workshop_id=first.id, actor_id=organizer.id, now=clock.now)
    assert taken(iron) == ["2026-12-19", "2026-12-26"]
    with transaction():
        services.restore(workshop_id=first.id, actor_id=organizer.id, now=clock.now)
    assert taken(iron)[0] == "2026-12-05"
    edited(weeks[2], organizer, clock.now, scope="all", item_ids=[])
    assert taken(iron) == ["2026-12-05"]
    borrower = factories.verified_member(hub)
    with pytest.raises(Conflict), transaction():
        day = rhythm.wall(first.starts_at, hub.timezone).date()
        lending.reserve(item_id=iron.id, actor_id=borrower.id, first_day=day, due=day, now=clock.now)


def test_taken_objects_keep_nobody_from_learning(app: Flask, clock: Clock) -> None:
    """It is held all the same, whoever holds it learns; and once the days are free they are kept after all."""
    hub = factories.hub()
    organizer, yvon = factories.coordinator(hub), factories.verified_member(hub)
    iron = factories.item("Fer à souder", hub=hub)
    day = clock.now.date() + timedelta(days=9)
    loan = factories.loan(iron, factories.verified_member(hub), first_day=day, due=day + timedelta(days=3))
    made(hub, organizer, clock.now, facilitator_id=yvon.id, item_ids=[iron.id])
    assert taken(iron) == []
    deliver(clock.now)
    assert sorted(told(yvon)) == ["facilitates", "object_missing"]
    assert jobs.keep_objects(now=clock.now) == 0
    with transaction():
        lending.cancel(loan_id=loan.id, actor_id=loan.borrower_id, now=clock.now)
    assert jobs.keep_objects(now=clock.now) == 1
    assert jobs.keep_objects(now=clock.now) == 0
    assert taken(iron) == ["2026-12-05"]


def test_a_neighbour_is_asked(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    organizer, owner = factories.coordinator(hub), factories.verified_member(hub)
    iron = factories.item("Fer à souder", hub=hub, owner=owner)
    first = made(hub, organizer, clock.now, item_ids=[iron.id])
    assert taken(iron) == []
    deliver(clock.now)
    assert told(owner) == ["object_asked"]
    need = db.session.scalars(select(WorkshopNeed)).one()
    with pytest.raises(Forbidden), transaction():
        services.answer(need_id=need.id, actor_id=organizer.id, agreed=True, now=clock.now)
    for agreed, days in ((True, ["2026-12-05"]), (True, ["2026-12-05"]), (False, [])):
        with transaction():
            services.answer(need_id=need.id, actor_id=owner.id, agreed=agreed, now=clock.now)
        assert taken(iron) == days
    deliver(clock.now)
    assert told(organizer)[-1:] == ["object_refused"]
    assert dates(first.series_id)[0].state == "planned"


def test_only_what_is_kept_there(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    elsewhere = factories.item(hub=factories.hub())
    with pytest.raises(Invalid) as refused:
        made(hub, factories.coordinator(hub), clock.now, item_ids=[elsewhere.id])
    assert refused.value.errors["objects"][0] == "workshops.object_elsewhere"
