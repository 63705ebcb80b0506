"""One's calendar for other programs: what is on it, who may read it, and that nobody else learns the link."""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.core import ics
from app.core.db import db
from app.core.tokens import fingerprint
from app.home.calendar.models import CalendarLink
from tests import factories
from tests.harness.web import WebServer

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)


def events(client: FlaskClient, token: str) -> dict[str, Any]:
    """What a calendar program reads, by its name."""
    answer = client.get(f"/calendar/{token}.ics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, ics.CONTENT_TYPE)
    assert answer.headers["Cache-Control"] == "no-store"
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.get_data()).walk("VEVENT")}


def made_link(browser: FlaskClient) -> str:
    """The token that the page shows once."""
    page = browser.post("/calendar")
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="http://127\.0\.0\.1:\d+/calendar/([\w-]{43})\.ics"', page.text)
    assert found is not None
    return found[1]


def test_what_one_fetches_and_brings_back_is_on_it(app: Flask, client: FlaskClient, clock: Any) -> None:
    hub, basil = factories.hub("Maison des Tilleuls"), factories.resident("Basil C.")
    anna = factories.verified_member(hub, "Anna B.")
    drill, ladder = (
        factories.item("Perceuse ; 18 V, à colonne", hub=hub),
        factories.item("Échelle", owner=basil),
    )
    first, due = TODAY + timedelta(days=2), TODAY + timedelta(days=5)
    reserved = factories.loan(drill, anna, first_day=first, due=due)
    asked = factories.loan(ladder, anna, status="requested", first_day=first, due=due)
    long_ago = TODAY - timedelta(days=100)
    factories.loan(drill, anna, status="returned", first_day=long_ago, due=long_ago + timedelta(days=3))
    hers = events(client, factories.calendar_link(anna))
    host = "@127.0.0.1"
    assert set(hers) == {
        f"loan-{loan.id}-{what}{host}" for loan in (reserved, asked) for what in ("out", "back")
    }
    out = hers[f"loan-{reserved.id}-out{host}"]
    assert str(out["summary"]).replace("\xa0", " ") == "À prendre : Perceuse ; 18 V, à colonne"
    assert out.start == datetime(2026, 11, 27, 9, tzinfo=PARIS)
    assert out.end == datetime(2026, 11, 27, 19, tzinfo=PARIS)
    assert str(out["url"]).endswith(f"/loans/{reserved.id}")
    back = hers[f"loan-{asked.id}-back{host}"]
    assert (back.start, back["status"]) == (due, "TENTATIVE")
    his = events(client, factories.calendar_link(basil))
    assert {str(one["summary"]).replace("\xa0", " ") for one in his.values()} == {
        "Part : Échelle",
        "Revient : Échelle",
    }


def test_it_says_no_address(app: Flask, client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("Maison des Tilleuls", address="7 rue des Lilas")
    anna = factories.verified_member(hub)
    factories.loan(factories.item(hub=hub), anna)
    text = client.get(f"/calendar/{factories.calendar_link(anna)}.ics").text
    assert "Maison des Tilleuls" in text
    assert "Lilas" not in text


def test_the_same_instants_across_both_clock_changes() -> None:
    """Ten in the morning stays ten in the morning, before and after."""
    for first in (date(2026, 10, 22), date(2027, 3, 25)):
        days = [first + timedelta(days=away) for away in range(7)]
        told = [
            ics.Happening(f"d{at}@x", "Ronde", datetime(day.year, day.month, day.day, 10, tzinfo=PARIS),
                          datetime(day.year, day.month, day.day, 12, tzinfo=PARIS))
            for at, day in enumerate(days)
        ]  # fmt: skip
        read = Calendar.from_ical(ics.calendar(told, now=datetime(2026, 10, 1, tzinfo=UTC))).walk("VEVENT")
        assert [(one.start, one.end) for one in read] == [(one.starts, one.ends) for one in told]
        assert {one.start.astimezone(PARIS).hour for one in read} == {10}


def test_a_calendar_is_read_as_it_was_said() -> None:
    """Whatever stands in a title is text, and nothing ends its line."""
    title = "Vis ; clous, \\ et «\u2028» \x07" + "é" * 90
    whole = ics.calendar(
        [ics.Happening("a@x", title, TODAY, TODAY, words="Une\r\nEND:VEVENT\rfin")],
        now=datetime(2026, 11, 25, tzinfo=UTC),
        name="MoviLab",
    )
    assert all(len(line) <= 75 for line in whole.encode().split(b"\r\n"))
    calendar = Calendar.from_ical(whole)
    (event,) = calendar.walk("VEVENT")
    assert str(event["summary"]) == title.replace("\x07", "")
    assert str(event["description"]) == "Une\nEND:VEVENT\nfin"
    assert (event.start, event.end) == (TODAY, TODAY + timedelta(days=1))
    assert calendar["refresh-interval"].dt == ics.READ_AGAIN


def test_a_new_link_ends_the_old_one_at_once(app: Flask, client: FlaskClient) -> None:
    browser = factories.log_in(app.test_client(), factories.resident())
    first = made_link(browser)
    assert events(client, first) == {}
    assert first not in browser.get("/calendar").text, "it is shown once"
    second = made_link(browser)
    gone = client.get(f"/calendar/{first}.ics")
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    assert first not in gone.text, "what goes wrong does not repeat the address"
    assert events(client, second) == {}
    assert browser.post("/calendar/end").status_code == 302
    assert client.get(f"/calendar/{second}.ics").status_code == 404


def test_the_database_does_not_know_the_link(app: Flask) -> None:
    token = made_link(factories.log_in(app.test_client(), factories.resident()))
    kept = db.session.execute(select(CalendarLink.token_hash)).scalar_one()
    assert kept == fingerprint(token)


def test_a_page_of_statements(app: Flask, client: FlaskClient, query_count: Callable[[], Any]) -> None:
    hub = factories.hub()
    anna = factories.verified_member(hub)
    token = factories.calendar_link(anna)
    for _one in range(4):
        factories.loan(factories.item(hub=hub), anna)
    with query_count() as statements:
        assert len(events(client, token)) == 8
    assert len(statements) == 5


@pytest.mark.by_turns
@pytest.mark.parametrize("breaks", [False, True])
def test_no_log_tells_the_link(app: Flask, gunicorn_server: Callable[..., WebServer], breaks: bool) -> None:
    token = factories.calendar_link(factories.resident())
    server = gunicorn_server(workers=1, MOVILAB_LOG_LEVEL="DEBUG", MOVILAB_RATE_LIMITS="on")
    if breaks:
        with factories.transaction() as session:
            session.connection().exec_driver_sql("ALTER TABLE loan RENAME TO loan_away")
    try:
        answers = [_status(f"{server.url}/calendar/{token}.ics") for _time in range(3 if breaks else 121)]
    finally:
        if breaks:
            with factories.transaction() as session:
                session.connection().exec_driver_sql("ALTER TABLE loan_away RENAME TO loan")
    assert set(answers[:2]) == ({500} if breaks else {200})
    assert breaks or answers[-1] == 429
    _status(f"{server.url}/calendar/{token}x.ics")
    time.sleep(0.2)
    server.stop()
    log = server.said()
    assert "/calendar/<token>.ics" in log
    assert token not in log


def _status(address: str) -> int:
    try:
        with urlopen(address) as answer:
            return int(answer.status)
    except HTTPError as error:
        assert address.rpartition("/")[2] not in error.read().decode(), "an error repeats the address"
        return error.code
