"""Many clients at one moment, each with a connection of its own, against real gunicorn processes."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.harness.web import WebServer

T = TypeVar("T")
PATIENCE_S = 60.0


class Dropped(Exception):
    """The connection broke before the whole answer was there: nobody knows whether it was done."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw) if self.raw else None

    @property
    def code(self) -> str | None:
        """The machine word of a problem."""
        return (
            str(self.body["code"]) if self.headers.get("content-type") == "application/problem+json" else None
        )

    def __str__(self) -> str:
        return f"{self.status} {self.raw[:400]!r}"


@dataclass(frozen=True)
class Call:
    """One request of a program."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def post(path: str, body: Any = None, *, headers: Mapping[str, str]) -> Call:
    return Call("POST", f"/api/v1{path}", headers, {} if body is None else body)


def ask(server: WebServer, call: Call) -> Answer:
    """Send one request and wait for the whole answer; `Dropped` when the server went away meanwhile."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    headers = {**call.headers, "Connection": "close"}
    payload = None
    if call.body is not None:
        payload = json.dumps(call.body).encode()
        headers["Content-Type"] = "application/json"
    try:
        line.request(call.method, call.path, payload, headers)
        answer = line.getresponse()
        raw = answer.read()
    except TimeoutError as error:
        raise AssertionError(f"no answer within {PATIENCE_S} s: {call.method} {call.path}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Dropped(type(error).__name__) from error
    finally:
        line.close()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, raw)


def all_at_once(server: WebServer, calls: Sequence[Call]) -> list[Answer]:
    """Every call from a client of its own, let go at the same moment; answers in the order of the calls."""
    return at_once([lambda call=call: ask(server, call) for call in calls])  # type: ignore[misc]


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Each work in a thread of its own, let go together; the first error is raised here."""
    gate = threading.Barrier(len(works))
    done: list[Any] = [None] * len(works)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            done[number] = works[number]()
        except BaseException as error:  # noqa: BLE001 -- it is raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return done


def statuses(answers: Sequence[Answer]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def codes(answers: Sequence[Answer]) -> dict[str | None, int]:
    return dict(Counter(answer.code for answer in answers if answer.status >= 400))


def none_failed(answers: Sequence[Answer]) -> None:
    """No 5xx among them; the first one is shown."""
    bad = [str(answer) for answer in answers if answer.status >= 500]
    assert bad == [], bad[:3]
