"""Whatever neighbours, a coordinator and time do to sessions, nobody is in two at once, what is promised is what is agreed,
what moved is what was confirmed, and all accounts sum to zero."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.core.db import db, transaction
from app.core.errors import Problem
from app.skills.ledger.models import TimeAccount, TimeReservation, TimeTransfer
from app.skills.sessions import jobs, rules, services
from app.skills.sessions.models import SkillSession
from tests import factories
from tests.harness.databases import Database
from tests.harness.sizes import FULL

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

people = st.integers(0, 2)
which = st.integers(0, 2)
hours = st.integers(1, 60)
minutes = st.sampled_from([60, 60, 90])
side = st.integers(3, 6)
"""Who gives in that session (3, 5), who learns (4), or the coordinator (6)."""


class Neighbours(RuleBasedStateMachine):
    """Three neighbours of one hub, each with something to teach, and its coordinator."""

    database: Database

    @initialize()
    def begin(self) -> None:
        db.session.remove()
        self.database.empty()
        self.now = START
        self.hub = factories.hub()
        self.cora = factories.coordinator(self.hub)
        self.people = [factories.verified_member(self.hub) for _ in range(3)]
        self.skills = [factories.skill(who, hub=self.hub) for who in self.people]
        for who, skill in ((0, 1), (1, 2), (2, 0)):
            self.ask(who, skill, [2 * who + 2, 40], 60)
            self.act(services.accept, 3 if who else 6, 0)

    def act(self, do: Callable[..., Any], who: int, session: int | None = None, **said: Any) -> None:
        if session is not None:
            found = self.sessions()
            if session >= len(found):
                return
            said["session_id"] = found[session].id
            two = {3: found[session].giver_id, 4: found[session].learner_id, 5: found[session].giver_id}
            said["actor_id"] = two.get(who, self.cora.id)
        else:
            said["actor_id"] = self.people[who].id
        try:
            with transaction():
                do(now=self.now, **said)
        except Problem:
            db.session.rollback()

    def sessions(self) -> list[SkillSession]:
        """The last five, the newest first."""
        db.session.rollback()
        return list(db.session.scalars(select(SkillSession).order_by(SkillSession.id.desc()).limit(5)))

    def times(self, ahead: list[int]) -> list[datetime]:
        return [self.now + n * HOUR for n in ahead]

    # -- what they do -------------------------------------------------------------------------------------

    @rule(who=people, skill=people, ahead=st.lists(hours, min_size=1, max_size=3, unique=True), n=minutes)
    def ask(self, who: int, skill: int, ahead: list[int], n: int) -> None:
        starts = self.times(ahead)
        self.act(services.ask, who, skill_id=self.skills[skill].id, starts=starts, minutes=n, place="hub")

    @rule(who=side, session=which)
    def accept(self, who: int, session: int) -> None:
        self.act(services.accept, who, session)

    @rule(who=side, session=which, ahead=st.lists(hours, min_size=1, max_size=2, unique=True))
    def propose(self, who: int, session: int, ahead: list[int]) -> None:
        self.act(services.propose, who, session, starts=self.times(ahead))

    @rule(who=side, session=which)
    def decline(self, who: int, session: int) -> None:
        self.act(services.decline, who, session)

    @rule(who=side, session=which)
    def cancel(self, who: int, session: int) -> None:
        self.act(services.cancel, who, session)

    @rule(who=side, session=which, n=minutes)
    def confirm(self, who: int, session: int, n: int) -> None:
        self.act(services.confirm, who, session, minutes=n)

    @rule(who=side, session=which)
    def agree(self, who: int, session: int) -> None:
        self.act(services.agree, who, session)

    @rule(who=side, session=which, n=st.sampled_from([None, 0, 45]))
    def dispute(self, who: int, session: int, n: int | None) -> None:
        self.act(services.dispute, who, session, minutes=n)

    @rule(who=side, session=which, n=st.sampled_from([0, 60]))
    def settle(self, who: int, session: int, n: int) -> None:
        self.act(services.settle, who, session, minutes=n, note="Entendu.")

    @rule(passed=st.sampled_from([1, 20, 24 * 7, 24 * 14]))
    def time_passes(self, passed: int) -> None:
        self.now += passed * HOUR
        db.session.rollback()
        jobs.close(now=self.now)
        db.session.rollback()
        jobs.remind(now=self.now)

    # -- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def what_is_promised_is_what_is_agreed(self) -> None:
        if not hasattr(self, "people"):
            return
        db.session.rollback()
        promised = dict(db.session.execute(select(TimeReservation.key, TimeReservation.minutes)).all())
        moved = dict(db.session.execute(select(TimeTransfer.key, TimeTransfer.minutes)).all())
        every = db.session.scalars(select(SkillSession)).all()
        assert promised == {f"session:{one.id}": one.minutes for one in every if one.status == "accepted"}
        assert moved == {f"session:{one.id}": one.moved_minutes for one in every if one.status == "confirmed"}
        assert (db.session.scalar(select(func.sum(TimeAccount.balance))) or 0) == 0
        for account in db.session.scalars(select(TimeAccount)):
            lowest = -600 if account.given >= 60 else -180
            assert account.balance - account.going_out >= lowest

    @invariant()
    def nobody_is_in_two_at_once(self) -> None:
        if not hasattr(self, "people"):
            return
        agreed = db.session.scalars(select(SkillSession).where(SkillSession.status == "accepted")).all()
        for who in self.people:
            spans = sorted(
                (one.starts_at, one.ends_at)
                for one in agreed
                if who.id in (one.giver_id, one.learner_id) and one.starts_at and one.ends_at
            )
            assert all(one[1] <= next_one[0] for one, next_one in pairwise(spans))

    @invariant()
    def whoever_waits_will_not_wait_for_ever(self) -> None:
        if not hasattr(self, "people"):
            return
        for one in db.session.scalars(select(SkillSession)):
            assert (one.closes_at is not None) == (one.status in ("asked", "accepted"))
            assert (one.ended_at is None) == (one.status in rules.OPEN)
            assert bool(one.times) == (one.proposed_by_id is not None)


def test_whatever_they_do(app: Flask, database: Database) -> None:
    """A few steps at a time, so that a failure is told in few; more with MOVILAB_FULL."""

    class Here(Neighbours):
        pass

    Here.database = database
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=80 if FULL else 5,
            stateful_step_count=50 if FULL else 30,
            deadline=None,
            derandomize=not FULL,
            suppress_health_check=list(HealthCheck),
        ),
    )
