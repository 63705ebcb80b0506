"""Whatever is owed, paid, corrected, given back, reversed and carried over: nobody is given more than is hers, nobody pays
more than she owes, the till holds what the receipts say, and the whole ledger holds."""

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core.db import db, transaction
from app.core.errors import Problem
from app.payments.cash import services as cash
from app.payments.cash.models import Receipt
from app.payments.differences.comparing import compare
from app.payments.ledger import queries, services
from app.payments.ledger.rules import Account
from tests.harness.databases import Database
from tests.harness.sizes import FULL
from tests.payments.acts import NOW
from tests.payments.test_cash import Counter

subjects = st.sampled_from(("pledge:1", "pledge:2"))
sums = st.sampled_from((1, 30, 250, 1000, 5000))
acts = st.one_of(
    st.tuples(st.just("due"), subjects, sums),
    st.tuples(st.just("correct"), subjects, sums),
    st.tuples(st.just("take"), subjects, sums),
    st.tuples(st.just("pay_out"), subjects, sums),
    st.tuples(st.just("carry"), subjects, sums),
    st.tuples(st.just("reverse"), st.just(""), st.integers(1, 12)),
)


class Story:
    """One member, two subjects, one act after another, as by a volunteer's hand."""

    def __init__(self) -> None:
        self.counter = Counter(owed=0)
        self.steps = 0

    def act(self, what: str, subject: str, cents: int) -> None:
        self.steps += 1
        key, who = f"step:{self.steps}", self.counter.anna.id
        about: dict[str, Any] = {"actor_id": self.counter.volunteer.id, "now": NOW}
        before = self.owed
        hand = {
            "key": key,
            "hub_id": self.counter.hub.id,
            "resident_id": who,
            "subject": subject,
            "means": "cash",
        }
        try:
            with transaction():
                if what == "take":
                    cash.take(**hand, cents=cents, **about)
                elif what == "pay_out":
                    cash.pay_out(**hand, cents=cents, **about)
                elif what == "reverse":
                    cash.reverse(receipt_id=cents, why="Par erreur", **about)
                elif what == "carry":
                    other = "pledge:2" if subject == "pledge:1" else "pledge:1"
                    services.carry(
                        key=key, resident_id=who, from_subject=subject, to_subject=other, cents=cents, **about
                    )
                else:
                    gained = cents if what == "due" else -cents
                    lines = [(Account.member(who), gained), (Account.campaign("campaign:1"), -gained)]
                    services.post(source=key, kind=what, subject=subject, lines=lines, **about)
        except Problem:
            assert self.owed == before, "what is refused changes nothing"
            return
        owed = self.owed
        if what == "take":
            assert owed[subject] >= 0, "never more than she owed"
        if what == "pay_out":
            assert owed[subject] <= 0, "never more than was hers"
        if what == "carry":
            assert sum(owed.values()) == sum(before.values())

    @property
    def owed(self) -> dict[str, int]:
        db.session.rollback()
        who = self.counter.anna.id
        return {one: queries.owed(subject=one, resident_id=who) for one in ("pledge:1", "pledge:2")}


def test_random_histories_of_money_hold(app: Flask, database: Database) -> None:
    @settings(
        max_examples=100 if FULL else 8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(acts, min_size=5, max_size=30))
    def holds(history: list[tuple[str, str, int]]) -> None:
        db.session.remove()
        database.empty()
        story = Story()
        for act in history:
            story.act(*act)
        assert compare(since=None, now=NOW).faults == []
        stands = select(func.sum(Receipt.cents)).where(Receipt.reversed_at.is_(None))
        taken, given_back = (
            db.session.scalar(stands.where(Receipt.way == way)) or 0 for way in ("in", "out")
        )
        assert queries.balance(Account.cash(story.counter.hub.id)) == taken - given_back
        assert sum(story.owed.values()) == queries.balance(Account.member(story.counter.anna.id))

    holds()
