"""Two people answer one thing at one moment: one answer counts, the other is told."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.hubs.models import Membership
from app.items.models import Item, ItemClaim
from app.lending.models import Loan, LoanEvent
from tests import factories
from tests.concurrency.crowd import Call, all_at_once, none_failed, post, statuses
from tests.harness.sizes import FULL
from tests.harness.web import WebServer

ROUNDS = 10 if FULL else 3
EDITS = 8


def test_yes_no_and_never_mind_at_one_moment(app: Flask, server: WebServer) -> None:
    """The owner says yes on one device and no on another while the borrower calls it off: the days are held exactly
    when the loan stands, and each change of it is written once."""
    owner, borrower = factories.resident(), factories.resident()
    first = clock.day_at(clock.now(), "Europe/Paris") + timedelta(days=3)
    until = clock.now() + timedelta(days=2)
    loans = [
        factories.loan(
            factories.item(owner=owner),
            borrower,
            status="requested",
            first_day=first,
            due=first + timedelta(days=2),
            answer_by=until,
        ).id
        for _ in range(ROUNDS)
    ]
    hers, his = factories.bearer(owner), factories.bearer(borrower)
    calls = []
    for loan_id in loans:
        calls += [
            post(f"/loans/{loan_id}/approve", headers=hers),
            post(f"/loans/{loan_id}/approve", headers=hers),
            post(f"/loans/{loan_id}/decline", headers=hers),
            post(f"/loans/{loan_id}/cancel", headers=his),
        ]

    answers = all_at_once(server, calls)

    none_failed(answers)
    db.session.rollback()
    for number, loan_id in enumerate(loans):
        yes, yes_again, no, off = answers[4 * number : 4 * number + 4]
        loan = db.session.get_one(Loan, loan_id)
        live = db.session.get_one(ItemClaim, loan.claim_id).live
        said = list(db.session.scalars(select(LoanEvent.status).where(LoanEvent.loan_id == loan_id)))
        assert len(said) == len(set(said)), f"twice: {said}"
        assert live == (loan.status == "reserved")
        assert not (no.status == 200 and 200 in (yes.status, yes_again.status)), "yes and no"
        assert {a.status for a in (yes, yes_again, no, off)} <= {200, 409}
        assert loan.status == (
            "declined" if no.status == 200 else "cancelled" if off.status == 200 else "reserved"
        )


def test_renewing_twice_at_one_moment(app: Flask, server: WebServer) -> None:
    """A double tap is one renewal or two, never more than the policy allows, and the claim follows the due day."""
    hub = factories.hub(policy={"max_renewals": 2})
    borrower = factories.verified_member(hub)
    today = clock.day_at(clock.now(), "Europe/Paris")
    loan = factories.loan(
        factories.item(hub=hub),
        borrower,
        status="checked_out",
        first_day=today,
        due=today + timedelta(days=1),
    )
    number, claim = loan.id, loan.claim_id
    answers = all_at_once(server, [post(f"/loans/{number}/renew", headers=factories.bearer(borrower))] * 8)
    none_failed(answers)
    assert statuses(answers) == {200: 2, 409: 6}
    db.session.rollback()
    after = db.session.get_one(Loan, number)
    assert after.renewals == 2
    assert db.session.get_one(ItemClaim, claim).end_day > after.due


def test_edits_of_what_was_read_at_one_moment(app: Flask, server: WebServer) -> None:
    """With `If-Match` one of the edits is kept and the others are told that somebody was first."""
    owner = factories.resident()
    number = factories.item(owner=owner).id
    headers = factories.bearer(owner)
    path = f"/api/v1/items/{number}"
    read = all_at_once(server, [Call("GET", path, headers)])[0]
    calls = [
        Call("PATCH", path, {**headers, "If-Match": read.headers["etag"]}, {"title": f"Perceuse {n}"})
        for n in range(EDITS)
    ]
    answers = all_at_once(server, calls)
    none_failed(answers)
    assert statuses(answers) == {200: 1, 412: EDITS - 1}
    winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
    db.session.rollback()
    assert db.session.get_one(Item, number).title == f"Perceuse {winner}"


def test_joining_twice_at_one_moment(app: Flask, server: WebServer) -> None:
    hub = factories.hub()
    number = hub.id
    headers = factories.bearer(factories.resident())
    answers = all_at_once(server, [post(f"/hubs/{number}/members", headers=headers)] * 8)
    none_failed(answers)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Membership)) == 1
    assert {answer.status for answer in answers} <= {200, 201, 409}
