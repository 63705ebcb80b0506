"""Whatever neighbours, volunteers and time do to a few objects, in whatever order, the promises hold after each step."""

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
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
from app.core.errors import Conflict, Problem
from app.items.models import Item, ItemClaim
from app.lending import jobs, queries, services
from app.lending.models import HOLDING, Loan, RepairTicket
from app.lending.services import closing
from tests import factories
from tests.harness.clock import Clock
from tests.harness.databases import Database

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
FULL = os.environ.get("MOVILAB_FULL") == "1"

items = st.integers(0, 3)
people = st.integers(0, 2)


class Lending(RuleBasedStateMachine):
    """Four objects (plain; with buffer days; at a hub that hands over on the same day; a neighbour's at home), three
    borrowers, a volunteer, and a clock."""

    database: Database

    @initialize()
    def begin(self) -> None:
        db.session.remove()
        self.database.empty()
        self.now = START
        policy = {"max_loans": 8, "loan_days": 5}
        self.hub = factories.hub(policy=policy, weekdays=(1, 2, 3, 4, 5))
        same_day = factories.hub(policy={**policy, "same_day_handover": True, "verification_required": False})
        self.volunteer = factories.volunteer(self.hub)
        factories.membership(same_day, self.volunteer, roles=("coordinator",))
        self.people = [factories.verified_member(self.hub) for _ in range(3)]
        for person in self.people:
            factories.membership(same_day, person)
        self.owner = factories.resident("Léa N.")
        self.items = [
            factories.item("Perceuse", hub=self.hub),
            factories.item("Tente", hub=self.hub, buffer_days=2, max_days=6),
            factories.item("Enceinte", hub=same_day),
            factories.item("Échelle", owner=self.owner),
        ]

    # -- what can happen ----------------------------------------------------------------------------------

    def act(self, service: Callable[..., Any], **words: Any) -> Any:
        try:
            with transaction():
                return service(**words)
        except Conflict as conflict:
            # The database's own refusal has no alternatives: the service must have seen it coming.
            assert conflict.code != "lending.already_reserved" or "alternatives" in conflict.params
            assert conflict.code not in ("core.conflict", "lending.already_out") or conflict.params
            return None
        except Problem:
            return None

    @rule(item=items, who=people, first=st.integers(0, 6), length=st.integers(0, 4))
    def reserve(self, item: int, who: int, first: int, length: int) -> None:
        start = self.now.date() + timedelta(days=first)
        self.act(
            services.reserve,
            item_id=self.items[item].id,
            actor_id=self.people[who].id,
            first_day=start,
            due=start + timedelta(days=length),
            now=self.now,
        )

    @rule(item=items, who=people)
    def check_out_plainly(self, item: int, who: int) -> None:
        self.check_out(item, who, None, 0)

    @rule(item=items, who=people, due=st.none() | st.integers(0, 6), minutes=st.integers(0, 300))
    def check_out(self, item: int, who: int, due: int | None, minutes: int) -> None:
        thing = self.items[item]
        self.act(
            services.check_out,
            item_code=thing.code,
            member_code=self.people[who].code,
            hub_id=thing.hub_id or self.hub.id,
            actor_id=self.volunteer.id,
            due=None if due is None else self.now.date() + timedelta(days=due),
            override=services.Override(("overdue_elsewhere",), "Il le faut."),
            at=self.now - timedelta(minutes=minutes) if minutes > 200 else None,
            now=self.now,
        )

    @rule(item=items, condition=st.sampled_from(["good", "good", "good", "worn", "damaged"]))
    def check_in(self, item: int, condition: str) -> None:
        thing = self.items[item]
        self.act(
            services.check_in,
            item_code=thing.code,
            hub_id=thing.hub_id or self.hub.id,
            actor_id=self.volunteer.id,
            condition=condition,
            now=self.now,
        )

    @rule(item=items)
    def undo(self, item: int) -> None:
        thing = self.items[item]
        loan_id = self.last_loan(thing)
        if loan_id is not None and thing.hub_id is not None:
            before = self.shape(loan_id)
            if self.act(
                services.undo,
                loan_id=loan_id,
                hub_id=thing.hub_id,
                actor_id=self.volunteer.id,
                now=self.now,
            ):
                assert self.shape(loan_id) != before or before[0] in ("reserved", "cancelled", "checked_out")

    @rule(item=items)
    def scan_out_and_undo(self, item: int) -> None:
        """An undone check-out leaves everything as it was."""
        thing = self.items[item]
        reserved = db.session.scalars(
            select(Loan).where(Loan.item_id == thing.id, Loan.status == "reserved").order_by(Loan.first_day)
        ).first()
        if reserved is None or thing.hub_id is None:
            return
        before = self.shape(reserved.id)
        borrower = reserved.borrower.code
        out = self.act(
            services.check_out,
            item_code=thing.code,
            member_code=borrower,
            hub_id=thing.hub_id,
            actor_id=self.volunteer.id,
            now=self.now,
        )
        if out is not None and out.loan.id == reserved.id and not out.repeated:
            self.act_surely(
                services.undo,
                loan_id=reserved.id,
                hub_id=thing.hub_id,
                actor_id=self.volunteer.id,
                now=self.now,
            )
            assert self.shape(reserved.id) == before

    @rule(item=items, condition=st.sampled_from(["good", "damaged"]))
    def scan_in_and_undo(self, item: int, condition: str) -> None:
        """An undone check-in leaves everything as it was."""
        thing = self.items[item]
        out = db.session.scalar(select(Loan).where(Loan.item_id == thing.id, Loan.status == "checked_out"))
        if out is None or thing.hub_id is None:
            return
        loan_id, before, looked = out.id, self.shape(out.id), db.session.get_one(Item, thing.id).condition
        self.act_surely(
            services.check_in,
            item_code=thing.code,
            hub_id=thing.hub_id,
            actor_id=self.volunteer.id,
            condition=condition,
            now=self.now,
        )
        self.act_surely(
            services.undo, loan_id=loan_id, hub_id=thing.hub_id, actor_id=self.volunteer.id, now=self.now
        )
        assert self.shape(loan_id) == before
        assert db.session.get_one(Item, thing.id).condition == looked
        assert queries.open_ticket(thing.id) is None

    def act_surely(self, service: Callable[..., Any], **words: Any) -> Any:
        with transaction():
            return service(**words)

    @rule(item=items, days=st.none() | st.integers(0, 9))
    def renew(self, item: int, days: int | None) -> None:
        loan_id = self.last_loan(self.items[item])
        if loan_id is not None:
            loan = db.session.get_one(Loan, loan_id)
            self.act(
                services.renew,
                loan_id=loan_id,
                actor_id=loan.borrower_id,
                due=None if days is None else self.now.date() + timedelta(days=days),
                now=self.now,
            )

    @rule(item=items)
    def cancel(self, item: int) -> None:
        loan_id = self.last_loan(self.items[item])
        if loan_id is not None:
            borrower = db.session.get_one(Loan, loan_id).borrower_id
            self.act(services.cancel, loan_id=loan_id, actor_id=borrower, now=self.now)

    @rule(
        who=people,
        first=st.integers(0, 2),
        length=st.integers(0, 3),
        yes=st.sampled_from([True, True, False]),
    )
    def ask_and_answer(self, who: int, first: int, length: int, yes: bool) -> None:
        self.reserve(3, who, first, length)
        loan_id = self.last_loan(self.items[3])
        if loan_id is not None:
            service = services.approve if yes else services.decline
            self.act(service, loan_id=loan_id, actor_id=self.owner.id, now=self.now)

    @rule(by_owner=st.booleans(), contested=st.booleans())
    def between_neighbours(self, by_owner: bool, contested: bool) -> None:
        held = select(Loan).where(
            Loan.item_id == self.items[3].id, Loan.status.in_(("reserved", "checked_out"))
        )
        loan = db.session.scalars(held.order_by(Loan.first_day)).first()
        if loan is None:
            return
        loan_id, borrower, back = loan.id, loan.borrower_id, loan.status == "checked_out"
        giver = self.owner.id if by_owner else borrower
        service = services.hand_back if back else services.hand_over
        self.act(service, loan_id=loan_id, actor_id=giver, now=self.now)
        if contested:
            other = borrower if by_owner else self.owner.id
            self.act(services.contest, loan_id=loan_id, actor_id=other, now=self.now)

    @rule(item=items)
    def close_repair(self, item: int) -> None:
        ticket = queries.open_ticket(self.items[item].id)
        if ticket is not None:
            self.act(services.close_repair, ticket_id=ticket.id, actor_id=self.volunteer.id, now=self.now)

    @rule(item=items)
    def lose(self, item: int) -> None:
        loan_id = self.last_loan(self.items[item])
        if loan_id is not None:
            self.act(services.mark_lost, loan_id=loan_id, actor_id=self.volunteer.id, now=self.now)

    @rule(first=st.integers(0, 10), length=st.integers(0, 3))
    def close_hub(self, first: int, length: int) -> None:
        start = self.now.date() + timedelta(days=first)
        factories.closure(self.hub, start, start + timedelta(days=length))
        self.act(closing.leave_closed_days, hub_id=self.hub.id, now=self.now)

    @rule(hours=st.sampled_from([0.1, 1, 5, 24, 26, 72]), sweep=st.booleans())
    def time_passes(self, hours: float, sweep: bool) -> None:
        self.now += timedelta(hours=hours)
        if sweep:
            self.sweep()

    @rule()
    def sweep(self) -> None:
        """The scheduler's jobs, and the events that wait."""
        db.session.rollback()
        for job in (
            jobs.expire_requests,
            jobs.remind_owners,
            jobs.turn_pick_up_clocks,
            jobs.push_uncertain_claims,
            jobs.send_reminders,
            jobs.count_one_sided_hand_overs,
        ):
            job(now=self.now)
        due = outbox.due(now=self.now + timedelta(hours=1), limit=1000)
        db.session.rollback()
        assert outbox.deliver(due, now=self.now) == len(due)

    # -- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def claims_never_overlap(self) -> None:
        for item in getattr(self, "items", ()):
            live = db.session.scalars(
                select(ItemClaim)
                .where(ItemClaim.item_id == item.id, ItemClaim.live)
                .order_by(ItemClaim.first_day)
            ).all()
            for one, following in pairwise(live):
                assert one.end_day <= following.first_day

    @invariant()
    def loans_and_claims_agree(self) -> None:
        out: set[int] = set()
        for loan in db.session.scalars(select(Loan)).all() if hasattr(self, "items") else ():
            claim = loan.claim
            if loan.status in HOLDING:
                assert claim.live
                assert claim.item_id == loan.item_id
            elif claim.live:  # only the buffer days of what came back
                assert loan.status == "returned"
                assert loan.checked_in_at is not None
                came = loan.checked_in_at.astimezone(PARIS).date()
                assert claim.end_day <= came + timedelta(days=loan.item.buffer_days)
            if loan.status == "checked_out":
                assert loan.item_id not in out
                out.add(loan.item_id)
                assert loan.checked_out_at is not None
                assert loan.item.status == "active"
            if loan.status in ("requested", "reserved"):
                terms = queries.terms_of(loan.item, loan.hub)
                assert claim.first_day == loan.first_day
                assert claim.end_day == terms.claim_end(loan.first_day, loan.due)

    @invariant()
    def one_repair_at_a_time(self) -> None:
        for item in getattr(self, "items", ()):
            tickets = db.session.scalars(
                select(RepairTicket).where(RepairTicket.item_id == item.id, RepairTicket.closed_at.is_(None))
            ).all()
            assert len(tickets) <= 1
            for ticket in tickets:
                out = select(Loan.id).where(Loan.item_id == item.id, Loan.status == "checked_out")
                assert db.session.scalar(out) is None, ticket.id

    # -- seen ---------------------------------------------------------------------------------------------

    def last_loan(self, item: Item) -> int | None:
        query = select(Loan.id).where(Loan.item_id == item.id).order_by(Loan.id.desc()).limit(1)
        return db.session.scalar(query)

    def shape(self, loan_id: int) -> tuple[str, date, date, date, date, bool, bool]:
        db.session.expire_all()
        loan = db.session.get_one(Loan, loan_id)
        claim = loan.claim
        return (
            loan.status,
            loan.first_day,
            loan.due,
            claim.first_day,
            claim.end_day,
            claim.live,
            claim.uncertain,
        )

    def teardown(self) -> None:
        db.session.remove()


@pytest.mark.slow
def test_promises_hold_whatever_happens(app: Flask, database: Database, clock: Clock) -> None:
    class Here(Lending):
        pass

    Here.database = database
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=(60 if database.kind == "sqlite" else 25) if FULL else 6,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=not FULL,
            print_blob=True,
        ),
    )
