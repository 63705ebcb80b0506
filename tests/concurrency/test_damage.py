"""She accepts, she contests, time runs out, and it is dropped, all at one moment and each twice: one of them wins, and money
is owed once or never. On both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db
from app.lending.card_deposits import damage, services
from app.lending.card_deposits.models import CardDeposit, DamageClaim
from app.payments.cards.models import PaymentAttempt
from app.payments.differences.comparing import compare
from app.payments.ledger import queries as ledger
from tests import factories
from tests.concurrency.test_money import all_at_once
from tests.harness.sizes import sized


class Claim:
    """12 € asked of Anna for a broken tent; the time to answer ends just now."""

    def __init__(self) -> None:
        hub = factories.hub()
        self.boss, self.anna = factories.coordinator(hub), factories.verified_member(hub)
        tent = factories.item("Tente", hub=hub)
        self.now = clock.now()
        self.loan = factories.loan(
            tent, self.anna, status="returned", condition_in="damaged", deposit_cents=2000
        )
        factories.stored(CardDeposit(loan_id=self.loan.id, left_at=self.now))
        factories.stored(
            DamageClaim(
                loan_id=self.loan.id, cents=1200, why="Un arceau est cassé", claimed_by_id=self.boss.id,
                claimed_at=self.now - timedelta(hours=72), answer_by=self.now,
            )
        )  # fmt: skip
        self.id, self.of_anna, self.of_boss = self.loan.id, self.anna.id, self.boss.id

    def acts(self) -> list[Callable[[], object]]:
        return [
            lambda: damage.accept(loan_id=self.id, actor_id=self.of_anna, now=self.now),
            lambda: damage.contest(
                loan_id=self.id, actor_id=self.of_anna, words="Elle l’était déjà", now=self.now
            ),
            lambda: services.keep(loan_id=self.id, now=self.now),
            lambda: damage.settle(loan_id=self.id, actor_id=self.of_boss, choice="drop", now=self.now),
        ] * 2


@pytest.mark.parametrize("first", range(sized(20)))
def test_one_answer_wins(app: Flask, first: int) -> None:
    claim = Claim()
    acts = claim.acts()
    found = all_at_once(app, acts[first % 4 :] + acts[: first % 4])
    assert set(found) <= {"done", "card_deposits.settled", "card_deposits.answered"}
    db.session.rollback()
    stands = db.session.get_one(DamageClaim, claim.id)
    owed = ledger.owed(subject=f"loan:{claim.id}", resident_id=claim.of_anna)
    assert owed == (1200 if stands.state == "due" else 0)
    assert stands.state in ("due", "dropped"), "whoever contested, it was dropped after"
    charges = db.session.query(PaymentAttempt).filter_by(kind="charge").count()
    assert charges == (1 if stands.state == "due" else 0)
    assert compare(since=None, now=claim.now).faults == []
