"""One server with four workers for the tests of a file and each database: starting it takes longer than they do."""

from collections.abc import Iterator

import pytest

from tests.harness.databases import Database
from tests.harness.web import WebServer

WORKERS = 4


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, WebServer]]:
    started: dict[str, WebServer] = {}
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture
def server(
    database: Database, servers: dict[str, WebServer], tmp_path_factory: pytest.TempPathFactory
) -> WebServer:
    """gunicorn as in production, on this test's database."""
    if database.kind not in servers:
        log = tmp_path_factory.mktemp("server") / "gunicorn.log"
        servers[database.kind] = WebServer(database.environ, workers=WORKERS, log=log)
    return servers[database.kind]
