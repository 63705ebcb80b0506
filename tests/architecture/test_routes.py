"""Every address of the house: who may open it, and that looking changes nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.core import clock as house_clock
from app.core.http import PUBLIC_ENDPOINTS
from app.core.jsonapi import PUBLIC_CALLS
from tests import factories
from tests.harness.statements import counted

PUBLIC = PUBLIC_ENDPOINTS | PUBLIC_CALLS
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ELSEWHERE = {"home.styleguide", "home.mailbox", "home.mailbox_message"}
"""Only in demo mode."""


@pytest.fixture(params=["test", "demo"])
def house(request: pytest.FixtureRequest, app: Flask, app_with: Callable[..., Flask]) -> Flask:
    """The application as tests run it, and with the pages that only a demo has."""
    return app if request.param == "test" else app_with(MOVILAB_ENV="demo")


def rules(app: Flask, *methods: str) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        for method in methods:
            if method in (rule.methods or ()):
                yield rule, method


def path_of(app: Flask, rule: Rule, values: dict[str, object] | None = None) -> str:
    """The rule's address, its blanks filled with ids of what exists, or with 1."""
    filled = {
        name: (values or {}).get(f"{rule.endpoint}:{name}", (values or {}).get(name, 1))
        for name in rule.arguments
    }
    with app.test_request_context():
        adapter = app.url_map.bind("127.0.0.1")
        return str(
            adapter.build(rule.endpoint, {k: v if isinstance(v, int) else str(v) for k, v in filled.items()})
        )


def test_public_list_holds_only_what_exists(app: Flask, app_with: Callable[..., Flask]) -> None:
    known = {
        rule.endpoint for made in (app, app_with(MOVILAB_ENV="demo")) for rule in made.url_map.iter_rules()
    }
    assert PUBLIC - known == set()


def test_everything_else_asks_for_a_log_in(house: Flask) -> None:
    """An address that nobody listed is closed, so that a forgotten check cannot open it."""
    stranger = house.test_client()
    open_to_all = []
    for rule, method in rules(house, "GET", *UNSAFE):
        if rule.endpoint in PUBLIC:
            continue
        path = path_of(house, rule)
        answer = stranger.open(path, method=method)
        to_log_in = answer.status_code in (302, 303) and answer.headers["Location"].startswith("/log-in")
        if not (to_log_in or answer.status_code == 401):
            open_to_all.append(f"{method} {path} ({rule.endpoint}): {answer.status_code}")
    assert open_to_all == []


def test_forms_without_their_token_are_refused(house: Flask) -> None:
    """Forged from another site: no CSRF token, though the browser is logged in."""
    browser = factories.log_in(house.test_client(), factories.steward())
    browser.forged = True  # type: ignore[attr-defined]
    accepted = []
    for rule, method in rules(house, *UNSAFE):
        if rule.endpoint in PUBLIC_CALLS:
            continue  # a program's call in JSON that lends nobody's authority: no form can send it
        answer = browser.open(path_of(house, rule), method=method, data={})
        if answer.status_code not in (400, 401, 403, 405):
            accepted.append(f"{method} {rule.rule}: {answer.status_code}")
    assert accepted == []


@pytest.fixture
def lived_in(app: Flask) -> dict[str, object]:
    """Somebody who is everything, and one of each thing, so that pages have something to show."""
    hub = factories.hub()
    who = factories.steward("Anna B.")
    factories.membership(hub, who, roles=("coordinator",))
    today = house_clock.day_at(house_clock.now(), "Europe/Paris")
    item = factories.item(hub=hub, parts=(("Batterie", 2),))
    own = factories.item("Échelle", owner=who)
    loan = factories.loan(
        item, who, status="checked_out", first_day=today - timedelta(days=9), due=today - timedelta(days=2)
    )
    factories.loan(
        own, factories.verified_member(hub), status="requested", first_day=today + timedelta(days=3)
    )
    ids = {
        "item_id": item.id, "loan_id": loan.id, "hub_id": hub.id, "resident_id": who.id, "slug": hub.slug,
        "hub_slug": hub.slug, "code": item.code, "filename": "css/movilab.css", "token": "x", "name": "x",
    }  # fmt: skip
    return {**ids, "who": who}


@pytest.mark.by_turns
def test_looking_changes_nothing(house: Flask, lived_in: dict[str, object]) -> None:
    """A GET never writes: a browser that fetches ahead, a search engine, a mail scanner must do no harm."""
    member = factories.log_in(house.test_client(), lived_in["who"])  # type: ignore[arg-type]
    wrong = []
    for browser in (member, house.test_client()):
        for rule, method in rules(house, "GET", "HEAD"):
            path = path_of(house, rule, lived_in)
            with counted() as statements:
                answer = browser.open(path, method=method)
            wrong += [f"{method} {path}: {text[:80]}" for text in statements.writes()]
            if answer.status_code >= 500 and rule.endpoint != "operations.readyz":
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


def test_answers_carry_the_headers_that_protect(client: FlaskClient) -> None:
    for path in ("/", "/items", "/log-in", "/no-such-page", "/api/v1/items"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
