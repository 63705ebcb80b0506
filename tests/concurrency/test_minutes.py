"""Many promises, confirmations and payments at one moment on one account that together pass its limit: through processes
of their own and through HTTP, on each database. The limit holds, all accounts sum to zero, nobody is shown a fault."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.skills.ledger.audit import audit
from app.skills.ledger.models import TimeAccount, TimeReservation
from app.skills.ledger.rules import Party
from config import PROJECT_ROOT
from tests import factories
from tests.concurrency.crowd import all_at_once, codes, none_failed, post, statuses
from tests.harness.databases import Database
from tests.harness.sizes import FULL
from tests.harness.web import WebServer
from tests.skills.ledger.acts import account, pay, somebody

PROCESSES = 4 if FULL else 2
ACTS = 100 if FULL else 24
GIFTS = 100 if FULL else 30
PASS = 10
"""So many hours an account may go below zero."""

Act = dict[str, Any]


class Crowd:
    """Processes that wait for what to do."""

    def __init__(self, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.concurrency.minutes"]
        self.processes = [
            subprocess.Popen(
                command,
                cwd=PROJECT_ROOT,
                env=environ,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(PROCESSES)
        ]

    def do(self, acts: list[Act]) -> list[str]:
        """All at once, dealt out in turn; what became of each, in their order."""
        db.session.rollback()
        for number, process in enumerate(self.processes):
            self._say(process, json.dumps(acts[number::PROCESSES]))
        for process in self.processes:
            assert self._heard(process) == "ready"
        for process in self.processes:
            self._say(process, "")
        answers: list[str] = [""] * len(acts)
        for number, process in enumerate(self.processes):
            answers[number::PROCESSES] = json.loads(self._heard(process))
        return answers

    def stop(self) -> None:
        for process in self.processes:
            process.communicate("", timeout=20)

    def _say(self, process: "subprocess.Popen[str]", line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{line}\n")
        process.stdin.flush()

    def _heard(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


@pytest.fixture(scope="module")
def crowds() -> Iterator[dict[str, Crowd]]:
    come: dict[str, Crowd] = {}
    yield come
    for one in come.values():
        one.stop()


@pytest.fixture
def crowd(app: Flask, database: Database, crowds: dict[str, Crowd]) -> Crowd:
    """One for all tests of this file on each database: it takes longer to come than they do."""
    if database.kind not in crowds:
        crowds[database.kind] = Crowd(database.environ)
    return crowds[database.kind]


def _party(party: Party) -> dict[str, int]:
    return {"resident_id": party.resident_id} if party.resident_id else {"hub_id": party.hub_id or 0}


def _reserve(number: int, payer: Party, payee: Party, minutes: int = 60) -> Act:
    words = {"key": f"session:{number}", "payer": _party(payer), "payee": _party(payee), "minutes": minutes}
    return {"act": "reserve", "words": words}


def _settle(number: int, minutes: int = 60) -> Act:
    return {"act": "settle", "words": {"key": f"session:{number}", "minutes": minutes, "kind": "session"}}


def _pay(number: int, payer: Party, payee: Party, minutes: int = 60) -> Act:
    words = {
        "key": f"workshop:{number}", "payer": _party(payer), "payee": _party(payee), "minutes": minutes,
        "kind": "workshop", "actor_id": None,
    }  # fmt: skip
    return {"act": "pay", "words": words}


def _holds() -> None:
    db.session.rollback()
    assert audit().faults == []
    assert db.session.scalar(select(func.sum(TimeAccount.balance))) == 0


def test_promises_confirmations_and_payments_that_together_pass_the_limit(app: Flask, crowd: Crowd) -> None:
    anna = somebody()
    helped = somebody()
    pay(helped, anna, 60, "session:900", "session")  # no newcomer any more
    pay(anna, helped, 60, "session:901", "session")
    givers = [somebody() for _ in range(ACTS)]

    promised = crowd.do([_reserve(number, anna, giver) for number, giver in enumerate(givers)])
    assert Counter(promised) == {"done": PASS, "ledger.limit_reached": ACTS - PASS}
    assert (account(anna).balance, account(anna).going_out) == (0, PASS * 60)
    _holds()

    # Both sides of each confirm at once, half of them in fewer minutes; others would be paid meanwhile.
    held = [number for number, answer in enumerate(promised) if answer == "done"]
    acts = [_settle(number) for number in held for _ in range(2)]
    acts += [_pay(number, anna, giver) for number, giver in enumerate(givers[: ACTS - 2 * PASS])]
    settled = crowd.do(acts)
    assert settled[: 2 * PASS] == ["done"] * 2 * PASS, "what was promised always passes"
    assert set(settled[2 * PASS :]) <= {"ledger.limit_reached"}
    assert (account(anna).balance, account(anna).going_out) == (-PASS * 60, 0)
    assert db.session.scalar(select(func.count()).select_from(TimeReservation)) == 0
    _holds()


def test_minutes_that_go_to_and_fro_between_the_same_accounts(app: Flask, crowd: Crowd) -> None:
    """Each act holds two accounts, in whatever order it names them: nobody waits for ever, nobody is sent away."""
    people = [somebody() for _ in range(3)]
    for number, one in enumerate(people):  # none is a newcomer
        pay(people[number - 1], one, 120, f"session:{900 + number}", "session")
    pairs = [(one, other) for one in people for other in people if one != other]
    acts = [_pay(number, *pairs[number % len(pairs)], 5) for number in range(ACTS)]
    assert Counter(crowd.do(acts)) == {"done": ACTS}
    _holds()


def test_accounts_that_are_opened_by_many_at_once(app: Flask, crowd: Crowd) -> None:
    one, other = somebody(), somebody()
    acts = [_pay(number, *((one, other) if number % 2 else (other, one)), 1) for number in range(ACTS)]
    assert Counter(crowd.do(acts)) == {"done": ACTS}
    assert db.session.scalar(select(func.count()).select_from(TimeAccount)) == 2
    _holds()


def test_no_more_hours_are_given_than_one_has(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    anna = factories.resident()
    pay(Party(hub_id=hub.id), Party(anna.id), 600, "workshop:1", "workshop")
    token = factories.bearer(anna)
    others = [factories.resident() for _ in range(GIFTS)]
    calls = [
        post("/time/gifts", {"to": {"kind": "resident", "id": str(one.id)}, "minutes": 60}, headers=token)
        for one in others
    ]
    answers = all_at_once(server, calls)
    none_failed(answers)
    assert statuses(answers) == {201: 10, 409: GIFTS - 10}, codes(answers)
    assert set(codes(answers)) == {"more_than_you_have"}
    assert account(Party(anna.id)).balance == 0
    _holds()
