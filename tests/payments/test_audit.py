"""`flask payments audit`: ledger, receipts, attempts and the provider are compared; whatever is tampered with behind their
back is found and named, and stays on the stewards' list until it is gone."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db, transaction
from app.notifications.models import Notification
from app.payments.cards.models import PaymentAttempt
from app.payments.cash import counting
from app.payments.differences import comparing, jobs
from app.payments.differences.comparing import compare
from app.payments.differences.models import MoneyDifference
from app.payments.gateways.protocol import Answer
from app.payments.ledger.rules import Account
from tests import factories
from tests.harness.databases import Database
from tests.payments.acts import NOW, behind_its_back, post
from tests.payments.test_cash import Counter

TAMPERED = {
    "an amount": (
        "UPDATE money_entry SET amount = amount + 1, after = after + 1 WHERE transaction_id = {first} AND number = 1",
        "sum to 1",
    ),
    "an amount and what follows": (
        "UPDATE money_entry SET amount = 2 * amount, before = 2 * before, after = 2 * after WHERE transaction_id = {first}",
        "its seal is another",
    ),
    "an entry that is gone": ("DELETE FROM money_entry WHERE transaction_id = {first} AND number = 2", "its 2 entries"),
    "a chain": (
        "UPDATE money_entry SET before = 7, after = 7 + amount WHERE transaction_id = {first} AND number = 2",
        "broken at entry 2",
    ),
    "another member": (
        "UPDATE money_entry SET account_id = {other} WHERE transaction_id = {first} AND account_id = {member}",
        "its seal is another",
    ),
    "another subject": ("UPDATE money_transaction SET subject = 'pledge:9' WHERE id = {first}", "its seal is another"),
    "another day": ("UPDATE money_transaction SET at = '2026-01-01 00:00:00' WHERE id = {first}", "its seal is another"),
    "a transaction that is gone": ("DELETE FROM money_transaction WHERE id = {first}", "belongs to nothing"),
    "an account that is gone": ("DELETE FROM money_account WHERE id = {member}", "belongs to nothing"),
    "an account of somebody else": ("UPDATE money_account SET resident_id = {volunteer} WHERE id = {member}", "kept for"),
    "a receipt": ("UPDATE receipt SET cents = 9", "the ledger 1250"),
    "a receipt that is gone": ("DELETE FROM receipt", "is gone"),
    "a count": ("UPDATE cash_box SET closed_cents = 999", "the count differed"),
}  # fmt: skip


def _written() -> dict[str, int]:
    """A pledge that was paid at the counter, and a box that was counted."""
    counter = Counter()
    about = {"actor_id": counter.volunteer.id, "now": NOW}
    with transaction():
        box = counting.open_box(hub_id=counter.hub.id, counted_cents=5000, **about)
    counter.take()
    with transaction():
        counting.close_box(box_id=box.id, counted_cents=6240, note="Une pièce manque", **about)
    first = post([(Account.member(counter.other.id), 5), (Account.campaign("campaign:1"), -5)], "pledge:2")
    rows = db.session.execute(db.text("SELECT id, holder FROM money_account WHERE kind = 'member'"))
    known = {row.holder: row.id for row in rows}
    return {
        "first": first.id,
        "member": known[str(counter.other.id)],
        "other": known[str(counter.anna.id)],
        "volunteer": counter.volunteer.id,
    }


def test_a_whole_ledger_holds(app: Flask) -> None:
    assert compare(since=None, now=NOW).faults == []
    _written()
    whole = compare(since=None, now=NOW)
    assert (whole.transactions, whole.faults) == (5, [])
    said = app.test_cli_runner().invoke(args=["payments", "audit"])
    assert said.exit_code == 0, said.output
    assert said.output.strip() == "5 transactions, 0 asked of the provider: all of it holds."


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_tampered_with_is_found(app: Flask, database: Database, what: str) -> None:
    ids = _written()
    statement, found = TAMPERED[what]
    behind_its_back(database, statement.format(**ids))
    faults = [f"{fault.where}: {fault.what}" for fault in compare(since=None, now=NOW).faults]
    assert any(found in fault for fault in faults), faults
    if what == "an amount":
        said = app.test_cli_runner().invoke(args=["payments", "audit"])
        assert said.exit_code == 1
        assert "do not hold" in said.output


class Provider:
    """What the provider would say of every attempt."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: Answer | None = Answer("succeeded", moved=1250)
        monkeypatch.setattr(comparing.queries, "enabled", lambda: True)
        monkeypatch.setattr(comparing.carrying, "glance", lambda _attempt_id: self.answer)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def _attempt(resident_id: int, status: str = "succeeded", **values: Any) -> PaymentAttempt:
    row = {
        "kind": "charge", "subject": "pledge:1", "seq": 1, "key": "k", "resident_id": resident_id, "cents": 1250,
        "currency": "EUR", "parameters": {}, "status": status, "reference": "pi_1", "created_at": NOW,
        "first_sent_at": NOW, "ended_at": NOW if status in ("succeeded", "declined") else None, **values,
    }  # fmt: skip
    return factories.stored(PaymentAttempt(**row))


