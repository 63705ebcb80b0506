"""Money by hand: taken once, at most what is owed, given back at most what is hers, reversed with a word, and a cash box
whose counts meet the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.outbox import StoredEvent
from app.payments.cash import counting, services
from app.payments.cash.models import CashBox, Receipt
from app.payments.ledger import queries
from app.payments.ledger.rules import Account
from tests import factories
from tests.payments.acts import NOW, post


class Counter:
    """A hub with two volunteers, and Anna, who owes for a pledge."""

    def __init__(self, owed: int = 1250) -> None:
        self.hub = factories.hub()
        self.volunteer, self.other = factories.volunteer(self.hub), factories.volunteer(self.hub)
        self.anna = factories.verified_member(self.hub)
        self.member = Account.member(self.anna.id)
        if owed:
            post([(self.member, owed), (Account.campaign("campaign:1"), -owed)])

    def act(self, service: Any, **values: Any) -> Any:
        given = {
            "hub_id": self.hub.id, "resident_id": self.anna.id, "subject": "pledge:1", "means": "cash",
            "actor_id": self.volunteer.id, "now": NOW,
        }  # fmt: skip
        with transaction():
            return service(**{**given, **values})

    def take(self, cents: int = 1250, key: str = "pick-up:1", **values: Any) -> Receipt:
        receipt: Receipt = self.act(services.take, cents=cents, key=key, **values)
        return receipt

    def pay_out(self, cents: int, key: str = "back:1", **values: Any) -> Receipt:
        receipt: Receipt = self.act(services.pay_out, cents=cents, key=key, **values)
        return receipt

    def reverse(self, receipt: Receipt, why: str = "Pas la bonne personne", **values: Any) -> Receipt:
        given = {"actor_id": self.volunteer.id, "now": NOW, **values}
        with transaction():
            return services.reverse(receipt_id=receipt.id, why=why, **given)

    @property
    def owed(self) -> int:
        return queries.owed(subject="pledge:1", resident_id=self.anna.id)


def _happened() -> list[str]:
    return list(db.session.scalars(select(StoredEvent.kind).order_by(StoredEvent.id)))


def test_what_is_owed_is_taken_once(app: Flask) -> None:
    counter = Counter()
    receipt = counter.take()
    assert counter.take(actor_id=counter.other.id).id == receipt.id, "a double click"
    assert (counter.owed, queries.balance(Account.cash(counter.hub.id))) == (0, 1250)
    assert _happened() == ["PaymentReceived"]
    with pytest.raises(Conflict, match="said_otherwise"):
        counter.take(1000)
    with pytest.raises(Conflict, match="not_owed"):
        counter.take(key="another:1")


def test_two_payments_by_other_means_lie_in_the_bank(app: Flask) -> None:
    counter = Counter()
    counter.take(250, "a", means="cheque")
    counter.take(1000, "b", means="transfer")
    assert queries.balance(Account.bank(counter.hub.id)) == 1250
    assert queries.balance(Account.cash(counter.hub.id)) == 0


@pytest.mark.parametrize("wrong", [{"cents": 0}, {"cents": -5}, {"cents": 10_000_001}, {"means": "shells"}])
def test_odd_sums_and_means_are_refused(app: Flask, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Counter(0).take(**wrong)


def test_a_receipt_is_reversed_and_can_be_taken_anew(app: Flask) -> None:
    counter = Counter()
    receipt = counter.take()
    with pytest.raises(Invalid):
        counter.reverse(receipt, why="")
    with pytest.raises(Forbidden):
        counter.reverse(receipt, actor_id=counter.anna.id)
    with pytest.raises(Forbidden):
        counter.reverse(receipt, now=NOW + timedelta(days=3))
    counter.reverse(receipt)
    counter.reverse(receipt)
    assert (counter.owed, queries.balance(Account.cash(counter.hub.id))) == (1250, 0)
    assert counter.take().id != receipt.id
    assert counter.owed == 0
    assert _happened() == ["PaymentReceived", "PaymentReversed", "PaymentReceived"]


def test_refunds_are_what_is_hers_and_no_more(app: Flask) -> None:
    """Fault: refunds above."""
    counter = Counter()
    counter.take()
    with pytest.raises(Conflict, match="not_hers"):
        counter.pay_out(1)
    post([(counter.member, -300), (Account.campaign("campaign:1"), 300)], kind="shortage")
    with pytest.raises(Conflict, match="not_hers"):
        counter.pay_out(301)
    with pytest.raises(Conflict, match="not_to_oneself"):
        counter.pay_out(300, actor_id=counter.anna.id)
    back = counter.pay_out(300)
    assert counter.pay_out(300).id == back.id
    with pytest.raises(Conflict, match="not_hers"):
        counter.pay_out(300, "back:2")
    assert (counter.owed, queries.balance(Account.cash(counter.hub.id))) == (0, 950)
    assert _happened()[-1] == "RefundMade"
    counter.reverse(back)
    assert counter.owed == -300


def test_the_box_is_counted_and_the_difference_is_the_hubs(app: Flask) -> None:
    counter = Counter()
    hub, about = counter.hub.id, {"actor_id": counter.volunteer.id, "now": NOW}
    cash, own = Account.cash(hub), Account.hub(hub)

    def close(counted: int, **values: Any) -> CashBox:
        with transaction():
            return counting.close_box(box_id=box.id, counted_cents=counted, **about, **values)

    with transaction():
        box = counting.open_box(hub_id=hub, counted_cents=5000, **about)
    with pytest.raises(Conflict, match="open_already"), transaction():
        counting.open_box(hub_id=hub, counted_cents=5000, **about)
    assert counter.take().box_id == box.id
    with pytest.raises(Conflict, match="not_in_box"), transaction():
        counting.bring_to_bank(key="bank:1", hub_id=hub, cents=6251, **about)
    for _twice in range(2):
        with transaction():
            counting.bring_to_bank(key="bank:1", hub_id=hub, cents=5000, **about)
    with pytest.raises(Invalid):
        close(1240)
    closed = close(1240, note="Dix centimes manquent")
    assert (closed.expected_cents, closed.difference_cents) == (1250, -10)
    assert close(1240).id == box.id
    with pytest.raises(Conflict, match="closed_already"):
        close(1250)
    assert (queries.balance(cash), queries.balance(own)) == (1240, -4990)
    assert counter.reverse(db.session.scalars(select(Receipt)).one()).box_id == box.id
    with transaction():
        again = counting.open_box(hub_id=hub, counted_cents=0, **about)
    assert (again.found_cents, queries.balance(cash)) == (-10, 0)
    with pytest.raises(Forbidden), transaction():
        counting.open_box(hub_id=hub, counted_cents=0, actor_id=counter.anna.id, now=NOW)
