"""Street addresses from a real server on this machine: one that answers, is slow, drips, talks nonsense, is away."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from flask import Flask
from sqlalchemy import text as sql

from app.core.db import db
from app.geo import addresses, choosing
from app.geo.addresses import Address, Service

STREET = "3 rue Faventines, 26000 Valence"


def feature(label: Any, lon: Any, lat: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"label": label, "type": "housenumber", **properties},
    }


def as_ban_does(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


class Ban:
    """The server: `answer` is given each request's handler; what was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self.well
        ban = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                ban.paths.append(parts.path)
                ban.asked.append(parse_qs(parts.query)["q"][0])
                ban.answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Who asked has gone away."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/geocodage"
        self.body = as_ban_does(feature("3 Rue Faventines 26000 Valence", 4.9012, 44.9312, citycode="26362"))

    def well(self, handler: BaseHTTPRequestHandler) -> None:
        self.say(handler, self.body)

    def say(self, handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def ban() -> Iterator[Ban]:
    made = Ban()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "PATIENCE_S", 0.4)
    addresses._geocoder.cache_clear()


def test_a_street_is_found(ban: Ban) -> None:
    assert Service(ban.url).find(STREET) == [
        Address("3 Rue Faventines 26000 Valence", 44.9312, 4.9012, "26362")
    ]
    assert ban.asked == [STREET]
    assert ban.paths[0].rstrip("/") == "/geocodage/search"


