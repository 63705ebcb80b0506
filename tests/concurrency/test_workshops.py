"""Many want the last places of a workshop at one moment, others leave, and the scheduler dies: places fill fairly."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db, transaction
from app.core.jobs import JobRun
from app.notifications.models import Notification
from app.skills.workshops.models import Attendee, Workshop
from scripts.processes import wait_until
from tests import factories
from tests.concurrency.crowd import Call, all_at_once, none_failed, post, statuses
from tests.harness.sizes import FULL, sized
from tests.harness.web import Command, WebServer

CROWD = 60 if FULL else 16
PATIENCE_S = 120


def line_of(workshop_id: int) -> list[tuple[int, str]]:
    """Turn and status of everybody on the list, in order."""
    db.session.rollback()
    rows = db.session.execute(
        select(Attendee.turn, Attendee.status)
        .where(Attendee.workshop_id == workshop_id)
        .order_by(Attendee.turn)
    )
    return [(turn, status) for turn, status in rows]


def test_a_crowd_races_for_the_last_three_places(app: Flask, server: WebServer) -> None:
    """Exactly three go, the rest wait in the order in which they were put down, each once."""
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=12)
    for _ in range(9):
        factories.attendee(lamp, factories.resident(), turn=0)
    programs = [factories.bearer(factories.resident()) for _ in range(CROWD)]
    answers = all_at_once(
        server, [post(f"/workshops/{lamp.id}/attendees", headers=program) for program in programs]
    )
    none_failed(answers)
    assert statuses(answers) == {201: CROWD}
    assert Counter(answer.body["status"] for answer in answers) == {"going": 3, "waiting": CROWD - 3}
    assert sorted(answer.body["position"] for answer in answers if answer.body["position"]) == list(
        range(1, CROWD - 2)
    )
    raced = line_of(lamp.id)[9:]
    assert raced == [(n, "going" if n <= 3 else "waiting") for n in range(1, CROWD + 1)]
    db.session.rollback()
    one = db.session.get_one(Workshop, lamp.id)
    assert (one.taken, one.waiting) == (12, CROWD - 3)


def test_leaving_and_coming_at_one_moment(app: Flask, server: WebServer) -> None:
    """Half of those who go leave while others register: each freed place is offered to one, in order, and nobody who
    has just come passes before."""
    hub = factories.hub()
    lamp = factories.workshop(hub, capacity=6)
    going = [factories.resident() for _ in range(6)]
    waiting = [factories.resident() for _ in range(6)]
    for who in going:
        factories.attendee(lamp, who)
    for who in waiting:
        factories.attendee(lamp, who, status="waiting")
    path = f"/workshops/{lamp.id}/attendees"
    leaves = [Call("DELETE", f"/api/v1{path}", factories.bearer(who)) for who in going[:3]]
    comes = [post(path, headers=factories.bearer(factories.resident())) for _ in range(6)]
    answers = all_at_once(server, [*leaves, *comes, *leaves])
    none_failed(answers)
    assert statuses(answers) == {204: 6, 201: 6}
    assert [status for _turn, status in line_of(lamp.id)] == [
        *["cancelled"] * 3, *["going"] * 3, *["offered"] * 3, *["waiting"] * 3, *["waiting"] * 6,
    ]  # fmt: skip
    accepts = [post(path, headers=factories.bearer(who)) for who in waiting[:3]]
    none_failed(all_at_once(server, accepts * 2))
    assert Counter(status for _turn, status in line_of(lamp.id)) == {"cancelled": 3, "going": 6, "waiting": 9}


def test_offers_pass_on_though_the_scheduler_is_killed(
    app: Flask, start_flask: Callable[..., Command]
) -> None:
    """Offers that nobody took go to the next one, one at a time, round after round: in the middle of each round the
    scheduler is killed, and another one goes on. Each offer is made, and told, once."""
    hub = factories.hub()
    number = sized(100)
    lamps = [factories.workshop(hub, capacity=1).id for _ in range(number)]
    people = [factories.resident() for _ in range(4)]
    for lamp in lamps:
        workshop = db.session.get_one(Workshop, lamp)
        for place, who in enumerate(people):
            factories.attendee(workshop, who, status="waiting" if place else "offered")
    for turn in range(1, 4 if FULL else 2):
        _a_day_passes()
        first = start_flask("scheduler", "run")
        wait_until(lambda turn=turn: _offered(turn) > 0, seconds=PATIENCE_S, step=0.01)  # type: ignore[misc]
        first.process.kill()
        first.process.wait(timeout=10)
        _ask_again()
        second = start_flask("scheduler", "run")
        assert wait_until(lambda turn=turn: _offered(turn) == number, seconds=PATIENCE_S), _offered(turn)  # type: ignore[misc]
        second.stop()
        for lamp in lamps:
            expected = ["expired"] * turn + ["offered"] + ["waiting"] * (3 - turn)
            assert [status for _turn, status in line_of(lamp)] == expected
    told = select(Notification.key).where(Notification.kind == "workshops.offered")
    keys = db.session.scalars(told).all()
    assert len(set(keys)) == len(keys)


def _a_day_passes() -> None:
    """What is offered was offered a day ago."""
    past = clock.now() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Attendee).where(Attendee.status == "offered").values(offered_until=past))
    _ask_again()


def _ask_again() -> None:
    """The next scheduler runs the job at once, instead of at its minute."""
    with transaction() as session:
        session.execute(
            update(JobRun).where(JobRun.name == "workshops.serve_lines").values(asked_at=clock.now())
        )


def _offered(turn: int) -> int:
    """How many lists have gone on to this turn."""
    db.session.rollback()
    rows = db.session.execute(select(Attendee.workshop_id, Attendee.status).order_by(Attendee.turn)).all()
    lists: dict[int, list[str]] = {}
    for workshop_id, status in rows:
        lists.setdefault(workshop_id, []).append(status)
    db.session.rollback()
    return sum(one[turn] == "offered" for one in lists.values())
