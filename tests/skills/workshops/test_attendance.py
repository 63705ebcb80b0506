"""Who came, and what follows from it: what was learnt, the hours of whoever held it, and a wrong scan undone."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, NotFound
from app.items.models import Induction
from app.skills.ledger.models import TimeTransfer
from app.skills.workshops import jobs, services
from app.skills.workshops.models import Workshop
from tests import factories
from tests.harness.clock import Clock
from tests.skills.workshops.acts import deliver, fresh, register, told


def scan(
    one: Workshop, who: factories.Resident, volunteer: factories.Resident, clock: Clock
) -> services.Attended:
    with transaction():
        return services.attend(workshop_id=one.id, member_code=who.code, actor_id=volunteer.id, now=clock.now)


def inductions(who: factories.Resident) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Induction.name).where(Induction.resident_id == who.id)))


def transfers() -> list[TimeTransfer]:
    db.session.rollback()
    return list(db.session.scalars(select(TimeTransfer)))


def test_one_scan_and_what_follows(app: Flask, clock: Clock) -> None:
    """She is there, may use the saw from now on, and the hub pays its hours: once, whoever is scanned next."""
    hub = factories.hub()
    yvon, volunteer = factories.verified_member(hub, "Yvon"), factories.volunteer(hub)
    saw = factories.workshop(
        hub, yvon, starts_in=timedelta(hours=1), induction="Scie", facilitator_minutes=120
    )
    anna, walks_in = factories.resident(), factories.resident()
    register(saw, anna, clock.now)
    first = scan(saw, anna, volunteer, clock)
    assert (first.repeated, first.walked_in) == (False, False)
    again = scan(saw, anna, volunteer, clock)
    assert again.repeated
    assert scan(saw, walks_in, volunteer, clock).walked_in
    assert inductions(anna) == inductions(walks_in) == ["Scie"]
    (paid,) = transfers()
    assert (paid.key, paid.minutes) == (f"workshop:{saw.id}", 120)
    one = fresh(saw)
    assert (one.paid, one.unpaid, one.taken) == (120, 0, 2)
    deliver(clock.now)
    assert told(anna)[-1:] == ["induced"]
    assert "paid" in told(yvon)


def test_a_wrong_scan_is_undone(app: Flask, clock: Clock) -> None:
    """What she had learnt elsewhere stays."""
    hub = factories.hub()
    volunteer = factories.volunteer(hub)
    saw = factories.workshop(hub, starts_in=timedelta(hours=1), induction="Scie")
    anna, basil = factories.resident(), factories.resident()
    factories.stored(Induction(resident_id=basil.id, name="Scie", granted_at=clock.now))
    for who in (anna, basil):
        register(saw, who, clock.now)
        scan(saw, who, volunteer, clock)
        with transaction():
            services.undo_attendance(
                workshop_id=saw.id, resident_id=who.id, actor_id=volunteer.id, now=clock.now
            )
    assert inductions(anna) == []
    assert inductions(basil) == ["Scie"]
    assert not scan(saw, anna, volunteer, clock).repeated
    assert inductions(anna) == ["Scie"]


def test_what_does_not_fit_is_not_paid_and_said(app: Flask, clock: Clock) -> None:
    """At the limit of her account: as many as fit, and a word for the rest."""
    hub = factories.hub()
    yvon, volunteer = factories.verified_member(hub), factories.volunteer(hub)
    for _ in range(5):
        saw = factories.workshop(hub, yvon, starts_in=timedelta(hours=1), facilitator_minutes=500)
        scan(saw, factories.resident(), volunteer, clock)
    one = fresh(saw)
    assert (one.paid, one.unpaid) == (400, 100)
    deliver(clock.now)
    assert told(yvon)[-1:] == ["paid_partly"]
    more = factories.workshop(hub, yvon, starts_in=timedelta(hours=1), facilitator_minutes=60)
    scan(more, factories.resident(), volunteer, clock)
    assert (fresh(more).paid, fresh(more).unpaid) == (0, 60)


def test_the_door(app: Flask, clock: Clock) -> None:
    """From two hours before until a week after, for those who hold the counter, while there is room."""
    hub = factories.hub()
    volunteer, yvon = factories.volunteer(hub), factories.verified_member(hub)
    saw = factories.workshop(hub, yvon, starts_in=timedelta(hours=3), capacity=1)
    anna = factories.resident()
    with pytest.raises(Conflict) as early:
        scan(saw, anna, volunteer, clock)
    assert early.value.word == "too_early"
    clock.forward(hours=2)
    with pytest.raises(Forbidden):
        scan(saw, anna, factories.volunteer(factories.hub()), clock)
    with pytest.raises(Conflict) as own:
        scan(saw, yvon, volunteer, clock)
    assert own.value.word == "facilitates"
    scan(saw, anna, volunteer, clock)
    with pytest.raises(Conflict) as full:
        scan(saw, factories.resident(), volunteer, clock)
    assert full.value.word == "full"
    with pytest.raises(NotFound), transaction():
        services.attend(workshop_id=saw.id, member_code="M-nothing", actor_id=volunteer.id, now=clock.now)
    with pytest.raises(Conflict) as there, transaction():
        services.leave(workshop_id=saw.id, actor_id=anna.id, now=clock.now)
    assert there.value.word == "was_there"
    clock.forward(days=8)
    with pytest.raises(Conflict) as late:
        scan(saw, anna, volunteer, clock)
    assert late.value.word == "too_late"
    assert jobs.serve_lines(now=clock.now) == 0
