"""The ground the other tests stand on: isolation, both databases, processes that stop."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, g, request
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy import func, select, text

from app.accounts.models import Resident
from app.core import clock as house_clock
from app.core.db import db
from tests import factories
from tests.harness.clock import A_WEDNESDAY, Clock
from tests.harness.databases import Database
from tests.harness.mail import PostOffice
from tests.harness.web import WebServer, children


def test_schema_is_migrated(app: Flask, database: Database) -> None:
    assert db.session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    assert db.engine.dialect.name == database.kind


def test_no_row_survives_a_test(app: Flask, database: Database) -> None:
    hub = factories.hub()
    member = factories.verified_member(hub)
    factories.loan(factories.item(hub=hub), member, status="checked_out")
    assert db.session.scalar(select(func.count()).select_from(Resident)) == 1
    db.session.rollback()
    database.empty()
    for table in reversed(db.metadata.sorted_tables):
        assert db.session.execute(select(func.count()).select_from(table)).scalar() == 0, table.name


def test_clock_stands_still(clock: Clock) -> None:
    assert house_clock.now() == A_WEDNESDAY == datetime.now(UTC)
    assert clock.forward(days=1) == house_clock.now()


def test_requests_do_not_share_the_test_s_context(app: Flask, client: FlaskClient) -> None:
    g.now = "the test's own"
    client.get("/healthz")
    assert g.now == "the test's own"


def test_test_sees_what_a_request_wrote(app: Flask, client: FlaskClient) -> None:
    anna = factories.resident("Anna B.")
    with client.application.app_context():
        factories.changed(db.session.get(Resident, anna.id), name="Anna C.")
    client.get("/healthz")
    assert anna.name == "Anna C."


def test_logged_in_client_and_bearer_are_recognised(app: Flask, client: FlaskClient) -> None:
    anna = factories.resident("Anna B.")
    seen = []
    app.before_request_funcs.setdefault(None, []).insert(
        0, lambda: seen.append((request.path, current_user.name))
    )
    try:
        factories.log_in(client, anna).get("/healthz")
        app.test_client().get("/api/v1/nothing", headers=factories.bearer(anna))
        app.test_client().get("/healthz")
    finally:
        app.before_request_funcs[None].pop(0)
    assert seen == [("/healthz", "Anna B."), ("/api/v1/nothing", "Anna B."), ("/healthz", "")]


def test_statements_are_counted(app: Flask, query_count: Callable) -> None:
    with query_count() as statements:
        db.session.scalar(select(func.count()).select_from(Resident))
        db.session.rollback()
    assert len(statements) == 1
    with query_count() as statements:
        factories.resident()
    assert len(statements.writes()) == 1


def test_post_office_takes_mail(smtp_server: PostOffice) -> None:
    assert smtp_server.url.startswith("smtp://127.0.0.1:")
    assert smtp_server.messages == []


def test_gunicorn_serves_and_stops(gunicorn_server: Callable[..., WebServer]) -> None:
    server = gunicorn_server(workers=2)
    workers = server.workers()
    assert len(workers) == 2
    assert server.answers()
    server.stop()
    assert children(server.pid) == []
    assert not server.answers()
