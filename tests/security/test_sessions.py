"""Browser sessions: a new one at each log-in, dead once ended, in cookies that scripts and other sites cannot use."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.services import hashed_password
from tests import factories
from tests.security.town import PASSWORD, SECRET

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%09/evil.example",
    "https:/evil.example",
    "@evil.example",
    " //evil.example",
    "\x01//evil.example",
)


@pytest.fixture
def anna(app: Flask) -> str:
    """Her e-mail; she has the password of the town."""
    who = factories.resident("Anna B.", password_hash=hashed_password(PASSWORD))
    return str(who.email)


def log_in(browser: FlaskClient, email: str, **more: str) -> str:
    """Through the page; the cookie that came of it."""
    answer = browser.post("/log-in", data={"email": email, "password": PASSWORD, **more})
    assert answer.status_code == 302
    return cookie(browser)


def cookie(browser: FlaskClient) -> str:
    kept = browser.get_cookie("movilab")
    return kept.value if kept else ""


def known(app: Flask, value: str) -> bool:
    """Whether a browser with this cookie is somebody."""
    browser = app.test_client()
    browser.set_cookie("movilab", value)
    return browser.get("/account").status_code == 200


def test_logging_in_changes_the_cookie_and_the_old_one_stays_nobodys(
    app: Flask, client: FlaskClient, anna: str
) -> None:
    """Somebody who planted a cookie before the log-in has nothing after it."""
    client.get("/log-in")
    client.csrf_token()  # type: ignore[attr-defined]
    planted = cookie(client)
    after = log_in(client, anna)
    assert planted
    assert after != planted
    assert known(app, after)
    assert not known(app, planted)


def test_the_forgery_token_of_before_the_log_in_is_worth_nothing_after(
    client: FlaskClient, anna: str
) -> None:
    before = client.csrf_token()  # type: ignore[attr-defined]
    log_in(client, anna)
    answer = client.post("/account/home/forget", headers={"X-CSRFToken": before})
    assert answer.status_code == 400


def test_a_second_log_in_in_the_same_browser_ends_the_first(
    app: Flask, client: FlaskClient, anna: str
) -> None:
    first = log_in(client, anna)
    second = log_in(client, anna)
    assert known(app, second)
    assert not known(app, first)


def test_logging_out_kills_the_cookie_on_the_server(app: Flask, client: FlaskClient, anna: str) -> None:
    kept = log_in(client, anna)
    client.post("/log-out")
    assert not known(app, kept)


def test_ending_another_device_kills_its_cookie_and_not_this_one(
    app: Flask, client: FlaskClient, anna: str
) -> None:
    lost = log_in(app.test_client(), anna)
    here = log_in(client, anna)
    page = client.get("/account/devices").text
    paths = [part.split('"')[0] for part in page.split('action="')[1:]]
    for path in {path for path in paths if path.startswith("/account/devices/")}:
        client.post(path)
    assert not known(app, lost)
    assert known(app, here) or not paths


def test_a_new_password_ends_all_other_browsers(app: Flask, client: FlaskClient, anna: str) -> None:
    elsewhere = log_in(app.test_client(), anna)
    here = log_in(client, anna)
    answer = client.post(
        "/account/password", data={"old_password": PASSWORD, "password": "un-autre-mot-de-passe-long"}
    )
    assert answer.status_code == 302
    assert known(app, here)
    assert not known(app, elsewhere)


@pytest.mark.parametrize(
    "broken", ["", "x", "eyJ9.x.y", "." * 4000, "né", "eyJfdXNlcl9pZCI6IjEifQ.ZZZZZZ.forged"]
)
def test_a_made_up_cookie_is_nobody(app: Flask, broken: str) -> None:
    assert not known(app, broken)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_to_another_site(client: FlaskClient, anna: str, target: str) -> None:
    """After the log-in, when logged in already, after choosing a language, after asking for the mail again."""
    answers = [
        client.post("/log-in", data={"email": anna, "password": PASSWORD, "next": target}),
        client.get("/log-in", query_string={"next": target}),
        client.post("/language", data={"locale": "fr", "next": target}),
        client.post("/account/confirmation", data={"next": target}),
    ]
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\")), location
        assert not any(ord(sign) < 32 for sign in location), location


def test_the_way_asked_for_before_the_log_in_is_kept(client: FlaskClient, anna: str) -> None:
    asked = client.get("/loans?x=1")
    assert asked.headers["Location"] == "/log-in?next=/loans?x%3D1"
    page = client.get(asked.headers["Location"])
    assert 'value="/loans?x=1"' in page.text
    answer = client.post("/log-in", data={"email": anna, "password": PASSWORD, "next": "/loans?x=1"})
    assert answer.headers["Location"] == "/loans?x=1"


def test_cookies_in_production_are_for_this_site_alone(
    app_with: Callable[..., Flask], app: Flask, anna: str
) -> None:
    house = app_with(MOVILAB_ENV="production", MOVILAB_SECRET_KEY=SECRET)
    browser = house.test_client()
    browser.forged = True  # type: ignore[attr-defined]  # the page's own token is sent
    here = {"base_url": "https://movilab.example", "headers": {"Referer": "https://movilab.example/"}}

    def send(path: str, **typed: str) -> list[str]:
        page = browser.get("/hubs", **here).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        answer = browser.post(path, data={**typed, "csrf_token": found[1]}, **here)
        assert answer.status_code == 302
        return answer.headers.getlist("Set-Cookie")

    answers = [
        *send("/log-in", email=anna, password=PASSWORD, remember="y"),
        *send("/language", locale="en"),
    ]
    assert {text.split("=")[0] for text in answers} == {"movilab", "locale"}
    for text in answers:
        assert "HttpOnly" in text
        assert "Secure" in text
        assert "SameSite=Lax" in text
        assert "Domain=" not in text


def test_what_only_a_demo_has_is_not_there_in_production(app_with: Callable[..., Flask], app: Flask) -> None:
    house = app_with(MOVILAB_ENV="production", MOVILAB_SECRET_KEY=SECRET)
    for path in ("/styleguide", "/mailbox", "/mailbox/x.eml", "/mailbox/x.eml/html"):
        answer = house.test_client().get(path, base_url="https://movilab.example")
        assert answer.status_code == 404, path
