"""Belonging to a hub, and looking after one."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.outbox import StoredEvent
from app.hubs import queries, services
from app.hubs.models import Hub, Membership
from app.hubs.rules import Opening
from tests import factories

TODAY = date(2026, 11, 25)


def do(service: Any, **asked: Any) -> Any:
    with transaction():
        return service(**asked, now=clock.now())


def tied(hub: Hub, who: Resident) -> Membership:
    found = queries.membership(who.id, hub.id)
    assert found is not None
    return found


def events() -> list[str]:
    return list(db.session.scalars(select(StoredEvent.kind).order_by(StoredEvent.id)))


def test_joining_waits_for_the_counter(app: Flask) -> None:
    hub, anna = factories.hub(), factories.resident()
    assert do(services.join, hub_id=hub.id, actor_id=anna.id).status == "pending"
    with pytest.raises(Conflict) as again:
        do(services.join, hub_id=hub.id, actor_id=anna.id)
    assert again.value.code == "hubs.already_member"
    assert events() == ["MembershipAsked"]


@pytest.mark.parametrize(("status", "error"), [("draft", NotFound), ("closed", Conflict)])
def test_nobody_joins_what_is_not_open(app: Flask, status: str, error: type[Exception]) -> None:
    hub, anna = factories.hub(status=status), factories.resident()
    with pytest.raises(error):
        do(services.join, hub_id=hub.id, actor_id=anna.id)


def test_a_volunteer_verifies_in_person_and_only_that_is_kept(app: Flask) -> None:
    hub, anna = factories.hub(), factories.resident()
    volunteer = factories.volunteer(hub)
    factories.membership(hub, anna, status="pending")
    verified = do(services.verify, hub_id=hub.id, resident_id=anna.id, actor_id=volunteer.id)
    assert (verified.status, verified.verified_by_id) == ("verified", volunteer.id)
    assert db.session.get(Resident, anna.id).verified_in_person_at is not None  # type: ignore[union-attr]
    first = verified.verified_at
    again = do(services.verify, hub_id=hub.id, resident_id=anna.id, actor_id=volunteer.id)
    assert again.verified_at == first
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.actor_id, entry.subject_id, entry.details) == (
        "hubs.verified",
        volunteer.id,
        anna.id,
        {},
    )
    assert events() == ["MembershipVerified"]


def test_who_may_not_verify(app: Flask) -> None:
    hub, elsewhere = factories.hub(), factories.hub()
    anna, volunteer = factories.resident(), factories.volunteer(hub)
    factories.membership(hub, anna, status="pending")
    factories.membership(elsewhere, volunteer, status="pending")
    suspended = factories.resident()
    factories.membership(hub, suspended, status="suspended", roles=("volunteer",))
    for actor in (
        anna,
        factories.resident(),
        factories.verified_member(hub),
        factories.volunteer(elsewhere),
        factories.steward(),
        suspended,
    ):
        with pytest.raises(Forbidden):
            do(services.verify, hub_id=hub.id, resident_id=anna.id, actor_id=actor.id)
    with pytest.raises(Forbidden) as oneself:
        do(services.verify, hub_id=hub.id, resident_id=volunteer.id, actor_id=volunteer.id)
    assert oneself.value.code == "hubs.not_oneself"
    with pytest.raises(NotFound):
        do(services.verify, hub_id=hub.id, resident_id=_stranger(), actor_id=volunteer.id)
    with pytest.raises(Conflict):
        do(services.verify, hub_id=hub.id, resident_id=suspended.id, actor_id=volunteer.id)


def _stranger() -> int:
    return factories.resident().id


def test_a_suspension_has_a_reason_and_an_end(app: Flask) -> None:
    hub = factories.hub()
    boss, volunteer, anna = (
        factories.coordinator(hub),
        factories.volunteer(hub),
        factories.verified_member(hub),
    )
    asked = {"hub_id": hub.id, "resident_id": anna.id}
    with pytest.raises(Forbidden):
        do(services.suspend, **asked, why="Trois retards", actor_id=volunteer.id)
    with pytest.raises(Invalid):
        do(services.suspend, **asked, why=" ", actor_id=boss.id)
    with pytest.raises(Forbidden):
        do(services.suspend, hub_id=hub.id, resident_id=boss.id, why="Pause", actor_id=boss.id)
    suspended = do(services.suspend, **asked, why="Trois retards", actor_id=boss.id)
    assert (suspended.status, suspended.suspended_why) == ("suspended", "Trois retards")
    with pytest.raises(Conflict):
        do(services.suspend, **asked, why="Encore", actor_id=boss.id)
    assert do(services.lift, **asked, actor_id=boss.id).status == "verified"
    with pytest.raises(Conflict):
        do(services.lift, **asked, actor_id=boss.id)
    pending = factories.resident()
    factories.membership(hub, pending, status="pending")
    also = {"hub_id": hub.id, "resident_id": pending.id, "actor_id": boss.id}
    do(services.suspend, **also, why="Le temps de parler")
    assert do(services.lift, **also).status == "pending"


def test_roles_are_given_by_the_coordination_and_one_always_stays(app: Flask) -> None:
    hub = factories.hub()
    boss, anna = factories.coordinator(hub), factories.verified_member(hub)
    give = {"hub_id": hub.id, "resident_id": anna.id, "actor_id": boss.id}
    assert do(services.set_roles, **give, roles=["volunteer"]).roles == ["volunteer"]
    with pytest.raises(Invalid):
        do(services.set_roles, **give, roles=["steward"])
    with pytest.raises(Forbidden):
        do(services.set_roles, hub_id=hub.id, resident_id=anna.id, roles=["coordinator"], actor_id=anna.id)
    leave = {"hub_id": hub.id, "resident_id": boss.id, "roles": [], "actor_id": boss.id}
    with pytest.raises(Conflict) as last:
        do(services.set_roles, **leave)
    assert last.value.code == "hubs.last_coordinator"
    with pytest.raises(Conflict):
        do(services.suspend, hub_id=hub.id, resident_id=boss.id, why="Conflit", actor_id=_steward())
    do(services.set_roles, **give, roles=["coordinator"])
    assert do(services.set_roles, **leave).roles == []
    pending = factories.resident()
    factories.membership(hub, pending, status="pending")
    with pytest.raises(Conflict):
        do(services.set_roles, hub_id=hub.id, resident_id=pending.id, roles=["volunteer"], actor_id=anna.id)


def _steward() -> int:
    return factories.steward().id


def test_an_account_at_the_counter_is_written_with_both_names(app: Flask) -> None:
    hub = factories.hub()
    volunteer = factories.volunteer(hub)
    asked = {"hub_id": hub.id, "name": "Paul", "email": None, "proof_seen": True}
    made = do(services.add_resident, **asked, actor_id=volunteer.id)
    assert (made.status, made.verified_by_id) == ("verified", volunteer.id)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.act, e.actor_id, e.subject_id) for e in entries] == [
        ("accounts.made", volunteer.id, made.resident_id),
        ("hubs.verified", volunteer.id, made.resident_id),
    ]
    assert entries[0].on_behalf_of_id == made.resident_id
    member = factories.verified_member(hub)
    with pytest.raises(Forbidden):
        do(services.add_resident, **asked, actor_id=member.id)


def test_a_week_is_written_whole(app: Flask) -> None:
    hub = factories.hub()
    boss = factories.coordinator(hub)
    week = [Opening(1, time(9), time(12)), Opening(1, time(14), time(18)), Opening(5, time(10), time(13))]
    asked = {"hub_id": hub.id, "closed_on_holidays": True, "actor_id": boss.id}
    do(services.set_hours, **asked, openings=week)
    fresh = queries.hub(str(hub.id))
    assert list(queries.open_days(fresh).week) == week
    assert fresh.closed_on_holidays
    assert events() == ["OpeningDaysChanged"]
    for wrong in (
        [Opening(1, time(9), time(12)), Opening(1, time(11), time(18))],
        [Opening(1, time(12), time(9))],
        [Opening(1, time(h), time(h, 30)) for h in range(8, 16)],
    ):
        with pytest.raises(Invalid) as refused:
            do(services.set_hours, **asked, openings=wrong)
        assert set(refused.value.errors) == {"day1"}
    with pytest.raises(Forbidden):
        do(services.set_hours, **{**asked, "actor_id": _volunteer(hub)}, openings=week)
    do(services.set_hours, **{**asked, "actor_id": _steward()}, openings=[])
    assert queries.hub(str(hub.id)).opening_hours == []


def _volunteer(hub: Hub) -> int:
    return factories.volunteer(hub).id


@pytest.mark.parametrize(
    ("first_day", "last_day", "why", "field"),
    [
        (None, TODAY, "Congés", "first_day"),
        (TODAY, None, "Congés", "last_day"),
        (TODAY, TODAY - timedelta(days=1), "Congés", "last_day"),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=2), "Congés", "last_day"),
        (TODAY, TODAY + timedelta(days=400), "Congés", "last_day"),
        (TODAY + timedelta(days=800), TODAY + timedelta(days=801), "Congés", "last_day"),
        (date.min, date.max, "Congés", "last_day"),
        (TODAY, TODAY, "", "why"),
        (TODAY, TODAY, "x" * 5000, "why"),
    ],
)
def test_closures_that_cannot_be(
    app: Flask, clock: Any, first_day: date | None, last_day: date | None, why: str, field: str
) -> None:
    hub = factories.hub()
    boss = factories.coordinator(hub)
    with pytest.raises(Invalid) as refused:
        do(
            services.announce_closure,
            hub_id=hub.id,
            first_day=first_day,
            last_day=last_day,
            why=why,
            actor_id=boss.id,
        )
    assert set(refused.value.errors) == {field}


def test_a_closure_closes_and_is_taken_back(app: Flask, clock: Any) -> None:
    hub, other = factories.hub(), factories.hub()
    boss, other_boss = factories.coordinator(hub), factories.coordinator(other)
    day = TODAY + timedelta(days=3)
    closure = do(
        services.announce_closure,
        hub_id=hub.id,
        first_day=day,
        last_day=day,
        why="Inventaire",
        actor_id=boss.id,
    )
    assert not queries.open_days(queries.hub(hub.slug)).is_open(day)
    with pytest.raises(NotFound):
        do(services.cancel_closure, hub_id=other.id, closure_id=closure.id, actor_id=other_boss.id)
    do(services.cancel_closure, hub_id=hub.id, closure_id=closure.id, actor_id=boss.id)
    assert queries.open_days(queries.hub(hub.slug)).is_open(day)
    assert events() == ["OpeningDaysChanged", "OpeningDaysChanged"]


def test_terms_within_their_limits(app: Flask) -> None:
    hub = factories.hub()
    boss = factories.coordinator(hub)
    asked = {"hub_id": hub.id, "actor_id": boss.id}
    do(services.set_policy, **asked, values={"loan_days": 7, "max_loans": 5, "same_day_handover": True})
    assert queries.hub(hub.slug).policy_changes == {"loan_days": 7, "same_day_handover": True}
    for values, field in (
        ({"loan_days": 0}, "loan_days"),
        ({"loan_days": None}, "loan_days"),
        ({"loan_days": True}, "loan_days"),
        ({"max_loans": 10_000}, "max_loans"),
        ({"loan_days": 30, "max_loan_days": 20}, "max_loan_days"),
        ({"no_such_thing": 1}, "no_such_thing"),
    ):
        with pytest.raises(Invalid) as refused:
            do(services.set_policy, **asked, values=values)
        assert set(refused.value.errors) == {field}
    assert queries.hub(hub.slug).policy.loan_days == 7
    with pytest.raises(Forbidden):
        do(services.set_policy, hub_id=hub.id, actor_id=_volunteer(hub), values={"loan_days": 3})


def test_a_hub_is_opened_with_its_first_coordinator(app: Flask) -> None:
    anna = factories.resident()
    asked = {"kind": "fablab", "address": "1 rue Haute", "lat": 44.9, "lon": 4.9, "coordinator_id": anna.id}
    first = do(services.open_hub, name="L’Établi", **asked)
    second = do(services.open_hub, name="L'établi", **asked)
    assert (first.slug, second.slug) == ("l-etabli", "l-etabli-2")
    assert tied(first, anna).roles == ["volunteer", "organizer", "coordinator"]
    with pytest.raises(Invalid) as refused:
        do(services.open_hub, name="", **{**asked, "kind": "pub", "lat": 100.0}, timezone="Mars/Olympus")
    assert set(refused.value.errors) == {"name", "kind", "place", "timezone"}


def test_members_come_in_order_and_are_found_without_accents(app: Flask) -> None:
    hub = factories.hub()
    for name in ("Zoé B.", "Élise D.", "elias F."):
        factories.verified_member(hub, name)
    late = factories.resident("Yann T.")
    factories.membership(hub, late, status="pending")
    page = queries.members_page(hub.id, limit=2)
    assert [line.name for line in page.lines] == ["Yann T.", "elias F."]
    rest = queries.members_page(hub.id, cursor=page.next, limit=2)
    assert ([line.name for line in rest.lines], rest.next) == (["Élise D.", "Zoé B."], None)
    assert [line.name for line in queries.members_named(hub.id, "eli")] == ["elias F.", "Élise D."]
    assert [line.name for line in queries.members_named(hub.id, late.code.lower())] == ["Yann T."]
    assert queries.members_named(hub.id, " ") == []


def test_hubs_come_nearest_first(app: Flask) -> None:
    near = factories.hub("B tout près", place=(44.93, 4.89))
    far = factories.hub("A au loin", place=(45.19, 5.72), kind="fablab")
    factories.hub("Brouillon", place=(44.93, 4.89), status="draft")
    here = (44.9301, 4.8901)
    page = queries.hubs_page(now=clock.now(), near=here)
    assert [line.hub.id for line in page.lines] == [near.id, far.id]
    assert page.lines[0].distance_m is not None
    assert page.lines[0].distance_m < 50
    assert [line.hub.id for line in queries.hubs_page(now=clock.now()).lines] == [far.id, near.id]
    assert [line.hub.id for line in queries.hubs_page(now=clock.now(), near=here, radius_km=5).lines] == [
        near.id
    ]
    assert [line.hub.id for line in queries.hubs_page(now=clock.now(), kind="fablab").lines] == [far.id]
    assert [line.hub.id for line in queries.hubs_page(now=clock.now(), words="PRES tout").lines] == [near.id]
    first = queries.hubs_page(now=clock.now(), near=here, limit=1)
    second = queries.hubs_page(now=clock.now(), near=here, limit=1, cursor=first.next)
    assert [line.hub.id for line in second.lines] == [far.id]
