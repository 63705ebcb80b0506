"""Who has a place: first come, first served, a fair line, places for newcomers, and what time does to offers."""

from datetime import timedelta

import pytest
from flask import Flask

from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden
from app.skills.workshops import jobs, services
from tests import factories
from tests.harness.clock import Clock
from tests.skills.workshops.acts import accept, deliver, fresh, leave, register, statuses, told


def people(hub: object, count: int) -> list[factories.Resident]:
    return [factories.resident() for _ in range(count)]


def test_the_last_place_then_a_line(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=2)
    anna, basil, chloe, dina = people(hub, 4)
    assert [register(lamp, who, clock.now) for who in (anna, basil, chloe, dina)] == [
        "going", "going", "waiting", "waiting",
    ]  # fmt: skip
    assert register(lamp, anna, clock.now) == "going"
    one = fresh(lamp)
    assert (one.taken, one.waiting) == (2, 2)
    leave(lamp, basil, clock.now)
    assert statuses(lamp) == ["going", "cancelled", "offered", "waiting"]
    deliver(clock.now)
    assert told(chloe) == ["offered"]
    assert told(dina) == []
    assert accept(lamp, chloe, clock.now) == "going"
    assert accept(lamp, chloe, clock.now) == "going"
    deliver(clock.now)
    assert told(chloe) == ["going"]


def test_offers_go_on_one_after_another(app: Flask, clock: Clock) -> None:
    """What is refused goes to the next one at once, what nobody answers after 24 hours; who let it pass is off the
    list. Said twice, the job does it once."""
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=1)
    anna, basil, chloe, dina = people(hub, 4)
    for who in (anna, basil, chloe, dina):
        register(lamp, who, clock.now)
    leave(lamp, anna, clock.now)
    leave(lamp, basil, clock.now)
    assert statuses(lamp) == ["cancelled", "cancelled", "offered", "waiting"]
    assert jobs.serve_lines(now=clock.forward(hours=23, minutes=59)) == 0
    assert jobs.serve_lines(now=clock.forward(minutes=1)) == 2
    assert jobs.serve_lines(now=clock.now) == 0
    assert statuses(lamp) == ["cancelled", "cancelled", "expired", "offered"]
    deliver(clock.now)
    assert told(chloe) == ["lapsed"]
    with pytest.raises(Conflict) as late:
        accept(lamp, chloe, clock.now)
    assert late.value.word == "no_offer"
    assert register(lamp, chloe, clock.now) == "waiting"
    assert register(lamp, dina, clock.now) == "going"


def test_nothing_is_offered_shortly_before(app: Flask, clock: Clock) -> None:
    """An offer ends two hours before the start; from then on a free place is for whoever takes it."""
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=1, starts_in=timedelta(hours=5))
    anna, basil, chloe = people(hub, 3)
    for who in (anna, basil, chloe):
        register(lamp, who, clock.now)
    leave(lamp, anna, clock.now)
    jobs.serve_lines(now=clock.forward(hours=3))
    assert statuses(lamp) == ["cancelled", "expired", "waiting"]
    assert register(lamp, basil, clock.now) == "going"
    assert register(lamp, chloe, clock.now) == "waiting"


def test_places_are_kept_for_newcomers(app: Flask, clock: Clock) -> None:
    """Two of three until 48 hours before: who has been here takes one at most, who comes the first time any."""
    hub = factories.hub()
    before = factories.workshop(hub, starts_in=timedelta(hours=1))
    known, other, new = people(hub, 3)
    for who in (known, other):
        factories.attendee(before, who, attended_at=clock.now)
    lamp = factories.workshop(hub, capacity=3, newcomer_places=2)
    assert register(lamp, known, clock.now) == "going"
    assert register(lamp, other, clock.now) == "waiting"
    assert register(lamp, new, clock.now) == "going"
    assert jobs.serve_lines(now=clock.now) == 0
    assert jobs.serve_lines(now=clock.at(lamp.starts_at - timedelta(hours=48))) == 1
    assert statuses(lamp) == ["going", "offered", "going"]


def test_a_slip_is_undone(app: Flask, clock: Clock) -> None:
    """Who comes back at once has her place again; whoever was offered it waits where she waited."""
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=1)
    anna, basil = people(hub, 2)
    register(lamp, anna, clock.now)
    register(lamp, basil, clock.now)
    leave(lamp, anna, clock.now)
    deliver(clock.now)
    with transaction():
        services.undo_leave(workshop_id=lamp.id, actor_id=anna.id, now=clock.forward(minutes=9))
    assert statuses(lamp) == ["going", "waiting"]
    deliver(clock.now)
    assert told(basil) == ["taken_back"]
    leave(lamp, anna, clock.now)
    accept(lamp, basil, clock.now)
    with pytest.raises(Conflict) as gone, transaction():
        services.undo_leave(workshop_id=lamp.id, actor_id=anna.id, now=clock.now)
    assert gone.value.word == "place_gone"
    with pytest.raises(Conflict) as over, transaction():
        services.undo_leave(workshop_id=lamp.id, actor_id=anna.id, now=clock.forward(minutes=10))
    assert over.value.word == "undo_over"


def test_a_volunteer_registers_somebody(app: Flask, clock: Clock) -> None:
    """Somebody without an address; both names are kept, and nobody else may."""
    hub = factories.hub()
    lamp = factories.workshop(hub)
    lucie = factories.resident("Lucie", email=None, confirmed=False)
    volunteer = factories.volunteer(hub, "Viktor")
    with transaction():
        one = services.register(workshop_id=lamp.id, actor_id=volunteer.id, for_id=lucie.id, now=clock.now)
        assert (one.status, one.registered_by_id) == ("going", volunteer.id)
    deliver(clock.now)
    assert told(lucie) == ["registered_for"]
    noted = db.session.query(AuditEntry).filter_by(act="workshops.registered").one()
    assert (noted.actor_id, noted.on_behalf_of_id) == (volunteer.id, lucie.id)
    with pytest.raises(Forbidden), transaction():
        services.register(workshop_id=lamp.id, actor_id=lucie.id, for_id=volunteer.id, now=clock.now)


def test_who_cannot_come(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    yvon = factories.verified_member(hub)
    lamp = factories.workshop(hub, yvon, starts_in=timedelta(hours=3))
    unknown = factories.resident(confirmed=False)
    for who, word in ((yvon, "facilitates"), (unknown, "email_unconfirmed")):
        with pytest.raises(Conflict) as refused:
            register(lamp, who, clock.now)
        assert refused.value.word == word
    anna = factories.resident()
    register(lamp, anna, clock.now)
    clock.forward(hours=3)
    for do in (register, leave):
        with pytest.raises(Conflict) as begun:
            do(lamp, anna if do is leave else factories.resident(), clock.now)
        assert begun.value.word == "has_begun"


def test_reminded_once_for_each_start(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    yvon = factories.verified_member(hub)
    lamp = factories.workshop(hub, yvon, starts_in=timedelta(days=3))
    anna, basil = people(hub, 2)
    register(lamp, anna, clock.now)
    assert jobs.remind(now=clock.forward(days=1, hours=23)) == 0
    assert jobs.remind(now=clock.forward(hours=1, minutes=5)) == 2
    register(lamp, basil, clock.now)
    assert jobs.remind(now=clock.forward(minutes=5)) == 0
    assert told(anna)[-1:] == ["reminder"]
    assert told(yvon) == ["reminder_facilitator"]
