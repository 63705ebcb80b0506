"""Nobody learns who has an account: known and unknown addresses get the same answer, for the same work."""

import re
from typing import Any

import argon2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.services import hashed_password
from tests import factories
from tests.security.town import PASSWORD

UNKNOWN = "personne@example.org"


@pytest.fixture
def people(app: Flask) -> dict[str, str]:
    """E-mails: with a password, without one (made at the counter), not confirmed, and of nobody."""
    return {
        "known": str(factories.resident("Anna B.", password_hash=hashed_password(PASSWORD)).email),
        "no password": str(factories.resident("Odette C.").email),
        "not confirmed": str(
            factories.resident("Paul D.", confirmed=False, password_hash=hashed_password(PASSWORD)).email
        ),
        "unknown": UNKNOWN,
    }


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time a password is hashed or compared, which is what takes time."""
    done: list[str] = []

    def counted(name: str) -> Any:
        real = getattr(argon2.PasswordHasher, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return real(*args, **kwargs)

        return call

    for name in ("hash", "verify"):
        monkeypatch.setattr(argon2.PasswordHasher, name, counted(name))
    return done


def seen(client: FlaskClient, path: str, email: str, **typed: str) -> tuple[int, str | None, str]:
    """Status, way on and page, without what differs by itself: the token against forgery and what was typed."""
    answer = client.post(path, data={"email": email, **typed})
    page = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*|(X-CSRFToken": ")[^"]*', "", answer.text)
    return answer.status_code, answer.headers.get("Location"), page.replace(email, "")


FORMS = {
    "/log-in": {"password": "pas-le-bon-mot-de-passe"},
    "/forgot-password": {},
    "/sign-up": {"name": "Maya", "password": "un-long-mot-de-passe-neuf", "adult": "y"},
}


@pytest.mark.parametrize("path", FORMS)
def test_pages_answer_the_same(app: Flask, people: dict[str, str], hashes: list[str], path: str) -> None:
    answers, work = {}, {}
    for who, email in people.items():
        browser = app.test_client()
        browser.get(path)
        hashes.clear()
        answers[who] = seen(browser, path, email, **FORMS[path])
        work[who] = list(hashes)
    assert len(set(answers.values())) == 1, answers
    assert len({tuple(done) for done in work.values()}) == 1, work


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/tokens", {"password": "pas-le-bon-mot-de-passe"}),
        ("/api/v1/accounts", {"name": "Maya", "password": "un-long-mot-de-passe-neuf"}),
    ],
)
def test_programs_are_answered_the_same(
    app: Flask, people: dict[str, str], hashes: list[str], path: str, body: dict[str, str]
) -> None:
    answers, work = {}, {}
    for who, email in people.items():
        hashes.clear()
        answer = app.test_client().post(path, json={"email": email, **body})
        answers[who] = (answer.status_code, answer.text)
        work[who] = list(hashes)
    assert len(set(answers.values())) == 1, answers
    assert len({tuple(done) for done in work.values()}) == 1, work


def test_a_card_says_nothing_to_who_finds_it(app: Flask, client: FlaskClient) -> None:
    """The same page for the card of somebody and for a code of the same form that nobody has."""
    who = factories.resident("Anna B.")
    finder = factories.log_in(app.test_client(), factories.resident())
    other = factories.resident("Basil C.")
    cards = [who.code, other.code]
    for browser in (client, finder):
        pages = {
            re.sub(
                r'(name="csrf_token"[^>]*value=")[^"]*|(X-CSRFToken": ")[^"]*',
                "",
                browser.get(f"/c/{code}").text,
            ).replace(code, "")
            for code in cards
        }
        assert len(pages) == 1
        assert "Anna" not in pages.pop()
