"""Fixtures of every test. A test that asks for `app`, `client` or `database` runs on SQLite and on PostgreSQL.

All of them stand on the migrated schema; each test begins with an empty database. What takes real processes
(`gunicorn_server`, `run_flask`, `browser_page`) works on the same database as the test itself.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy.orm import scoped_session

from app.core.db import db
from tests.harness.browser import BrowserDriver, Pages
from tests.harness.clock import Clock
from tests.harness.databases import KINDS, Database, Databases
from tests.harness.mail import PostOffice
from tests.harness.provider import Provider
from tests.harness.sizes import FULL
from tests.harness.statements import Statements, counted
from tests.harness.web import Command, WebServer, flask


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The databases of this test process; ask for `database` unless a test needs one of its own."""
    known = Databases(os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield known
    known.stop()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """A migrated and empty database of each kind."""
    found = databases.get(request.param)
    found.empty()
    return found


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """The application, with its context pushed: services, queries and factories can be called as they are."""
    with database.app.app_context():
        yield database.app
        db.session.remove()


@pytest.fixture
def app_with(database: Database) -> Callable[..., Flask]:
    """Other settings on the same database: `app_with(MOVILAB_ENV="demo")`. Its context is not pushed."""
    return database.app_with


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor with a browser session; requests see nothing of the test's own session and context."""
    return app.test_client()


@pytest.fixture
def db_session(app: Flask) -> "scoped_session[Any]":
    return db.session


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time stands still at a Wednesday, 10:00 in Paris; `clock.forward(days=2)`, `clock.at(...)`."""
    stopped = Clock()
    yield stopped
    stopped.stop()


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    """localstripe, begun when the first test asks for cards."""
    begun = Provider()
    yield begun
    begun.stop()


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """A provider of cards that knows nobody yet; `provider.environ` is what an installation is told of it."""
    provider_process.forget()
    return provider_process


@pytest.fixture
def card_app(database: Database, provider: Provider) -> Iterator[Flask]:
    """The application of an installation that takes cards, with its context pushed."""
    made = database.app_with(**provider.environ)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def query_count() -> Callable[[], AbstractContextManager[Statements]]:
    """`with query_count() as statements: ...`, then `len(statements) <= 5`."""
    return counted


@pytest.fixture
def run_flask(database: Database) -> Callable[..., Any]:
    """A command of the house in a process of its own, on this test's database."""

    def run(*words: str, variables: dict[str, str] | None = None, timeout: float = 120) -> Any:
        return flask({**database.environ, **(variables or {})}, *words, timeout=timeout)

    return run


@pytest.fixture
def start_flask(database: Database, tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """A command that goes on, e.g. `start_flask("scheduler", "run")`; may be begun several times, stopped at the end."""
    started: list[Command] = []

    def begin(*words: str, variables: dict[str, str] | None = None) -> Command:
        log = tmp_path / f"{'-'.join(words)}-{len(started)}.log"
        started.append(Command({**database.environ, **(variables or {})}, *words, log=log))
        return started[-1]

    yield begin
    for command in started:
        command.stop()


@pytest.fixture
def gunicorn_server(database: Database, tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    """`server = gunicorn_server(workers=4, MOVILAB_ENV="demo")`: real, on a free port, stopped at the end."""
    started: list[WebServer] = []

    def begin(*, workers: int = 2, options: tuple[str, ...] = (), **variables: str) -> WebServer:
        log = tmp_path / f"gunicorn-{len(started)}.log"
        server = WebServer({**database.environ, **variables}, workers=workers, log=log, options=options)
        started.append(server)
        return server

    yield begin
    for server in started:
        server.stop()


@pytest.fixture
def smtp_server() -> Iterator[PostOffice]:
    office = PostOffice()
    yield office
    office.stop()


@pytest.fixture(scope="session")
def browser_driver() -> Iterator[Any]:
    driver = BrowserDriver()
    yield driver
    driver.stop()


@pytest.fixture
def pages(browser_driver: Any) -> Iterator[Any]:
    """`pages.open(server.url, size=DESK, dark=True, javascript=False)`; an error in a page fails the test."""
    opened = Pages(browser_driver)
    yield opened
    opened.close()
    assert opened.errors == []


@pytest.fixture(scope="session")
def live_servers() -> Iterator[dict[str, WebServer]]:
    started: dict[str, WebServer] = {}
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture
def live_server(
    database: Database, live_servers: dict[str, WebServer], tmp_path_factory: pytest.TempPathFactory
) -> WebServer:
    """The web server in test mode, for the browser: one for all tests on a database, its worker born for each."""
    if database.kind in live_servers:
        live_servers[database.kind].begin_anew()
    else:
        log = tmp_path_factory.mktemp("live") / "gunicorn.log"
        live_servers[database.kind] = WebServer(database.environ, workers=1, log=log)
    return live_servers[database.kind]


@pytest.fixture
def browser_page(pages: Any, live_server: WebServer) -> Page:
    """A phone's page on `live_server`: `browser_page.goto("/items")`."""
    page: Page = pages.open(live_server.url)
    return page


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In `make test` a case marked `by_turns` runs on one database: the cases take them in turn. Both in `make test-all`."""
    if FULL:
        return
    turns: dict[str, Iterator[str]] = {}
    at: dict[str, str] = {}
    left: list[pytest.Item] = []
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("database")
        if kind is None or item.get_closest_marker("by_turns") is None:
            continue
        file = item.nodeid.split("::")[0]
        case = item.nodeid.replace(kind, "")
        if case not in at:
            at[case] = next(turns.setdefault(file, cycle(KINDS)))
        if at[case] != kind:
            left.append(item)
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what did not run, always: silence must never pass for success."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    terminalreporter.section("not run")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number:5} tests: {reason}")
    if not reasons:
        terminalreporter.write_line("nothing was skipped")
    if not FULL:
        terminalreporter.write_line(
            "cases marked by_turns ran on one database each; `make test-all` runs them on both"
        )
