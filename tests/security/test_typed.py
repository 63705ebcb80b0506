"""Anything can be typed into any field of any form: no mistake of ours, nothing runs, and nothing typed is lost.

The forms are found by walking the pages, so that a new one is in here the day it comes.
"""

import unicodedata
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import db
from tests.harness.sizes import FULL
from tests.security.addresses import ALL, path_of
from tests.security.forms import Form, forms_of
from tests.security.town import Town

NASTY = {
    "HTML": """<script>alert("x")</script><img src=x onerror=alert(1)>"'><b>""",
    "SQL": "'; DROP TABLE resident; --",
    "right to left": "\u202egnirts\u202c مثقاب كهربائي",
    "NUL": "avant\x00après",
    "emoji": "👩‍👩‍👧‍👦🛠️🏳️‍🌈 e\u0301",
    "5,000 signs": "é" * 5000,
    "header lines": "a@b.fr\r\nBcc: x@example.org\r\n\r\nbonjour",
    "templates": "%(name)s %s %d {0} {{ 7*7 }} ${7*7}",
    "a huge number": "9" * 400,
    "nothing but spaces": " \t\u00a0\u200b ",
    "other digits": "٢٠٢٦-١٢-٠٥",
    "a day that is none": "2026-02-30",
    "not a number": "-1e999",
}
ALONE = ("HTML", "NUL", "5,000 signs")
"""These are typed into one field at a time too, the others left as they were: into each field one of them, or all."""
FITS = 110
"""So many signs, each written as six, of each of a dozen words fit into the longest address that a server takes."""
WHO = ("stranger", "newcomer", "owner", "volunteer", "coordinator", "steward")
ENDS = {"/log-out", "/language"}
"""Forms without anything to type, or that would end the walk."""
SCANNERS = ("/counter",)
"""Fields that are empty again after each scan, on purpose."""


@pytest.fixture
def any_town(app: Flask) -> Town:
    """The town on each database: what one of them cannot store, the other may."""
    return Town(app)