def _said(*, days: int = 0) -> list[str]:
    return [fault.what for fault in compare(since=None, now=NOW + timedelta(days=days)).faults]


def test_attempts_the_ledger_and_the_provider_are_compared(app: Flask, provider: Provider) -> None:
    anna = factories.resident()
    attempt = _attempt(anna.id)
    assert _said() == ["it moved 1250, the ledger says 0"]
    post([(Account.stripe(), 1250), (Account.member(anna.id), -1250)], f"attempt:{attempt.id}", kind="charge")
    assert _said() == []
    for answer, said in (
        (Answer("succeeded", moved=1000), ["here it moved 1250, at the provider 1000"]),
        (Answer("declined"), ["here it is succeeded, at the provider declined"]),
        (Answer("unknown"), []),
        (None, ["the provider knows nothing of it"]),
    ):
        provider.answer = answer
        assert _said() == said
    lost = _attempt(anna.id, "unknown", seq=2, key="l", reference=None)
    provider.answer = Answer("succeeded", moved=1250)
    assert _said() == []
    assert _said(days=1) == ["for a day nobody has known what became of it"]
    post([(Account.stripe(), 5), (Account.fees(), -5)], "attempt:99", kind="charge")
    assert "attempt:99 is gone" in _said()
    assert lost.status == "unknown"


def test_stewards_see_differences_until_they_are_gone(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    steward, nobody = factories.resident(is_steward=True), factories.resident()
    _written()
    assert jobs.compare_all(now=NOW) == 0
    behind_its_back(database, "UPDATE receipt SET cents = 9")
    assert jobs.compare_all(now=NOW) == jobs.compare_all(now=NOW + timedelta(days=1)) == 1
    told = db.session.scalars(select(Notification).where(Notification.kind == "payments.differs")).all()
    assert [one.resident_id for one in told] == [steward.id], "once, however often it is seen"
    one = db.session.scalars(select(MoneyDifference)).one()
    factories.log_in(client, nobody)
    assert client.get("/admin/payments").status_code == 403
    assert client.post(f"/admin/payments/{one.id}", data={"note": "Rien"}).status_code == 403
    factories.log_in(client, steward)
    assert "the ledger 1250" in client.get("/admin/payments").text
    assert client.post(f"/admin/payments/{one.id}", data={"note": ""}).status_code == 422
    assert client.post(f"/admin/payments/{one.id}", data={"note": "Corrigé à la main"}).status_code == 302
    behind_its_back(database, "UPDATE receipt SET cents = 1250")
    assert jobs.compare_all(now=NOW + timedelta(days=2)) == 0
    shown = client.get("/admin/payments").text
    assert "Tout concorde" in shown
    assert "Corrigé à la main" in shown
