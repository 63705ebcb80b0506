"""The list of what one was told, and the demo's mailbox."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock as house_clock
from app.core.db import db, transaction
from app.notifications import jobs, services
from app.notifications.models import Notification
from app.notifications.rules import Telling
from app.notifications.senders import file_name
from tests.factories import log_in, resident


def tell(who: Any, number: int = 1, kind: str = "unknown.kind", **params: Any) -> None:
    now = house_clock.now()
    with transaction():
        services.tell_many(
            [
                Telling(who.id, kind, params, f"/loans/{n}", f"{kind}:{who.id}:{n}", urgent=True)
                for n in range(number)
            ],
            now=now,
        )


def unread(who: Any) -> int:
    db.session.rollback()
    query = select(func.count()).where(Notification.resident_id == who.id, Notification.read_at.is_(None))
    return db.session.scalar(query) or 0


def test_an_empty_list_says_what_will_stand_here(client):
    page = log_in(client, resident()).get("/notifications")
    assert page.status_code == 200
    assert "Rien de neuf" in page.text


def test_lines_come_page_by_page_each_once(client):
    anna = resident()
    tell(anna, 45)
    browser = log_in(client, anna)
    opened, address = [], "/notifications"
    for _ in range(3):
        page = browser.get(address).text
        opened += re.findall(r'action="/notifications/(\d+)"', page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        address = onward.group(1) if onward else ""
    assert len(opened) == len(set(opened)) == 45
    assert address == ""


def test_a_forged_cursor_is_refused(client):
    assert log_in(client, resident()).get("/notifications?cursor=abc").status_code == 400


def test_a_page_costs_few_statements_whatever_it_shows(client, query_count):
    anna = resident()
    tell(anna, 60)
    browser = log_in(client, anna)
    with query_count() as statements:
        browser.get("/notifications")
    assert len(statements) <= 3


def test_opening_one_marks_it_and_goes_on(client):
    anna = resident()
    tell(anna, 2)
    first = db.session.scalars(select(Notification).order_by(Notification.id)).first()
    assert first is not None
    browser = log_in(client, anna)
    answer = browser.post(f"/notifications/{first.id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/loans/0")
    assert unread(anna) == 1


def test_nobody_opens_what_another_was_told(client):
    anna, eve = resident(), resident()
    tell(anna)
    line = db.session.scalars(select(Notification.id)).one()
    assert log_in(client, eve).post(f"/notifications/{line}").status_code == 404
    assert unread(anna) == 1


def test_marking_all_leaves_what_came_meanwhile(client):
    anna, eve = resident(), resident()
    tell(anna, 3)
    tell(eve)
    newest = db.session.scalar(select(func.max(Notification.id)).where(Notification.resident_id == anna.id))
    tell(anna, kind="later.kind")
    browser = log_in(client, anna)
    assert browser.post("/notifications/read", data={"up_to": newest}).status_code == 302
    assert (unread(anna), unread(eve)) == (1, 1)


@pytest.mark.parametrize("up_to", ["", "abc", "-5", "9" * 30, "9" * 5000, "1.5", "\u0664"])
def test_odd_numbers_break_nothing(client, up_to):
    anna = resident()
    tell(anna)
    assert log_in(client, anna).post("/notifications/read", data={"up_to": up_to}).status_code == 302


def test_a_line_without_its_parameters_is_still_a_line(client):
    anna = resident()
    tell(anna, kind="lending.due_soon")
    page = log_in(client, anna).get("/notifications")
    assert page.status_code == 200
    assert "Il y a du nouveau pour vous." in page.text


def test_html_in_what_is_told_is_only_text(client):
    anna = resident()
    tell(anna, kind="hubs.verified", hub="<script>alert(1)</script>")
    page = log_in(client, anna).get("/notifications").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.fixture
def demo(app: Flask, app_with: Callable[..., Flask]) -> FlaskClient:
    """A visitor of a demo on this database."""
    return app_with(MOVILAB_ENV="demo").test_client()


def test_the_mailbox_is_in_a_demo_only(client, demo):
    assert client.get("/mailbox").status_code == 404
    assert client.get("/mailbox/x.eml").status_code == 404
    assert client.get("/mailbox/x.eml/html").status_code == 404
    assert demo.get("/mailbox").status_code == 200


def test_a_demo_reads_its_mail(demo):
    anna = resident("Anna")
    tell(anna)
    jobs.send_mail(now=house_clock.now())
    name = file_name(f"unknown.kind:{anna.id}:0")
    assert f"/mailbox/{name}" in demo.get("/mailbox").text
    page = demo.get(f"/mailbox/{name}")
    assert page.status_code == 200
    assert 'href="http://127.0.0.1:8000/loans/0"' in page.text
    frame = demo.get(f"/mailbox/{name}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy + page.text
    assert "Bonjour Anna" in frame.text


@pytest.mark.parametrize(
    "name",
    [
        "../movilab.sqlite3",
        "..%2F..%2Fsecret_key",
        ".hidden.eml",
        "x.txt",
        "x.eml",
        "a" * 300 + ".eml",
        "é.eml",
    ],
)
def test_the_mailbox_opens_nothing_but_mail(demo, name):
    assert demo.get(f"/mailbox/{name}").status_code == 404


def test_the_newest_mail_comes_first(demo, clock):
    anna = resident()
    for n in range(3):
        with transaction():
            services.tell(
                resident_id=anna.id, kind="unknown.kind", params={}, path="/", key=f"k:{n}",
                now=house_clock.now(), urgent=True,
            )  # fmt: skip
        jobs.send_mail(now=house_clock.now() + timedelta(seconds=1))
        clock.forward(minutes=1)
    page = demo.get("/mailbox").text
    assert page.count("/mailbox/k-") == 3


def test_the_button_of_a_mail_leaves_its_frame(
    app: Flask, pages: Any, gunicorn_server: Callable[..., Any]
) -> None:
    """The frame is sandboxed, and still the link in it opens in the whole window."""
    server = gunicorn_server(workers=1, MOVILAB_ENV="demo")
    anna = resident(email_confirmed_at=None)
    with transaction():
        services.mail(
            resident_id=anna.id, kind="accounts.password_changed", path="/forgot-password", key="k:1",
            now=house_clock.now(),
        )  # fmt: skip
    config = app.extensions["movilab.config"]
    jobs.send_mail(now=house_clock.now())
    place = config.folder / "mail" / file_name("k:1")
    place.write_bytes(place.read_bytes().replace(b"http://127.0.0.1:8000", server.url.encode()))
    page = pages.open(server.url)
    page.goto(f"{server.url}/mailbox/{place.name}")
    page.frame_locator("iframe").locator("a.act").click()
    page.wait_for_url("**/forgot-password")
