"""What the house does by itself: told events, forgotten rows, and runs that are written down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import BrowserSession, MailedLink, Resident
from app.core import jobs as core_jobs
from app.core import outbox
from app.core.db import db, transaction
from app.core.idempotency import IdempotencyKey
from app.core.jobs import Heartbeat, Job, JobRun
from app.core.outbox import Delivery, StoredEvent
from app.events.accounts import EmailConfirmed
from app.hubs.models import Membership
from app.payments.cards.models import WebhookEvent
from app.scheduler import jobs, watch
from app.scheduler.leadership import FileLeadership, PostgresLeadership, leadership_for
from app.scheduler.runs import Runs, asked_for
from scripts.processes import wait_until
from tests.factories import hub, item, loan, membership, resident, stored
from tests.harness.databases import Database

NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=40)


def count(model: Any) -> int:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One handler that notes whom it was told of."""
    heard: list[int] = []

    def hear(happened: EmailConfirmed, *, now: datetime) -> None:
        heard.append(happened.resident_id)

    monkeypatch.setitem(app.extensions, "movilab.handlers", {EmailConfirmed: [hear]})
    return heard


def confirmed(number: int) -> None:
    with transaction():
        for resident_id in range(number):
            outbox.record(EmailConfirmed(resident_id=resident_id), now=NOW)


def test_events_that_the_web_server_left_are_delivered_once(app, told):
    confirmed(250)
    assert jobs.deliver_events(now=NOW) == 0, "the entry point has its ten seconds"
    later = NOW + timedelta(seconds=11)
    assert jobs.deliver_events(now=later) == 250
    assert jobs.deliver_events(now=later) == 0
    assert told == list(range(250))


def test_an_event_whose_handler_fails_keeps_no_other_back(app, monkeypatch):
    def stumble(happened: EmailConfirmed, *, now: datetime) -> None:
        if happened.resident_id == 0:
            raise RuntimeError("no")

    monkeypatch.setitem(app.extensions, "movilab.handlers", {EmailConfirmed: [stumble]})
    confirmed(3)
    assert jobs.deliver_events(now=NOW + timedelta(seconds=11)) == 2


def test_told_events_are_forgotten_after_30_days(app, told):
    confirmed(2)
    jobs.deliver_events(now=NOW + timedelta(seconds=11))
    confirmed(1)
    assert jobs.purge(now=NOW + timedelta(days=29)) == 0
    assert jobs.purge(now=NOW + timedelta(days=31)) == 2
    assert (count(StoredEvent), count(Delivery)) == (1, 0)


def test_what_is_over_is_forgotten(app):
    nadia = resident()
    stored(
        IdempotencyKey(
            resident_id=nadia.id, key="a", request_hash="h", status=201, body="{}", created_at=LONG_AGO
        )
    )
    stored(
        IdempotencyKey(resident_id=nadia.id, key="b", request_hash="h", status=201, body="{}", created_at=NOW)
    )
    for ends in (LONG_AGO, NOW + timedelta(days=1)):
        stored(
            BrowserSession(
                resident_id=nadia.id, token_hash=str(ends), created_at=LONG_AGO, expires_at=ends, browser=""
            )
        )
        stored(MailedLink(resident_id=nadia.id, purpose="confirm", created_at=LONG_AGO, expires_at=ends))
    assert jobs.purge(now=NOW) == 3
    assert (count(IdempotencyKey), count(BrowserSession), count(MailedLink)) == (1, 1, 1)


def test_news_of_cards_is_forgotten_long_after_it_was_read(app):
    """What was never read stays, however old; a repetition within thirty days finds the first."""
    for name, read_at in (
        ("unread", None),
        ("month", NOW - timedelta(days=31)),
        ("old", NOW - timedelta(days=91)),
    ):
        stored(
            WebhookEvent(
                id=name,
                kind="x",
                reference="pi_1",
                received_at=LONG_AGO,
                next_try_at=LONG_AGO,
                read_at=read_at,
            )
        )
    assert jobs.purge(now=NOW) == 1
    assert set(db.session.scalars(select(WebhookEvent.id))) == {"unread", "month"}


def newcomer(**values: Any) -> Resident:
    return resident(**{"confirmed": False, "created_at": LONG_AGO, **values})


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ({}, False),
        ({"created_at": NOW - timedelta(days=6)}, True),
        ({"confirmed": True}, True),
        ({"verified_in_person_at": LONG_AGO}, True),
        ({"email": None}, True),
    ],
)
def test_an_address_that_never_answers_is_forgotten(app, values, stays):
    newcomer(**values)
    jobs.purge(now=NOW)
    assert count(Resident) == int(stays)


def test_asking_to_join_holds_nobody_back(app):
    membership(hub(), newcomer(), status="pending")
    jobs.purge(now=NOW)
    assert (count(Resident), count(Membership)) == (0, 0)


def test_whoever_has_something_here_stays(app):
    here = hub()
    borrower, member, owner = newcomer(), newcomer(), newcomer()
    loan(item(hub=here), borrower)
    membership(here, member)
    item(owner=owner)
    membership(here, borrower, status="pending")
    jobs.purge(now=NOW)
    assert count(Resident) == 3
    assert count(Membership) == 2


