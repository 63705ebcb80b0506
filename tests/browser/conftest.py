"""What browser tests share: one demo territory behind one server, and browsers that are kept open."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import Demo
from tests.browser.visits import Visits
from tests.harness.databases import Databases


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
