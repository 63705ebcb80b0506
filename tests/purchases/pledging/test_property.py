"""Whatever neighbours pledge, change, take back, leave cards for or not, and whenever it closes: what is stored is what the
rules say, to the unit and to the cent, and nobody is bound to more than she was shown."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.core.db import db, transaction
from app.core.errors import Problem
from app.payments.ledger import queries as ledger
from app.payments.ledger.models import MoneyEntry
from app.payments.ledger.rules import Account
from app.purchases.models import Campaign, Product
from app.purchases.pledging import closing, jobs, services
from app.purchases.pledging.models import COUNTS, Allotment, Pledge, PledgeIncrement
from app.purchases.pledging.rules import Wish
from app.purchases.pledging.standing import goods_of, products_of
from app.purchases.rules import packs_of
from tests import factories
from tests.harness.databases import Database
from tests.harness.sizes import FULL
from tests.purchases.pledging.acts import NOW, campaign, card_comes, deliver

people = st.integers(0, 3)
units = st.integers(0, 9)


class Pledging(RuleBasedStateMachine):
    """Four neighbours and one campaign of two products; the clock goes on with every act."""

    database: Database

    @initialize(
        sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
        packs=st.none() | st.integers(1, 4),
        minimum=st.integers(0, 20_000),
        common=st.integers(0, 1_001),
        sharing=st.sampled_from(("in_order", "proportional")),
        tier=st.integers(2, 15),
    )
    def begin(
        self, sizes: tuple[int, int], packs: int | None, minimum: int, common: int, sharing: str, tier: int
    ) -> None:
        db.session.remove()
        self.database.empty()
        self.now = NOW
        self.people = [factories.resident() for _ in range(4)]
        self.one = campaign(payment="either", minimum_cents=minimum, transport_cents=common, sharing=sharing)
        limit = None if packs is None else packs * sizes[0]
        self.products = [
            factories.product(
                self.one, price_cents=997, pack_size=sizes[0], limit_units=limit, tiers={tier: 901}
            ),
            factories.product(self.one, price_cents=350, pack_size=sizes[1]),
        ]
        self.shown: dict[int, int] = {}

    def act(self, service: Any, **words: Any) -> Any:
        self.now += timedelta(minutes=3)
        try:
            with transaction():
                return service(campaign_id=self.one.id, now=self.now, **words)
        except Problem:
            return None

    @rule(who=people, first=units, second=units, more=st.integers(0, 5), by_card=st.booleans())
    def pledge(self, who: int, first: int, second: int, more: int, by_card: bool) -> None:
        wishes = [
            Wish(self.products[0].id, first, more if first else 0),
            Wish(self.products[1].id, second, more // 2 if second else 0),
        ]
        actor_id = self.people[who].id
        payment = "card" if by_card else "counter"
        done = self.act(services.pledge, actor_id=actor_id, wishes=wishes, payment=payment)
        if done is not None:
            self.shown[done.pledge.id] = done.pledge.ceiling_cents

    @rule(who=people)
    def withdraw(self, who: int) -> None:
        self.act(services.withdraw, actor_id=self.people[who].id)

    @rule()
    def a_card_comes(self) -> None:
        db.session.rollback()
        waiting = db.session.scalars(select(Pledge).where(Pledge.status == "holding").limit(1)).one_or_none()
        attempt_id = services.attempt_waiting(waiting) if waiting else None
        if attempt_id is not None:
            card_comes(attempt_id, now=self.now)
            deliver(now=self.now)

    @rule()
    def half_an_hour_passes(self) -> None:
        self.now += timedelta(minutes=31)
        jobs.lapse(now=self.now)

    @rule()
    def close(self) -> None:
        self.act(closing.close, actor_id=self.one.organizer_id)

    @invariant()
    def counts_are_what_the_rows_say(self) -> None:
        db.session.rollback()
        stored = db.session.get_one(Campaign, self.one.id, populate_existing=True)
        secured = 0
        for product in products_of(stored.id):
            sums = select(func.sum(PledgeIncrement.want), func.sum(PledgeIncrement.tolerance))
            want, tolerance = db.session.execute(sums.where(PledgeIncrement.product_id == product.id)).one()
            assert (product.wanted, product.tolerated) == (want or 0, tolerance or 0)
            assert product.limit_units is None or product.wanted <= product.limit_units
            packs = packs_of(goods_of(product), want=product.wanted, tolerance=product.tolerated)
            secured += packs * product.pack_size * product.price_cents
        pledges = select(func.count()).where(Pledge.status.in_(COUNTS))
        assert stored.pledgers == db.session.scalar(pledges)
        assert stored.pledged_cents == secured

    @invariant()
    def what_is_decided_adds_up(self) -> None:
        db.session.rollback()
        stored = db.session.get_one(Campaign, self.one.id, populate_existing=True)
        if stored.decided_at is None:
            return
        bought = sum(
            (product.packs or 0) * product.pack_size for product in db.session.scalars(select(Product))
        )
        supplier = sum(
            (product.packs or 0) * product.pack_size * (product.final_price_cents or 0)
            for product in db.session.scalars(select(Product))
        )
        given = list(db.session.scalars(select(Allotment)))
        assert sum(one.quantity for one in given) == bought
        assert sum(one.goods_cents for one in given) == supplier
        for one in given:
            said = select(func.sum(PledgeIncrement.want + PledgeIncrement.tolerance)).where(
                PledgeIncrement.pledge_id == one.pledge_id, PledgeIncrement.product_id == one.product_id
            )
            assert one.quantity <= (db.session.scalar(said) or 0)
        pledges = db.session.scalars(select(Pledge).where(Pledge.total_cents.is_not(None))).all()
        assert all((one.total_cents or 0) <= self.shown[one.id] for one in pledges)
        paid = sum(one.total_cents or 0 for one in pledges)
        waived = sum(one.waived_cents or 0 for one in pledges)
        if stored.status == "failed":
            assert paid == 0
        else:
            assert paid + waived == supplier + stored.transport_cents
            assert stored.pledged_cents >= stored.minimum_cents
        promised = paid if stored.status == "succeeded" else 0
        assert -ledger.balance(Account.campaign(stored.subject)) == promised
        assert not db.session.scalar(select(func.sum(MoneyEntry.amount)))


@pytest.mark.slow
def test_a_campaign_holds_whatever_happens(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "movilab.gateway", SimpleNamespace(takes_cards=True))

    class OnThisDatabase(Pledging):
        pass

    OnThisDatabase.database = database
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=(60 if database.kind == "sqlite" else 25) if FULL else 5,
            stateful_step_count=30 if FULL else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=not FULL,
            print_blob=True,
        ),
    )
