"""What others never see, on any page, in any answer, in any line of the log: e-mail, home, keys, links, words."""

import json
import re
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from flask import Flask

from app.accounts.models import Resident
from app.accounts.services import hashed_password
from app.core.db import db
from tests import factories
from tests.harness.web import WebServer
from tests.security.addresses import ALL
from tests.security.town import PASSWORD, Town, ask, everything

READ = [one for one in ALL if one.method == "GET" and not one.endpoint.startswith("notifications.mailbox")]
"""The mailbox is the demo's own, where every mail is made up."""


def secrets_of(town: Town) -> dict[str, set[str]]:
    """For each person what only she may read: her address, and her home as it is stored."""
    found = {}
    for person, resident_id in town.ids.items():
        who = db.session.get_one(Resident, resident_id)
        found[person] = {str(who.email)}
        if who.home_lat is not None and who.home_lon is not None:
            found[person] |= {f"{who.home_lat:.4f}"[:-1], f"{who.home_lon:.4f}"[:-1]}
    return found


def test_no_answer_tells_anothers_address_or_home(town: Town) -> None:
    """Every page and every call, for everybody who may open it."""
    secrets = secrets_of(town)
    wrong = []
    for address in READ:
        for person in sorted(address.who):
            text = ask(town, address, person).data.decode(errors="replace")  # a PDF is no text
            others = {one: words for one, words in secrets.items() if one != person}
            wrong += [
                f"{address} tells {person} the {word} of {other}"
                for other, words in others.items()
                for word in words
                if word in text
            ]
    assert wrong == []


def test_acts_answered_to_others_tell_neither(town: Town) -> None:
    """What the counter and the loan's page answer to a post."""
    secrets = secrets_of(town)["resident"]
    for address in ALL:
        if address.method != "GET" and "volunteer" in address.who:
            text = ask(town, address, "volunteer").text
            assert not [word for word in secrets if word in text], address


def test_a_profile_is_the_same_for_everybody(town: Town) -> None:
    calls = [one for one in ALL if one.endpoint == "accounts_api.user"]
    for call in calls:
        answers = {ask(town, call, person).text for person in ("stranger", "far_resident", "volunteer")}
        assert len(answers) == 1


def test_keys_are_shown_once_and_kept_as_hashes(town: Town) -> None:
    browser = town.browser("owner")
    page = browser.post("/account/tokens", data={"name": "Agenda", "days": "90"}).text
    keys = {word for word in re.findall(r"[\w-]{43}", page) if _opens(town.app, word)}
    assert len(keys) == 1
    key = keys.pop()
    assert key not in browser.get("/account/tokens").text
    stored = [str(value) for table in everything().values() for row in table for value in row]
    assert not [value for value in stored if key in value]


def _opens(app: Flask, key: str) -> bool:
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code == 200


def test_the_log_tells_nothing_of_anybody(app: Flask, gunicorn_server: Callable[..., WebServer]) -> None:
    """A real server at its most talkative, through a day in somebody's life."""
    hub = factories.hub()
    who = factories.verified_member(hub, "Anna B.", password_hash=hashed_password(PASSWORD))
    owner = factories.verified_member(hub, "Basil C.")
    loan = factories.loan(factories.item("Échelle", owner=owner), who, status="requested")
    email, code, loan_id, item_id = str(who.email), who.code, loan.id, loan.item_id
    server = gunicorn_server(workers=1, MOVILAB_LOG_LEVEL="DEBUG", MOVILAB_ENV="demo")
    told_words = {
        "her address": email,
        "an address that was tried": "inconnue@example.org",
        "her password": PASSWORD,
        "a wrong password": "un-mot-de-passe-faux",
        "her words": "Rendez-vous chez moi, 12 rue des Lilas",
        "where she is": "44.123",
        "where she lives": "44.987",
        "her card": code,
        "a link": "AbCdEfGhIjKlMnOp",
        "what she looks for": "fauteuil-roulant",
    }
    browser = Visitor(server.url)
    browser.post("/log-in", email="inconnue@example.org", password="un-mot-de-passe-faux")
    browser.post("/log-in", email=email, password="un-mot-de-passe-faux")
    browser.post("/sign-up", name="Anna", email=email, password=PASSWORD, adult="y")
    browser.post("/forgot-password", email=email)
    browser.get("/confirm?token=AbCdEfGhIjKlMnOp")
    browser.get("/reset-password?token=AbCdEfGhIjKlMnOp")
    browser.post("/log-in", email=email, password=PASSWORD)
    browser.get("/items?q=fauteuil-roulant&near=44.123,5.123")
    browser.get(f"/c/{code}")
    browser.post("/account/home", lat="44.987", lon="5.987")
    browser.post(f"/loans/{loan_id}/messages", text="Rendez-vous chez moi, 12 rue des Lilas")
    browser.post("/account/password", old_password="un-mot-de-passe-faux", password=PASSWORD)
    browser.get(f"/items/{item_id}")
    browser.call("/api/v1/tokens", {"email": email, "password": PASSWORD, "unknown": email})
    key = browser.call("/api/v1/tokens", {"email": email, "password": PASSWORD}).get("token", "")
    assert key
    told_words["her key"] = key
    told_words["her cookie"] = browser.cookie()
    assert "/loans" in browser.get("/loans")
    time.sleep(0.2)
    server.stop()
    log = server.said()
    assert log.count('"event": "request"') > 12
    assert {what for what, word in told_words.items() if word in log} == set()


class Visitor:
    """A browser of the real server, with its cookies and the tokens of its pages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        return self._open(Request(self.url + path))

    def post(self, path: str, **typed: str) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/hubs"))
        assert token is not None
        body = urlencode({**typed, "csrf_token": token[1]}).encode()
        return self._open(Request(self.url + path, data=body))

    def call(self, path: str, body: dict[str, str]) -> dict[str, str]:
        asked = Request(
            self.url + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
        )
        answer: dict[str, str] = json.loads(self._open(asked))
        return answer

    def cookie(self) -> str:
        return str(next(one.value for one in self.jar if one.name == "movilab"))

    def _open(self, asked: Request) -> str:
        try:
            with self.opener.open(asked, timeout=30) as answer:
                return str(answer.read().decode())
        except HTTPError as refused:
            return refused.read().decode()
