"""The small town of the security tests: built once for a test process, as new for each test."""

from collections.abc import Iterator

import pytest

from app.core.db import db
from tests.harness.databases import Databases
from tests.security.town import KeptTown, Town


@pytest.fixture(scope="session")
def kept_town(databases: Databases) -> Iterator[KeptTown]:
    """On SQLite: who may do what is decided in Python, and one database is enough for so many rows."""
    database = databases.fresh("sqlite", "security")
    yield KeptTown(database)
    database.dispose()


@pytest.fixture
def town(kept_town: KeptTown) -> Iterator[Town]:
    """The town as it was built, in its application's context."""
    with kept_town.app.app_context():
        kept_town.restore()
        yield kept_town.town
        db.session.remove()