def test_a_failing_job_stops_no_other(app):
    done: list[str] = []

    def works(*, now: datetime) -> int:
        done.append("works")
        return 3

    def fails(*, now: datetime) -> int:
        raise RuntimeError("Nadia B., nadia@example.org")

    timetable = [Job("test.fails", 1, fails), Job("test.works", 1, works)]
    assert watch.run_all_once(app, timetable) == ["test.fails"]
    assert watch.run_all_once(app, timetable) == ["test.fails"]
    db.session.rollback()
    failing, working = db.session.scalars(select(JobRun).order_by(JobRun.name))
    assert (failing.failures, failing.last_error, failing.count) == (2, "RuntimeError", 0)
    assert (working.failures, working.count, working.total, len(done)) == (0, 3, 6, 2)
    assert working.finished_at >= working.started_at


def test_a_job_that_recovers_has_no_failures(app):
    runs = Runs()
    runs.fail("test", RuntimeError(), duration_ms=1, now=NOW)
    runs.succeed("test", count=1, duration_ms=1, now=NOW)
    runs.write({"test": NOW + timedelta(seconds=5)}, now=NOW)
    [run] = db.session.scalars(select(JobRun))
    assert (run.failures, run.last_error, run.next_run_at) == (0, None, NOW + timedelta(seconds=5))
    assert db.session.scalar(select(Heartbeat.at)) == NOW


def test_asking_for_a_run_is_heard_once(app):
    stored(JobRun(name="test", asked_at=NOW))
    assert asked_for() == ["test"]
    assert asked_for() == []


def test_a_run_that_ends_does_not_forget_what_was_asked_meanwhile(app):
    stored(JobRun(name="test", asked_at=NOW))
    runs = Runs()
    runs.succeed("test", count=1, duration_ms=1, now=NOW)
    runs.write({}, now=NOW)
    assert asked_for() == ["test"]


def test_the_watch_runs_what_is_due_and_what_is_asked_for(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Flag()
    asked = Flag()

    def often(*, now: datetime) -> int:
        ran.set()
        return 1

    def seldom(*, now: datetime) -> int:
        asked.set()
        return 1

    monkeypatch.setitem(
        app.extensions, "movilab.timetable", [Job("often", 1, often), Job("seldom", 3600, seldom)]
    )
    monkeypatch.setattr(watch, "LISTEN", timedelta(seconds=0))
    monkeypatch.setattr(watch, "HEARTBEAT", timedelta(seconds=0))
    stop = Flag()

    def stop_when_asked_for() -> bool:
        if not (ran.is_set() and asked.is_set()):
            return False
        if count(JobRun) < 2:
            return False
        asked.clear()
        with transaction() as session:
            session.execute(update(JobRun).where(JobRun.name == "seldom").values(asked_at=NOW))
        return True

    thread = in_background(
        lambda: watch.keep_watch(app, leadership_for(app.extensions["movilab.config"]), stop=stop)
    )
    try:
        assert wait_until(stop_when_asked_for, seconds=20)
        assert asked.wait(10)
    finally:
        stop.set()
        thread.join(20)
    assert core_jobs.keep_going()
    assert count(Heartbeat) == 1


def in_background(work: Callable[[], None]) -> Any:
    thread = Thread(target=work)
    thread.start()
    return thread


def test_one_leads_at_a_time(app: Flask, database: Database) -> None:
    config = app.extensions["movilab.config"]
    first, second = leadership_for(config), leadership_for(config)
    assert isinstance(first, FileLeadership if database.kind == "sqlite" else PostgresLeadership)
    assert first.take()
    assert not second.take()
    assert first.holds()
    first.let_go()
    assert not first.holds()
    assert second.take()
    second.let_go()


def test_a_leader_that_loses_its_connection_loses_the_lead(app: Flask, database: Database) -> None:
    leader = leadership_for(app.extensions["movilab.config"])
    if not isinstance(leader, PostgresLeadership):
        return
    assert leader.take()
    assert leader.connection is not None
    other = PostgresLeadership(database.url)
    other.connection = other._connect()
    other.connection.execute("SELECT pg_terminate_backend(%s)", [leader.connection.info.backend_pid])
    assert wait_until(lambda: not leader.holds(), seconds=5)
    assert wait_until(other.take, seconds=5)
    other.let_go()


def test_a_job_in_hand_ends_with_its_batch_when_asked_to_stop(app, told):
    confirmed(5)
    core_jobs.ask_to_stop()
    try:
        assert jobs.deliver_events(now=NOW + timedelta(seconds=11)) == 0
    finally:
        core_jobs.go_on()


def test_the_commands(app: Flask, run_flask: Any) -> None:
    listed = run_flask("scheduler", "jobs")
    assert "notifications.send_mail" in listed.stdout
    once = run_flask("scheduler", "run", "--once")
    assert once.returncode == 0, once.stderr
    assert count(JobRun) >= 3
