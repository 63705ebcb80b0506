"""Whatever neighbours promise, hold, give, and whatever coordinators put right: the ledger sums to zero, every balance is
the sum of its entries, no promise passes a limit, and nothing that was written is ever edited."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db, transaction
from app.core.errors import Problem
from app.skills.ledger import accounts, giving, services
from app.skills.ledger.audit import audit
from app.skills.ledger.models import TimeAccount, TimeEntry, TimeReservation, TimeTransfer
from app.skills.ledger.rules import Party
from tests import factories
from tests.harness.databases import Database
from tests.harness.sizes import FULL
from tests.skills.ledger.acts import NOW

people = st.integers(0, 3)
"""Three residents, the last one who has a policy of her own hub; 3 is the hub."""
keys = st.integers(1, 6)
amounts = st.sampled_from((1, 15, 60, 120, 180, 600, 2400))


class Ledger(RuleBasedStateMachine):
    """Three neighbours and their hub, sessions by six keys."""

    database: Database

    @initialize()
    def begin(self) -> None:
        db.session.remove()
        self.database.empty()
        hub = factories.hub(policy={"time_newcomer_hours": 2, "time_hub_lowest_hours": 5})
        self.boss = factories.coordinator(hub)
        members = [factories.verified_member(hub), factories.volunteer(hub), factories.resident()]
        self.residents: list[Resident] = members
        self.hub = hub
        self.parties = [*(Party(resident_id=one.id) for one in members), Party(hub_id=hub.id)]
        self.written: dict[tuple[int, int], tuple[int, ...]] = {}
        self.gifts = 0

    def act(self, service: Callable[..., Any], **words: Any) -> Any:
        try:
            with transaction():
                return service(now=NOW, **words)
        except Problem:
            return None

    @rule(key=keys, payer=people, payee=people, minutes=amounts)
    def reserve(self, key: int, payer: int, payee: int, minutes: int) -> None:
        self.act(
            services.reserve,
            key=f"session:{key}",
            payer=self.parties[payer],
            payee=self.parties[payee],
            minutes=minutes,
        )

    @rule(key=keys)
    def release(self, key: int) -> None:
        self.act(services.release, key=f"session:{key}")

    @rule(key=keys, minutes=amounts)
    def settle(self, key: int, minutes: int) -> None:
        db.session.rollback()
        promised = db.session.get(TimeReservation, f"session:{key}")
        reserved = promised.minutes if promised is not None else 0
        done = self.act(services.settle, key=f"session:{key}", minutes=minutes, kind="session")
        assert done is not None or minutes > reserved, "what was reserved always passes"

    @rule(key=keys, payer=people, payee=people, minutes=amounts, up_to_limit=st.booleans())
    def pay(self, key: int, payer: int, payee: int, minutes: int, up_to_limit: bool) -> None:
        self.act(
            services.pay,
            key=f"workshop:{key}",
            payer=self.parties[payer],
            payee=self.parties[payee],
            minutes=minutes,
            kind="workshop",
            actor_id=None,
            up_to_limit=up_to_limit,
        )

    @rule(who=st.integers(0, 2), to=people, minutes=amounts)
    def give(self, who: int, to: int, minutes: int) -> None:
        self.gifts += 1
        given = self.act(
            giving.give,
            to=self.parties[to],
            minutes=minutes,
            note="",
            once=str(self.gifts),
            actor_id=self.residents[who].id,
        )
        if given is not None:
            assert self.account(self.parties[who]).balance >= 0, "hours are given, not owed"

    @rule(which=st.integers(0, 20))
    def put_right(self, which: int) -> None:
        db.session.rollback()
        transfers = db.session.scalars(select(TimeTransfer.id).order_by(TimeTransfer.id)).all()
        if transfers:
            wrong = transfers[which % len(transfers)]
            self.act(services.reverse, transfer_id=wrong, actor_id=self.boss.id, note="Erreur")

    def account(self, party: Party) -> TimeAccount:
        db.session.rollback()
        return db.session.scalars(
            select(TimeAccount).where(
                TimeAccount.resident_id == party.resident_id
                if party.resident_id is not None
                else TimeAccount.hub_id == party.hub_id
            )
        ).one()

    def teardown(self) -> None:
        db.session.remove()

    @invariant()
    def all_of_it_holds(self) -> None:
        assert audit().faults == []

    @invariant()
    def nothing_is_ever_edited(self) -> None:
        found = {
            (entry.transfer_id, entry.side): (entry.amount, entry.account_id, entry.number, entry.balance)
            for entry in db.session.scalars(select(TimeEntry))
        }
        for known, as_written in self.written.items():
            assert found[known] == as_written
        self.written = found

    @invariant()
    def no_promise_is_made_beyond_a_limit(self) -> None:
        """A promise that stands fits with all others, unless a mistake was put right since."""
        if db.session.scalars(select(TimeTransfer.id).where(TimeTransfer.kind == "reversal")).first():
            return
        for account in db.session.scalars(select(TimeAccount)):
            standing = accounts.standing(account)
            assert standing.can_pay >= 0, (account.id, standing)
            assert standing.can_receive >= 0, (account.id, standing)


@pytest.mark.slow
def test_the_ledger_holds_whatever_happens(app: Flask, database: Database) -> None:
    class OnThisDatabase(Ledger):
        pass

    OnThisDatabase.database = database
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=(60 if database.kind == "sqlite" else 25) if FULL else 6,
            stateful_step_count=40 if FULL else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=not FULL,
            print_blob=True,
        ),
    )
