"""The database goes away and comes back, or is held by somebody: neighbours are told to come back in a moment."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, make_url, select

from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.concurrency.crowd import Answer, Call, Dropped, ask, at_once, none_failed, post, statuses
from tests.harness.databases import Database
from tests.harness.missing import missing
from tests.harness.postgres import PostgresServer, binaries
from tests.harness.web import WebServer

Servers = Callable[..., WebServer]
PAGES = ("/", "/items", "/hubs", "/log-in", "/api/v1/items", "/api/v1/hubs")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server that nobody else needs."""
    found = binaries()
    if found is None:
        missing("PostgreSQL: no server on this machine that could be stopped")
    server = PostgresServer(found)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def town(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("data")
    made = Database("postgresql", postgres.create("movilab"), folder)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def server(town: Database) -> Iterator[WebServer]:
    started = WebServer(town.environ, workers=2, log=town.folder / "gunicorn.log")
    yield started
    started.stop()


def _told_to_come_back(answer: Answer, call: Call) -> None:
    assert answer.status == 503, f"{call.path}: {answer}"
    assert int(answer.headers["retry-after"]) >= 1
    if call.path.startswith("/api/"):
        assert answer.code == "database_away"
        assert answer.body["detail"]
    else:
        assert b"<html" in answer.raw
        assert b"Traceback" not in answer.raw


def _calls(town: Database) -> tuple[list[Call], Call, Call]:
    """Everybody's pages, somebody's loans, a scan."""
    town.empty()
    with town.app.app_context():
        hub = factories.hub()
        drill = factories.item(hub=hub)
        anna = factories.verified_member(hub)
        own = Call("GET", "/api/v1/loans", factories.bearer(anna))
        scan = post(
            "/counter/check-out",
            {"item_code": drill.code, "member_code": anna.code, "hub": str(hub.id)},
            headers=factories.bearer(factories.volunteer(hub)),
        )
        db.session.remove()
    return [Call("GET", path) for path in PAGES], own, scan


def test_away_and_back(town: Database, server: WebServer, postgres: PostgresServer) -> None:
    pages, own, scan = _calls(town)
    for call in [*pages, own]:
        assert (warm := ask(server, call)).status == 200, f"{call.path}: {warm}"
    postgres.halt()
    assert server.answers(), "the process is up, whatever the database does"
    ready = ask(server, Call("GET", "/readyz"))
    assert (ready.status, ready.body["checks"]["database"]) == (503, "away")
    for _ in range(3):
        for call in [own, scan, *(page for page in pages if page.path != "/log-in")]:
            _told_to_come_back(ask(server, call), call)
    postgres.begin()
    answers = [ask(server, call) for _ in range(5) for call in [*pages, own]]
    assert statuses(answers) == {200: len(answers)}
    assert ask(server, scan).status == 201
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Loan)) == 1


def test_back_again_before_anybody_noticed(
    town: Database, server: WebServer, postgres: PostgresServer
) -> None:
    """A restart between two requests: the connections that were kept are dead, and nobody is told so."""
    pages, own, scan = _calls(town)
    for call in [*pages, own] * 4:
        assert ask(server, call).status == 200
    postgres.halt()
    postgres.begin()
    answers = at_once([lambda call=call: ask(server, call) for call in [own, own, *pages, *pages]])  # type: ignore[misc]
    assert statuses(answers) == {200: len(answers)}, [str(a) for a in answers if a.status != 200][:2]
    assert ask(server, scan).status == 201


def test_restarted_in_the_middle_of_scans(
    town: Database, server: WebServer, postgres: PostgresServer
) -> None:
    """Whatever was answered with yes is there; who was told to come back, came back, and all are done once."""
    town.empty()
    with town.app.app_context():
        hub = factories.hub(policy={"max_loans": 100})
        anna = factories.verified_member(hub)
        things = [factories.item(hub=hub) for _ in range(40)]
        counters = [factories.bearer(factories.volunteer(hub)) for _ in range(4)]
        scans = [
            post(
                "/counter/check-out",
                {"item_code": thing.code, "member_code": anna.code, "hub": str(hub.id)},
                headers={**counters[n % 4], "Idempotency-Key": f"scan-{n}"},
            )
            for n, thing in enumerate(things)
        ]
        db.session.remove()
    told: list[Answer] = []

    def counter(number: int) -> None:
        for scan in scans[number::4]:
            told.append(_until_yes(server, scan, told))

    desks = [threading.Thread(target=counter, args=(n,)) for n in range(4)]
    for desk in desks:
        desk.start()
    for _ in range(3):
        postgres.halt()
        postgres.begin()
    for desk in desks:
        desk.join()

    assert {answer.status for answer in told} <= {201, 503}
    assert all("retry-after" in answer.headers for answer in told if answer.status == 503)
    loans = [answer.body["id"] for answer in told if answer.status == 201]
    with town.app.app_context():
        stored = list(db.session.execute(select(Loan.id, Loan.item_id, Loan.status)))
        db.session.remove()
    assert sorted(loans) == sorted(str(loan_id) for loan_id, _item, _status in stored)
    assert {item_id for _id, item_id, _status in stored} == {thing.id for thing in things}
    assert {status for _id, _item, status in stored} == {"checked_out"}
    assert len(stored) == len(things)


def _until_yes(server: WebServer, scan: Call, told: list[Answer]) -> Answer:
    patient_until = time.monotonic() + 120
    while time.monotonic() < patient_until:
        with suppress(Dropped):
            answer = ask(server, scan)
            if answer.status != 503:
                return answer
            told.append(answer)
        time.sleep(0.02)
    raise AssertionError("the database is back, and nobody noticed")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_held_by_another_writer(app: Flask, database: Database, gunicorn_server: Servers) -> None:
    """A long write of somebody else (a backup that went wrong, a shell left open): reading goes on, writing waits,
    and is then told to come back instead of failing."""
    hub = factories.hub()
    drill = factories.item(hub=hub)
    anna = factories.verified_member(hub)
    scan = post(
        "/counter/check-out",
        {"item_code": drill.code, "member_code": anna.code, "hub": str(hub.id)},
        headers=factories.bearer(factories.volunteer(hub)),
    )
    server = gunicorn_server(workers=2, options=("tests.faults.dying:app",), MOVILAB_TEST_BUSY_SECONDS="0.2")
    holder = sqlite3.connect(make_url(database.url).database or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    refused = ask(server, scan)
    read = [ask(server, Call("GET", path)) for path in PAGES]
    holder.rollback()
    holder.close()
    assert (refused.status, refused.code) == (503, "busy"), refused
    assert int(refused.headers["retry-after"]) >= 1
    none_failed(read)
    assert ask(server, scan).status == 201
