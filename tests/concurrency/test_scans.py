"""One object scanned many times at one moment, at several counters at once."""

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.items.models import ItemClaim
from app.lending.models import Loan, LoanEvent
from tests import factories
from tests.concurrency.crowd import all_at_once, ask, codes, none_failed, post, statuses
from tests.harness.sizes import FULL
from tests.harness.web import WebServer

SCANS = 100 if FULL else 30


def _count(table: type, *conditions: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]


def test_check_out_of_one_object_for_three_members(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    members = [factories.verified_member(hub) for _ in range(3)]
    counters = [factories.bearer(factories.volunteer(hub)) for _ in range(2)]
    calls = [
        post(
            "/counter/check-out",
            {"item_code": drill.code, "member_code": members[n % 3].code, "hub": str(hub.id)},
            headers=counters[n % 2],
        )
        for n in range(SCANS)
    ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    first = [n for n, answer in enumerate(answers) if answer.status == 201]
    assert len(first) == 1, f"{statuses(answers)} {codes(answers)}"
    winner = first[0] % 3
    for n, answer in enumerate(answers):
        if n == first[0]:
            assert not answer.body.get("repeated")
        elif n % 3 == winner:
            assert (answer.status, answer.body.get("repeated")) == (200, True), answer
            assert answer.body["id"] == answers[first[0]].body["id"]
        else:
            assert (answer.status, answer.code) == (409, "already_out"), answer
    assert _count(Loan) == 1
    assert _count(Loan, Loan.status == "checked_out", Loan.borrower_id == members[winner].id) == 1
    assert _count(ItemClaim, ItemClaim.live) == 1
    assert _count(LoanEvent, LoanEvent.status == "checked_out") == 1


def test_check_out_of_a_reservation_by_many_scans(app: Flask, server: WebServer) -> None:
    """With a reservation of one of the three for today, she gets it whatever the order of the scans."""
    hub = factories.hub()
    drill = factories.item(hub=hub)
    anna, basil, chloe = (factories.verified_member(hub) for _ in range(3))
    reserved = factories.loan(drill, anna)
    counter = factories.bearer(factories.volunteer(hub))
    codes_of = [anna.code, basil.code, chloe.code]
    answers = all_at_once(
        server,
        [
            post(
                "/counter/check-out",
                {"item_code": drill.code, "member_code": codes_of[n % 3], "hub": str(hub.id)},
                headers=counter,
            )
            for n in range(SCANS // 2)
        ],
    )
    none_failed(answers)
    assert [n for n, answer in enumerate(answers) if answer.status in (200, 201) and n % 3] == []
    assert statuses(answers[::3]).get(201) == 1, statuses(answers)
    assert {answer.code for n, answer in enumerate(answers) if n % 3} <= {"claimed", "already_out"}
    db.session.rollback()
    assert db.session.scalars(select(Loan.status)).all() == ["checked_out"]
    assert _count(LoanEvent, LoanEvent.loan_id == reserved.id, LoanEvent.status == "checked_out") == 1


def test_check_in_of_one_object_by_many_scans(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    loan = factories.loan(drill, factories.verified_member(hub), status="checked_out")
    counters = [factories.bearer(factories.volunteer(hub)) for _ in range(2)]
    calls = [
        post("/counter/check-in", {"item_code": drill.code, "hub": str(hub.id)}, headers=counters[n % 2])
        for n in range(SCANS // 2)
    ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    assert statuses(answers) == {200: SCANS // 2}, codes(answers)
    assert sum(not answer.body["repeated"] for answer in answers) == 1
    assert {answer.body["loan"]["id"] for answer in answers} == {str(loan.id)}
    assert {answer.body["next"]["kind"] for answer in answers} == {"shelf"}
    db.session.rollback()
    assert db.session.scalars(select(Loan.status)).all() == ["returned"]
    assert _count(LoanEvent, LoanEvent.status == "returned") == 1
    assert _count(ItemClaim, ItemClaim.live) == 0


def test_check_out_and_check_in_at_one_moment(app: Flask, server: WebServer) -> None:
    """Whatever comes first, the object ends in one place, and its history says which."""
    hub = factories.hub()
    drill = factories.item(hub=hub)
    anna, basil = factories.verified_member(hub), factories.verified_member(hub)
    factories.loan(drill, anna, status="checked_out")
    counter = factories.bearer(factories.volunteer(hub))
    place = {"item_code": drill.code, "hub": str(hub.id)}
    answers = all_at_once(
        server,
        [post("/counter/check-in", place, headers=counter)]
        + [
            post("/counter/check-out", {**place, "member_code": basil.code}, headers=counter)
            for _ in range(9)
        ],
    )
    none_failed(answers)
    assert answers[0].status == 200, answers[0]
    assert statuses(answers[1:]).get(201, 0) <= 1
    assert set(codes(answers[1:])) <= {"already_out"}
    out = _count(Loan, Loan.status == "checked_out")
    assert out == statuses(answers[1:]).get(201, 0)
    assert _count(ItemClaim, ItemClaim.live) == out
    now_free = ask(server, post("/counter/check-out", {**place, "member_code": basil.code}, headers=counter))
    assert now_free.status == (200 if out else 201), now_free


def test_the_same_scan_with_a_key_answers_the_same(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    drill = factories.item(hub=hub)
    anna = factories.verified_member(hub)
    counter = factories.bearer(factories.volunteer(hub))
    call = post(
        "/counter/check-out",
        {"item_code": drill.code, "member_code": anna.code, "hub": str(hub.id)},
        headers={**counter, "Idempotency-Key": "scan-1"},
    )
    answers = all_at_once(server, [call] * 12)
    assert statuses(answers) == {201: 12}, codes(answers)
    assert len({answer.raw for answer in answers}) == 1
    assert _count(LoanEvent, LoanEvent.status == "checked_out") == 1
