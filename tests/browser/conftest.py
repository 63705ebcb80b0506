"""What browser tests share: one demo territory behind one server, and browsers that are kept open."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.browser.demo import Demo
from tests.browser.tablets import Device, House
from tests.browser.visits import Visits
from tests.harness.browser import BrowserDriver
from tests.harness.databases import KINDS, Database, Databases
from tests.harness.web import WebServer

WHOLE = os.environ.get("MOVILAB_FULL") == "1"


@pytest.fixture(params=KINDS if WHOLE else KINDS[:1])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """Clicks take their time: every journey goes on both databases in `make test-all`; in `make test` on the embedded
    one, but for the loan, whose journey goes on both always."""
    found = databases.get(request.param)
    found.empty()
    return found


@pytest.fixture(scope="session")
def demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Look, but change nothing: it is shared."""
    database = databases.fresh("sqlite", "demo")
    shown = Demo(database, tmp_path_factory.mktemp("demo") / "gunicorn.log")
    yield shown
    shown.stop()
    database.dispose()


@pytest.fixture(scope="session")
def visits(browser_driver: Any, demo: Demo) -> Iterator[Visits]:
    """`visits.page("volunteer", look)`: a tab of that person, with that theme, language and size."""
    kept = Visits(browser_driver, demo)
    yield kept
    kept.close()


@pytest.fixture
def house(app: Flask, gunicorn_server: Callable[..., WebServer]) -> Iterator[House]:
    """A hub, its people, and the server that can be killed and comes back."""
    kept = House(gunicorn_server)
    yield kept
    kept.wire.stop()


@pytest.fixture
def device(
    browser_driver: BrowserDriver, house: House, app: Flask, tmp_path: Path
) -> Iterator[Callable[..., Device]]:
    """`device()`: a tablet of the volunteer Véra; another's with `device(who)`."""
    made: list[Device] = []

    def make(who: Any = None) -> Device:
        made.append(
            Device(browser_driver, house.wire, tmp_path / f"profile-{len(made)}", who or house.vera, app)
        )
        return made[-1]

    yield make
    for one in made:
        with suppress(Exception):
            one.context.close()