def test_the_same_question_is_asked_once(ban: Ban, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(ban.url)
    assert service.find(STREET) == service.find(f"  {STREET.upper()} ")
    assert len(ban.asked) == 1
    monkeypatch.setattr(addresses, "REMEMBERED_S", 0.0)
    service.find(STREET)
    assert len(ban.asked) == 2


def test_little_is_remembered(ban: Ban, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_REMEMBERED", 3)
    service = Service(ban.url)
    for number in range(8):
        service.find(f"{number} rue Haute")
    assert len(service._remembered) <= 3


def test_it_is_not_asked_without_end(ban: Ban, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_A_MINUTE", 4)
    service = Service(ban.url)
    found = [service.find(f"{number} rue Haute") for number in range(10)]
    assert len(ban.asked) == 4
    assert found[3]
    assert not found[4]


@pytest.mark.parametrize("typed", ["", " ", "ab", "\0\0", "…"])
def test_it_is_not_asked_for_nothing(ban: Ban, typed: str) -> None:
    assert Service(ban.url).find(typed) == []
    assert ban.asked == []


def test_long_questions_are_cut(ban: Ban) -> None:
    Service(ban.url).find("rue " * 200)
    assert len(ban.asked[0]) <= addresses.LONGEST


def test_a_slow_one_is_not_waited_for_and_then_left_alone(ban: Ban, impatient: None) -> None:
    ban.answer = lambda handler: time.sleep(3)
    service = Service(ban.url)
    began = time.monotonic()
    assert service.find(STREET) == []
    assert time.monotonic() - began < 2
    began = time.monotonic()
    assert service.find("another street") == []
    assert time.monotonic() - began < 0.1
    assert len(ban.asked) == 1


def test_one_that_drips_is_not_waited_for(ban: Ban, impatient: None) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b"{")
            handler.wfile.flush()
            time.sleep(0.1)

    ban.answer = drip
    began = time.monotonic()
    assert Service(ban.url).find(STREET) == []
    assert time.monotonic() - began < 2


def test_it_is_asked_again_after_a_while(ban: Ban, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(ban.url)
    ban.answer = lambda handler: ban.say(handler, b"{}", status=503)
    assert service.find(STREET) == []
    ban.answer = ban.well
    assert service.find(STREET) == []
    service._left_alone_until = 0.0
    assert len(service.find(STREET)) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_refusals_are_no_answer(ban: Ban, status: int) -> None:
    ban.answer = lambda handler: ban.say(handler, b"no", status=status)
    assert Service(ban.url).find(STREET) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"42", b"<html>maintenance</html>", b'"text"', b"\xff\xfe\x00", b"{" * 100_000,
        b"[" * 1_000_000, b"{}", b'{"features": null}', b'{"features": 3}', b'{"features": [null]}',
        b'{"features": [{"geometry": {"coordinates": []}}]}',
        as_ban_does(feature("x", "east", "north")), as_ban_does(feature("x", None, None)),
        as_ban_does(feature("x", float("nan"), 45.0)), as_ban_does(feature("x", 4.9, 450.0)),
        as_ban_does(feature("", 4.9, 45.0)), as_ban_does(feature("\0", 4.9, 45.0)),
    ],
)  # fmt: skip
def test_nonsense_is_no_answer(ban: Ban, body: bytes) -> None:
    ban.body = body
    assert Service(ban.url).find(STREET) == []


def test_what_makes_sense_of_an_answer_is_cleaned(ban: Ban) -> None:
    ban.body = as_ban_does(
        feature("<b>3</b>\n rue\u202e Haute " + "x" * 400, 4.9, 44.9, citycode=["26362"]),
        *(feature(f"{n} rue Haute", 4.9, 44.9, citycode="26362") for n in range(20)),
    )
    found = Service(ban.url).find(STREET)
    assert len(found) == addresses.MOST
    assert found[0].label.startswith("<b>3</b> rue Haute xx")
    assert len(found[0].label) <= addresses.LONGEST
    assert found[0].commune == ""


def test_without_a_network_nothing_is_lost(impatient: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert Service(f"http://127.0.0.1:{port}/geocodage").find(STREET) == []
    assert Service("http://name.that.is.nowhere.invalid/geocodage").find(STREET) == []


def test_what_was_typed_is_in_no_log(
    ban: Ban, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        Service(ban.url).find(STREET)
        ban.answer = lambda handler: ban.say(handler, b"no", status=500)
        Service(ban.url).find(STREET)
    assert "geocoder away" in {line["event"] for line in lines}
    written = str(lines) + caplog.text + "".join(capfd.readouterr())
    assert "Faventines" not in written


# -- and the gazetteer beside it --------------------------------------------------------------------------


@pytest.fixture
def asked(app: Flask, ban: Ban) -> Iterator[Ban]:
    addresses.use(ban.url)
    yield ban
    addresses.use(None)


def test_places_are_found_without_asking_anybody(asked: Ban) -> None:
    (first, *_) = choosing.asked_for("Saillans").found
    assert (first.name, first.detail, first.code, first.approximate) == (
        "Saillans",
        "26340, Drôme",
        "26289",
        False,
    )
    assert choosing.while_typing(STREET).found == []
    assert asked.asked == []


def test_a_street_comes_from_the_network_outside_any_transaction(asked: Ban) -> None:
    db.session.execute(sql("SELECT 1"))
    pending: list[bool] = []

    def look(handler: BaseHTTPRequestHandler) -> None:
        pending.append(session.in_transaction())
        asked.well(handler)

    session, asked.answer = db.session(), look
    (spot,) = choosing.asked_for(STREET).found
    assert (spot.name, spot.lat, spot.lon, spot.code) == (
        "3 Rue Faventines 26000 Valence", 44.9312, 4.9012, "26362",
    )  # fmt: skip
    assert pending == [False]


def test_when_it_fails_the_gazetteers_answer_stands(asked: Ban) -> None:
    asked.answer = lambda handler: asked.say(handler, b"no", status=500)
    spots = choosing.asked_for(STREET)
    assert spots.instead
    assert [spot.name for spot in spots.found] == ["Valence"]
    assert choosing.asked_for("zzz zzz").found == []


@pytest.mark.parametrize("typed", ["", None, "a" * 300, "%_%", "\0", "'; DROP TABLE area; --", "🏠" * 50])
def test_whatever_is_typed_is_answered(asked: Ban, typed: str | None) -> None:
    asked.body = as_ban_does()
    assert choosing.asked_for(typed).found == []
