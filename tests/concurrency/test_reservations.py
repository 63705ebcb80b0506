"""Many neighbours want one thing at one moment: through HTTP, against four workers, on each database."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.items.models import ItemClaim
from app.lending.models import HOLDING, Loan
from tests import factories
from tests.concurrency.crowd import Call, all_at_once, ask, codes, none_failed, post, statuses
from tests.harness.sizes import FULL
from tests.harness.web import WebServer

RESERVATIONS = 200 if FULL else 40
ROUNDS = 10 if FULL else 4


def _today() -> date:
    return clock.day_at(clock.now(), "Europe/Paris")


def _days(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _live(item_id: int, day: date) -> int:
    """How many live claims take this day."""
    db.session.rollback()
    query = select(func.count()).where(
        ItemClaim.item_id == item_id, ItemClaim.live, ItemClaim.first_day <= day, ItemClaim.end_day > day
    )
    return db.session.scalar(query) or 0


def _count(*conditions: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Loan).where(*conditions)) or 0  # type: ignore[arg-type]


def test_one_object_for_days_that_share_one_day(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    neighbours = [factories.bearer(factories.verified_member(hub)) for _ in range(RESERVATIONS)]
    shared = _today() + timedelta(days=20)
    calls = [
        post(
            f"/items/{drill.id}/loans",
            _days(shared - timedelta(days=number % 7), shared + timedelta(days=number // 7 % 5)),
            headers=headers,
        )
        for number, headers in enumerate(neighbours)
    ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    assert statuses(answers) == {201: 1, 409: RESERVATIONS - 1}, codes(answers)
    losers = [number for number, answer in enumerate(answers) if answer.status == 409]
    assert {answers[number].code for number in losers} == {"already_reserved"}
    assert _live(drill.id, shared) == 1
    assert _count(Loan.item_id == drill.id) == 1, "nothing half-written"
    for number in losers:
        assert answers[number].body["alternatives"], f"no way out for {calls[number].body}"
        assert _as_long(answers[number].body["alternatives"][0], calls[number].body)
    _can_be_had(server, answers[losers[-1]].body["alternatives"][-1], calls[losers[-1]])


def _as_long(offered: dict[str, str], asked: dict[str, str]) -> bool:
    def length(days: dict[str, str]) -> int:
        return (date.fromisoformat(days["to"]) - date.fromisoformat(days["from"])).days

    return length(offered) == length(asked)


def _can_be_had(server: WebServer, days: dict[str, str], call: Call) -> None:
    """As given, by the neighbour who was told of them."""
    had = ask(server, Call("POST", call.path, call.headers, days))
    assert had.status == 201, had
    assert (had.body["from"], had.body["due"]) == (days["from"], days["to"])


def test_days_that_do_not_touch_are_all_had(app: Flask, server: WebServer) -> None:
    """The other way round: who wants other days is not refused because somebody is at it."""
    hub = factories.hub()
    drill = factories.item(hub=hub)
    neighbours = [factories.bearer(factories.verified_member(hub)) for _ in range(12)]
    first = _today() + timedelta(days=3)
    answers = all_at_once(
        server,
        [
            post(
                f"/items/{drill.id}/loans",
                _days(first + timedelta(days=4 * n), first + timedelta(days=4 * n + 2)),
                headers=headers,
            )
            for n, headers in enumerate(neighbours)
        ],
    )
    assert statuses(answers) == {201: 12}, codes(answers)


def test_one_member_never_holds_more_than_the_policy_allows(app: Flask, server: WebServer) -> None:
    hub = factories.hub(policy={"max_loans": 5})
    anna = factories.bearer(factories.verified_member(hub))
    things = [factories.item(hub=hub) for _ in range(14)]
    first = _today() + timedelta(days=3)
    calls = [
        post(f"/items/{thing.id}/loans", _days(first, first + timedelta(days=2)), headers=anna)
        for thing in things
    ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    assert statuses(answers) == {201: 5, 409: 9}, codes(answers)
    refused = [answer for answer in answers if answer.status == 409]
    assert {answer.code for answer in refused} == {"blocked"}
    assert {blocker["code"] for answer in refused for blocker in answer.body["blockers"]} == {"too_many"}
    assert _count(Loan.status.in_(HOLDING)) == 5


def test_the_same_key_sent_many_times_is_done_once(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    anna = factories.bearer(factories.verified_member(hub))
    first = _today() + timedelta(days=3)
    call = post(
        f"/items/{drill.id}/loans",
        _days(first, first + timedelta(days=2)),
        headers={**anna, "Idempotency-Key": "one-act"},
    )

    answers = all_at_once(server, [call] * 16)

    none_failed(answers)
    assert statuses(answers) == {201: 16}, codes(answers)
    assert len({answer.raw for answer in answers}) == 1
    assert _count(Loan.item_id == drill.id) == 1
    other = post(
        f"/items/{drill.id}/loans", _days(first, first + timedelta(days=1)), headers=dict(call.headers)
    )
    assert (again := ask(server, other)).status == 422
    assert again.code == "idempotency_key_reused"


def test_a_refusal_is_not_kept_under_the_key(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    neighbours = [factories.bearer(factories.verified_member(hub)) for _ in range(10)]
    first = _today() + timedelta(days=3)
    answers = all_at_once(
        server,
        [
            post(
                f"/items/{drill.id}/loans",
                _days(first, first + timedelta(days=2)),
                headers={**headers, "Idempotency-Key": "the-same-word-of-different-people"},
            )
            for headers in neighbours
        ],
    )
    none_failed(answers)
    assert statuses(answers) == {201: 1, 409: 9}, codes(answers)
    assert set(codes(answers)) == {"already_reserved"}


@pytest.mark.parametrize("known", [False, True], ids=["a new address", "an address that is known"])
def test_the_same_sign_up_many_times_makes_one_account(app: Flask, server: WebServer, known: bool) -> None:
    from app.accounts.models import Resident  # noqa: PLC0415 -- beside its only use

    if known:
        factories.resident(email="zoe@example.org")
    body = {"email": "Zoe@Example.org", "password": "correct-horse-battery-7", "name": "Zoé M."}

    answers = all_at_once(server, [post("/accounts", body, headers={})] * 12)

    assert statuses(answers) == {202: 12}, [str(answer) for answer in answers if answer.status != 202][:2]
    assert {answer.raw for answer in answers} == {answers[0].raw}, (
        "nobody learns whether the address was known"
    )
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Resident.email == "zoe@example.org")) == 1


def test_renewing_and_reserving_the_days_that_follow(app: Flask, server: WebServer) -> None:
    """The borrower and the next neighbour want the same days: one of them gets them, whoever was first."""
    hub = factories.hub(policy={"max_loans": 100})
    anna, basil = factories.verified_member(hub), factories.verified_member(hub)
    today = _today()
    due = today + timedelta(days=2)
    loans = [
        factories.loan(factories.item(hub=hub), anna, status="checked_out", first_day=today, due=due)
        for _ in range(ROUNDS * 2)
    ]
    headers = {"anna": factories.bearer(anna), "basil": factories.bearer(basil)}
    calls = []
    for loan in loans:
        full = {"to": (due + timedelta(days=14)).isoformat()}
        after = _days(due + timedelta(days=3), due + timedelta(days=6))
        calls += [
            post(f"/loans/{loan.id}/renew", full, headers=headers["anna"]),
            post(f"/items/{loan.item_id}/loans", after, headers=headers["basil"]),
        ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    for loan, renewed, reserved in zip(loans, answers[::2], answers[1::2], strict=True):
        assert {renewed.status, reserved.status} in ({200, 409}, {409, 201}), f"{renewed} / {reserved}"
        assert _live(loan.item_id, due + timedelta(days=4)) == 1


def test_cancelling_frees_the_days_for_exactly_one(app: Flask, server: WebServer) -> None:
    """While it is being called off, others try: nobody gets what is still taken, and never two."""
    hub = factories.hub()
    anna = factories.verified_member(hub)
    drill = factories.item(hub=hub)
    first = _today() + timedelta(days=3)
    loan = factories.loan(drill, anna, first_day=first, due=first + timedelta(days=2))
    others = [factories.bearer(factories.verified_member(hub)) for _ in range(11)]
    calls = [post(f"/loans/{loan.id}/cancel", headers=factories.bearer(anna))] + [
        post(f"/items/{drill.id}/loans", _days(first, first + timedelta(days=2)), headers=headers)
        for headers in others
    ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    assert answers[0].status == 200, answers[0]
    had = [answer for answer in answers[1:] if answer.status == 201]
    assert len(had) <= 1
    assert _live(drill.id, first) == len(had)
