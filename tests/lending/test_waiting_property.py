"""Whatever those who wait, borrowers, volunteers and time do, the line is served in order and the promises hold after each
step."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.core import outbox
from app.core.db import db, transaction
from app.core.errors import Problem
from app.hubs import services as hub_services
from app.hubs.models import Membership
from app.items.models import Item, ItemClaim
from app.lending import jobs as lending_jobs
from app.lending import queries, services
from app.lending.models import Loan
from app.lending.waiting import jobs, passing
from app.lending.waiting import services as waiting
from app.lending.waiting.models import OPEN, PlaceInLine
from tests import factories
from tests.harness.clock import Clock
from tests.harness.databases import Database

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
FULL = os.environ.get("MOVILAB_FULL") == "1"

items = st.integers(0, 1)
people = st.integers(0, 3)


class Lines(RuleBasedStateMachine):
    """Two objects (the second rests for a day after each loan), four neighbours who would all like them."""

    database: Database

    @initialize()
    def begin(self) -> None:
        db.session.remove()
        self.database.empty()
        self.now = START
        self.hub = factories.hub(policy={"max_loans": 8, "loan_days": 5}, weekdays=(1, 2, 3, 4, 5))
        self.paul = factories.coordinator(self.hub)
        self.people = [factories.verified_member(self.hub) for _ in range(4)]
        self.items = [
            factories.item("Perceuse", hub=self.hub),
            factories.item("Tente", hub=self.hub, buffer_days=1),
        ]
        self.asleep: set[int] = set()
        """Places whose turn was left to others, until their object leaves the house."""
        self.slept: dict[int, set[int]] = {}
        self.was_ready: dict[int, int] = {}

    def act(self, service: Callable[..., Any], **words: Any) -> Any:
        try:
            with transaction():
                return service(now=self.now, **words)
        except Problem:
            return None

    # -- those who wait -----------------------------------------------------------------------------------

    @rule(item=items, who=people)
    def join(self, item: int, who: int) -> None:
        self.act(waiting.join, item_id=self.items[item].id, actor_id=self.people[who].id)

    @rule(item=items, who=people)
    def leave(self, item: int, who: int) -> None:
        self.act(waiting.leave, item_id=self.items[item].id, actor_id=self.people[who].id)

    @rule(item=items)
    def whose_turn_it_is_passes(self, item: int) -> None:
        place = self.ready(self.items[item])
        if place is not None:
            self.asleep.add(place.id)
            assert self.act(waiting.pass_on, item_id=place.item_id, actor_id=place.resident_id) is not None

    @rule(item=items)
    def whose_turn_it_is_takes_it(self, item: int) -> None:
        place = self.ready(self.items[item])
        if place is not None:
            self.act(waiting.take, item_id=place.item_id, actor_id=place.resident_id)

    @rule(item=items)
    def whose_turn_it_is_comes(self, item: int) -> None:
        place = self.ready(self.items[item])
        if place is not None:
            self.check_out(item, next(n for n, one in enumerate(self.people) if one.id == place.resident_id))

    # -- the counter --------------------------------------------------------------------------------------

    @rule(item=items, who=people)
    def check_out(self, item: int, who: int) -> None:
        done = self.act(
            services.check_out,
            item_code=self.items[item].code,
            member_code=self.people[who].code,
            hub_id=self.hub.id,
            actor_id=self.paul.id,
            override=services.Override(("overdue_elsewhere", "queue"), "Il le faut."),
        )
        if done is not None and not done.repeated:
            self.left(self.items[item])

    @rule(item=items, condition=st.sampled_from(["good", "good", "good", "damaged"]))
    def check_in(self, item: int, condition: str) -> None:
        self.act(
            services.check_in,
            item_code=self.items[item].code,
            hub_id=self.hub.id,
            actor_id=self.paul.id,
            condition=condition,
        )

    @rule(item=items)
    def undo(self, item: int) -> None:
        last = select(Loan.id).where(Loan.item_id == self.items[item].id).order_by(Loan.id.desc()).limit(1)
        loan_id = db.session.scalar(last)
        if loan_id is None:
            return
        was_out = db.session.get_one(Loan, loan_id).status == "checked_out"
        done = self.act(services.undo, loan_id=loan_id, hub_id=self.hub.id, actor_id=self.paul.id)
        if done is not None and was_out:  # it had not left: who slept sleeps on
            self.asleep |= self.slept.get(self.items[item].id, set())

    @rule(item=items)
    def mend(self, item: int) -> None:
        ticket = queries.open_ticket(self.items[item].id)
        if ticket is not None:
            self.act(services.close_repair, ticket_id=ticket.id, actor_id=self.paul.id)
            self.left(self.items[item])

    @rule(item=items, who=people, first=st.integers(0, 9), length=st.integers(0, 3))
    def reserve(self, item: int, who: int, first: int, length: int) -> None:
        start = self.now.date() + timedelta(days=first)
        self.act(
            services.reserve,
            item_id=self.items[item].id,
            actor_id=self.people[who].id,
            first_day=start,
            due=start + timedelta(days=length),
        )

    @rule(item=items)
    def cancel(self, item: int) -> None:
        loan = db.session.scalars(
            select(Loan).where(Loan.item_id == self.items[item].id, Loan.status == "reserved")
        ).first()
        if loan is not None:
            self.act(services.cancel, loan_id=loan.id, actor_id=loan.borrower_id)

    @rule(who=people, lift=st.booleans())
    def suspend(self, who: int, lift: bool) -> None:
        words = {"hub_id": self.hub.id, "resident_id": self.people[who].id, "actor_id": self.paul.id}
        if lift:
            self.act(hub_services.lift, **words)
        else:
            self.act(hub_services.suspend, why="Pour voir.", **words)

    @rule(first=st.integers(0, 10), length=st.integers(0, 3))
    def close_hub(self, first: int, length: int) -> None:
        start = self.now.date() + timedelta(days=first)
        factories.closure(self.hub, start, start + timedelta(days=length))
        self.act(passing.leave_closed_days, hub_id=self.hub.id)

    @rule(hours=st.sampled_from([0.1, 5, 24, 72, 200]))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        db.session.rollback()
        lapsed = self.places(PlaceInLine.status == "ready")
        for job in (
            lending_jobs.turn_pick_up_clocks,
            lending_jobs.push_uncertain_claims,
            jobs.lapse_holds,
        ):
            job(now=self.now)
        db.session.expire_all()
        self.asleep |= {place.id for place in lapsed if place.passed_at is not None}
        while due := outbox.due(now=self.now + timedelta(hours=1), limit=1000):
            db.session.rollback()
            assert outbox.deliver(due, now=self.now) == len(due)
        db.session.rollback()
        jobs.serve_lines(now=self.now)
        for item in self.items:
            self.somebody_has_her_turn(item)

    def somebody_has_her_turn(self, item: Item) -> None:
        """Nothing lies free while somebody waits for it."""
        today = self.now.date()
        taken = queries.taken(item.id, today=today)
        here = queries.in_house_since(item.id, besides=0) is not None
        if here and not taken:
            assert not self.awake(item)

    # -- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def the_line_is_in_order(self) -> None:
        if not hasattr(self, "items"):
            return
        db.session.expire_all()
        for item in self.items:
            ready = self.places(PlaceInLine.item_id == item.id, PlaceInLine.status == "ready")
            assert len(ready) <= 1
            holds = db.session.scalars(
                select(ItemClaim).where(
                    ItemClaim.item_id == item.id, ItemClaim.kind == "hold", ItemClaim.live
                )
            ).all()
            assert [place.claim_id for place in ready] == [claim.id for claim in holds]
            for place in ready:
                self.is_in_hand(place)
                if self.was_ready.get(item.id) != place.id:
                    assert all(one.turn > place.turn for one in self.awake(item)), "first come, first served"
            self.was_ready[item.id] = ready[0].id if ready else 0

    def is_in_hand(self, place: PlaceInLine) -> None:
        assert place.item.status == "active"
        assert queries.in_house_since(place.item_id, besides=0) is not None
        assert place.claim is not None
        assert place.ready_until is not None
        assert place.claim.end_day == place.ready_until + timedelta(days=1)
        for loan in db.session.scalars(
            select(Loan).where(Loan.item_id == place.item_id, Loan.status == "reserved")
        ):
            assert not (loan.first_day <= place.ready_until and loan.due >= place.claim.first_day)

    @invariant()
    def nobody_stands_twice(self) -> None:
        if hasattr(self, "items"):
            still = [(one.item_id, one.resident_id) for one in self.places(PlaceInLine.status.in_(OPEN))]
            assert len(still) == len(set(still))
            assert all(one.lapses <= 2 for one in self.places())

    # -- seen ---------------------------------------------------------------------------------------------

    def places(self, *where: Any) -> list[PlaceInLine]:
        return list(db.session.scalars(select(PlaceInLine).where(*where).order_by(PlaceInLine.turn)))

    def ready(self, item: Item) -> PlaceInLine | None:
        return next(iter(self.places(PlaceInLine.item_id == item.id, PlaceInLine.status == "ready")), None)

    def awake(self, item: Item) -> list[PlaceInLine]:
        suspended = set(
            db.session.scalars(select(Membership.resident_id).where(Membership.status == "suspended"))
        )
        waiting = self.places(PlaceInLine.item_id == item.id, PlaceInLine.status == "waiting")
        return [one for one in waiting if one.id not in self.asleep and one.resident_id not in suspended]

    def left(self, item: Item) -> None:
        self.slept[item.id] = self.asleep & {one.id for one in self.places(PlaceInLine.item_id == item.id)}
        self.asleep -= self.slept[item.id]

    def teardown(self) -> None:
        db.session.remove()


@pytest.mark.slow
def test_the_line_is_served_in_order_whatever_happens(app: Flask, database: Database, clock: Clock) -> None:
    class Here(Lines):
        pass

    Here.database = database
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=(60 if database.kind == "sqlite" else 25) if FULL else 5,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=not FULL,
            print_blob=True,
        ),
    )
