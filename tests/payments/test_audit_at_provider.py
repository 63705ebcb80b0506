"""The proof with the provider itself beside it: the real library asks, and what one of the two has changed is named."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db, transaction
from app.payments.cards.models import PaymentAttempt
from app.payments.differences.comparing import Compared, compare
from tests.harness.provider import GOOD, Provider
from tests.purchases.collecting.scene import Scene


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
