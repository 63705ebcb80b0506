"""Guessing passwords is slowed down for who guesses, and for nobody else."""

import http.client
import json
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.accounts import services
from app.core.ratelimit import COUNTED_READS
from config import PROJECT_ROOT
from tests import factories


def log_in(server: Any, email: str, password: str, *, source: str = "127.0.0.1") -> tuple[int, str | None]:
    asking = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(source, 0))
    try:
        asking.request(
            "POST",
            "/api/v1/tokens",
            json.dumps({"email": email, "password": password}),
            {"Content-Type": "application/json"},
        )
        answer = asking.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]
    finally:
        asking.close()


def test_guessing_stops_the_guesser_alone(app: Flask, gunicorn_server: Callable[..., Any]) -> None:
    right = "correct horse battery"
    for name in ("anna", "ben"):
        factories.resident(email=f"{name}@example.org", password_hash=services.hashed_password(right))
    server = gunicorn_server(workers=1, MOVILAB_RATE_LIMITS="on")
    answers = [log_in(server, "anna@example.org", "faux") for _time in range(11)]
    assert [status for status, _wait in answers] == [401] * 10 + [429]
    assert int(answers[-1][1] or 0) > 0
    assert log_in(server, "ANNA@example.org ", right)[0] == 429, "the same account, however it is spelled"
    assert log_in(server, "ben@example.org", right)[0] == 201, "a neighbour behind the same address"
    assert log_in(server, "anna@example.org", right, source="127.0.0.2")[0] == 201, "its owner, elsewhere"


def test_no_limit_is_set_where_none_would_hold() -> None:
    """Who only reads is not counted (`core/ratelimit.py`), but for what it names: a limit stands on what is posted."""
    counted = tuple(f"def {endpoint.partition('.')[2]}(" for endpoint in COUNTED_READS)
    found = 0
    for file in sorted((PROJECT_ROOT / "app").rglob("*.py")):
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            if line.startswith("@limiter.limit("):
                found += 1
                above = "\n".join(lines[max(0, number - 5) : number])
                below = "\n".join(lines[number : number + 5])
                reads = any(one in below for one in counted)
                assert reads or 'methods=["POST"]' in line or ".post(" in above, f"{file}:{number + 1}"
    assert found > 5
