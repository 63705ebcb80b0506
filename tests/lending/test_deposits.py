"""A deposit at the counter is money in the ledger and in the cash box: received, given back, undone, kept for what was
broken, and of a tick from before there was a ledger nothing is lost."""

from typing import Any

import pytest
from flask import Flask

from app.core.db import db, transaction
from app.lending import services
from app.lending.models import Loan
from app.payments.cash import queries as receipts
from app.payments.cash import services as cash
from app.payments.differences.comparing import compare
from app.payments.ledger import queries
from app.payments.ledger.rules import Account
from tests import factories
from tests.payments.acts import NOW


class Desk:
    """A tent with a deposit of 20 €, a volunteer, and Anna who borrows it."""

    def __init__(self) -> None:
        self.hub = factories.hub()
        self.volunteer = factories.volunteer(self.hub)
        self.boss = factories.coordinator(self.hub)
        self.anna = factories.verified_member(self.hub)
        self.tent = factories.item("Tente", hub=self.hub, deposit_cents=2000)

    def do(self, service: Any, **values: Any) -> Any:
        with transaction():
            return service(**{"hub_id": self.hub.id, "actor_id": self.volunteer.id, "now": NOW, **values})

    def out(self) -> Loan:
        done = self.do(
            services.check_out,
            item_code=self.tent.code,
            member_code=self.anna.code,
            deposit_received_cents=2000,
        )
        loan: Loan = done.loan
        return loan

    def back(self, cents: int | None = 2000, **values: Any) -> Any:
        return self.do(services.check_in, item_code=self.tent.code, deposit_returned_cents=cents, **values)

    def stands(self, loan: Loan) -> tuple[int, int, int]:
        """In the box, kept as deposits, and what she owes for it; the whole ledger holds."""
        assert compare(since=None, now=NOW).faults == []
        owed = queries.owed(subject=f"loan:{loan.id}", resident_id=self.anna.id)
        return queries.balance(Account.cash(self.hub.id)), -queries.balance(Account.deposits()), owed


def test_a_deposit_is_received_and_given_back(app: Flask) -> None:
    desk = Desk()
    loan = desk.out()
    assert desk.stands(loan) == (2000, 2000, 0)
    desk.back()
    assert desk.stands(loan) == (0, 0, 0)
    assert [(one.way, one.cents) for one in receipts.standing_of(f"loan:{loan.id}")] == [
        ("in", 2000),
        ("out", 2000),
    ]


def test_what_is_undone_at_the_counter_is_undone_in_the_box(app: Flask) -> None:
    desk = Desk()
    loan = desk.out()
    desk.back()
    desk.do(services.undo, loan_id=loan.id)
    assert desk.stands(loan) == (2000, 2000, 0)
    desk.back()
    assert desk.stands(loan) == (0, 0, 0)
    again = desk.out()
    desk.do(services.undo, loan_id=again.id)
    assert desk.stands(again) == (0, 0, 0)
    assert desk.stands(desk.out())[:2] == (2000, 2000)


def test_a_part_is_kept_for_what_was_broken(app: Flask) -> None:
    desk = Desk()
    loan = desk.out()
    desk.back(None, condition="damaged")
    assert desk.stands(loan) == (2000, 2000, 0), "it waits"
    with transaction():
        services.return_deposit(loan_id=loan.id, actor_id=desk.boss.id, cents=1250, now=NOW)
    assert desk.stands(loan) == (750, 0, 0)
    assert queries.balance(Account.hub(desk.hub.id)) == -750


def test_a_tick_from_before_the_ledger_comes_into_it(app: Flask) -> None:
    desk = Desk()
    loan = factories.loan(
        desk.tent, desk.anna, status="checked_out", deposit_cents=2000, deposit_received_cents=2000
    )
    desk.back()
    assert desk.stands(loan) == (0, 0, 0)
    assert len(receipts.standing_of(f"loan:{loan.id}")) == 2


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_receipt_that_was_reversed_by_hand_is_written_again_with_the_next_act(app: Flask, way: str) -> None:
    desk = Desk()
    loan = desk.out()
    if way == "out":
        desk.back()
    last = receipts.standing_of(f"loan:{loan.id}")[-1]
    with transaction():
        cash.reverse(receipt_id=last.id, actor_id=desk.volunteer.id, why="Par erreur", now=NOW)
    db.session.rollback()
    if way == "in":
        desk.back()
    else:
        desk.do(services.describe_return, loan_id=loan.id, deposit_returned_cents=2000)
    assert desk.stands(loan) == (0, 0, 0)
