"""The proof with the provider itself beside it: the real library asks, and what one of the two has changed is named."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db, transaction
from app.payments.cards.models import PaymentAttempt
from app.payments.differences.comparing import Compared, compare
from app.payments.gateways import choosing
from tests.harness.provider import GOOD, Provider
from tests.purchases.collecting.scene import Scene

pytestmark = pytest.mark.by_turns


@pytest.fixture
def paid(card_app: Flask, provider: Provider) -> Scene:
    """Three pledges that were paid by card."""
    scene = Scene(provider, [GOOD] * 3)
    scene.close()
    scene.time_passes()
    assert scene.status == "succeeded"
    return scene


def compared() -> Compared:
    return compare(since=None, now=clock.now())


def captures() -> list[PaymentAttempt]:
    db.session.rollback()
    return list(db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.kind == "capture")))


def test_all_of_it_holds(paid: Scene, card_app: Flask) -> None:
    found = compared()
    assert (found.faults, found.asked) == ([], 3)
    told = card_app.test_cli_runner().invoke(args=["payments", "audit"])
    assert (told.exit_code, "3 asked of the provider: all of it holds" in told.output) == (0, True), (
        told.output
    )


def test_a_tampered_attempt_differs_from_ledger_and_provider(paid: Scene, card_app: Flask) -> None:
    one = captures()[0]
    cents, where = one.cents, f"attempt:{one.id} (capture)"
    with transaction() as session:
        session.execute(update(PaymentAttempt).where(PaymentAttempt.id == one.id).values(cents=cents - 1))
    said = {(fault.where, fault.what) for fault in compared().faults}
    assert (where, f"here it moved {cents - 1}, at the provider {cents}") in said
    assert any(what == f"it moved {cents - 1}, the ledger says {cents}" for _where, what in said)
    told = card_app.test_cli_runner().invoke(args=["payments", "audit"])
    assert told.exit_code == 1


def test_what_the_provider_does_not_know_is_named(paid: Scene, provider: Provider) -> None:
    provider.forget()
    said = {(fault.where, fault.what) for fault in compared().faults}
    assert said == {
        (f"attempt:{one.id} (capture)", "here it is succeeded, at the provider declined")
        for one in captures()
    }


@pytest.mark.parametrize("since", [None, timedelta(days=1)])
def test_what_only_the_provider_knows_is_named(
    paid: Scene, provider: Provider, since: timedelta | None
) -> None:
    """As after an old copy of the database was put back; what others take on the same account is theirs."""
    taken = captures()[0]
    ours = f"{choosing.installation()}:pledge:999:charge:1"
    lost = ask_card(provider, ours)
    ask_card(provider, "somewhere.else:pledge:1:charge:1")
    back = provider.ask(
        "POST",
        "/v1/refunds",
        {"payment_intent": taken.parameters["intent"], "amount": 3, "metadata": {"attempt": f"{ours}:back"}},
    )
    found = compare(since=since and clock.now() - since, now=clock.now())
    assert {(fault.where, fault.what) for fault in found.faults} == {
        (f"{lost['id']} (payment)", "the provider moved 500, nothing here knows of it"),
        (f"{back['id']} (refund)", "the provider moved 3, nothing here knows of it"),
    }


def ask_card(provider: Provider, key: str) -> Any:
    """A payment of 5 euros under this key."""
    return provider.ask(
        "POST",
        "/v1/payment_intents",
        {
            "amount": 500, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True,
            "metadata": {"attempt": key},
        },
    )  # fmt: skip


def test_a_provider_that_does_not_answer_proves_nothing(
    paid: Scene, provider: Provider, card_app: Flask
) -> None:
    """Neither that all holds, nor that something does not."""
    provider.fault("500", "/v1/", times=4, method="GET")
    found = compared()
    assert (found.faults, found.unheard) == ([], 4)
    provider.fault("500", "/v1/", times=4, method="GET")
    told = card_app.test_cli_runner().invoke(args=["payments", "audit"])
    assert (told.exit_code, "left 4 questions unanswered" in told.output) == (1, True)