def forms_to_fill(town: Town) -> Iterator[tuple[str, str, FlaskClient, Form]]:
    """Every form that can be posted, once for the first person who sees it."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for person in WHO:
        for address in ALL:
            if address.method != "GET" or address.kind != "page" or person not in address.who:
                continue
            path = path_of(town.app, address, town.names)
            browser = town.browser(person)
            page = browser.get(path)
            for form in forms_of(page.text, path):
                key = (form.action.split("?")[0], tuple(sorted(form.controls)))
                if form.method == "post" and key not in seen and form.action not in ENDS and form.typed():
                    seen.add(key)
                    yield person, path, browser, form


def sent(browser: FlaskClient, form: Form, values: dict[str, str]) -> TestResponse:
    return browser.post(form.action, data={**form.values(), **values})


def faults(answer: TestResponse, form: Form, values: dict[str, str]) -> list[str]:
    """What is wrong with the answer to these words."""
    text = answer.text
    found = []
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}")
    if "<script>alert" in text or "<img src=x" in text or "onerror=alert(1)>" in text:
        found.append("what was typed stands in the page as HTML")
    if "7*7" in "".join(values.values()) and ">49<" in text:
        found.append("what was typed was run as a template")
    if answer.status_code == 422 and not form.action.startswith(SCANNERS):
        found += lost(text, form, values)
    return found


def lost(text: str, form: Form, values: dict[str, str]) -> list[str]:
    """Fields of the refused form that do not show what was typed any more."""
    shown = [one for one in forms_of(text, form.action) if set(form.typed()) <= set(one.controls)]
    if not shown:
        return []  # what it was about is settled meanwhile, by an earlier word
    again = shown[0]
    return [
        f"{name} forgot what was typed"
        for name, typed in values.items()
        if form.controls[name].kind in ("text", "email", "textarea")  # no browser shows words in a number
        and plain(typed) not in plain(unescape(again.controls[name].value or ""))
    ]


def plain(text: str) -> str:
    """Without signs that are not seen, and that a page may drop."""
    text = unicodedata.normalize("NFC", text)
    return "".join(sign for sign in text if not unicodedata.category(sign).startswith(("C", "Z")))


def test_every_form_takes_anything(any_town: Town) -> None:
    wrong: list[str] = []
    count = 0
    turn = ("sqlite", "postgresql").index(db.engine.dialect.name)
    for number, (person, path, browser, form) in enumerate(list(forms_to_fill(any_town))):
        if not FULL and number % 2 != turn:
            continue  # in `make test` each form is filled on one of the two databases
        for at, (name, text) in enumerate(NASTY.items()):
            if not (FULL or name in ALONE or (at + number // 2) % 3 == 0):
                continue  # in `make test` the rest go round
            tries = [dict.fromkeys(form.typed(), text)]
            if name in ALONE and len(form.typed()) > 1:
                begin, step = (0, 1) if FULL else (ALONE.index(name), len(ALONE))
                tries += [{one: text} for one in form.typed()[begin::step]]
            for values in tries:
                count += 1
                found = faults(sent(browser, form, values), form, values)
                wrong += [
                    f"{person} {path} → {form.action} {sorted(values)} {name}: {fault}" for fault in found
                ]
    assert wrong == [], "\n".join(wrong[:40])
    assert count > (600 if FULL else 150)
    assert pages_stand(any_town) == []


def pages_stand(town: Town) -> list[str]:
    """After all that, every page opens, and shows what was typed as text."""
    wrong = []
    for person in WHO:
        browser = town.browser(person)
        for address in ALL:
            if address.method != "GET" or person not in address.who or address.kind in ("file", "redirect"):
                continue
            answer = browser.get(path_of(town.app, address, town.names))
            if answer.status_code >= 500 and address.endpoint != "operations.readyz":
                wrong.append(f"{person} {address}: {answer.status_code}")
            if address.kind == "page" and ("<script>alert" in answer.text or "<img src=x" in answer.text):
                wrong.append(f"{person} {address}: HTML that somebody typed")
    return wrong


@pytest.mark.parametrize(
    "raw", [b"name=%ff%fe&email=%ed%a0%80", b"name=\xff\xfe", b"%00=%00", b"name[]=1&name=2&name=3"]
)
def test_what_is_no_text_at_all(client: FlaskClient, raw: bytes) -> None:
    answer = client.post("/sign-up", data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 422)


def test_a_thousand_fields_too_many(client: FlaskClient) -> None:
    many = "&".join(f"x{number}=1" for number in range(5000))
    assert (
        client.post("/log-in", data=many, content_type="application/x-www-form-urlencoded").status_code < 500
    )
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n1\r\n' for number in range(2000)
    )
    answer = client.post("/log-in", data=f"{parts}--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


@pytest.mark.by_turns
@pytest.mark.parametrize("name", NASTY)
def test_every_query_takes_anything(any_town: Town, name: str) -> None:
    """Searches, filters and cursors of every page."""
    wrong = []
    for address in ALL:
        if address.method != "GET" or address.kind == "file":
            continue
        person = "coordinator" if "coordinator" in address.who else min(address.who)
        path = path_of(any_town.app, address, any_town.names).split("?")[0]
        words = (
            "q",
            "near",
            "kind",
            "category",
            "mode",
            "hub",
            "from",
            "to",
            "cursor",
            "status",
            "member",
            "token",
        )
        answer = any_town.browser(person).get(path, query_string=dict.fromkeys(words, NASTY[name][:FITS]))
        if answer.status_code >= 500 and address.endpoint != "operations.readyz":
            wrong.append(f"{address}: {answer.status_code}")
        if "<script>alert" in answer.text or "<img src=x" in answer.text:
            wrong.append(f"{address}: HTML from the query")
    assert wrong == []
