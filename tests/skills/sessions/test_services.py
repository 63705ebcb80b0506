"""A session from the asking to the minutes, and everything that may stand in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.hubs.models import Hub
from app.skills.ledger.models import TimeAccount, TimeReservation
from app.skills.models import Skill
from app.skills.sessions import calendar, queries, rules, services
from app.skills.sessions.models import SkillSession
from tests import factories as make

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
"""A Wednesday, ten o'clock in Paris."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FRIDAY = NOW + 2 * DAY


class Town:
    """Gilda teaches, Lena would like to learn, both belong to one hub; Cora coordinates it."""

    def __init__(self) -> None:
        self.hub: Hub = make.hub("Maison des Tilleuls")
        self.gilda: Resident = make.verified_member(self.hub, "Gilda T.")
        self.lena: Resident = make.verified_member(self.hub, "Lena P.")
        self.cora: Resident = make.coordinator(self.hub, "Cora M.")
        self.skill: Skill = make.skill(
            self.gilda, "Tailler un rosier", hub=self.hub, online=True, at_home=True
        )
        self.now = NOW

    def act(self, do: Any, who: Resident, session: SkillSession | None = None, **said: Any) -> Any:
        if session is not None:
            said["session_id"] = session.id
        with transaction():
            return do(actor_id=who.id, now=self.now, **said)

    def asked(self, *starts: datetime, **said: Any) -> SkillSession:
        words: dict[str, Any] = {"skill_id": self.skill.id, "minutes": 60, "place": "hub", **said}
        found: SkillSession = self.act(services.ask, self.lena, starts=starts or (FRIDAY,), **words)
        return found

    def accepted(self, *starts: datetime, **said: Any) -> SkillSession:
        session = self.asked(*starts, **said)
        found: SkillSession = self.act(services.accept, self.gilda, session)
        return found

    def held(self, **said: Any) -> SkillSession:
        session = self.accepted(**said)
        self.now = FRIDAY + 3 * HOUR
        return session

    def balance(self, who: Resident) -> tuple[int, int]:
        """What somebody has, and what is promised away."""
        account = db.session.scalar(select(TimeAccount).where(TimeAccount.resident_id == who.id))
        return (account.balance, account.going_out) if account is not None else (0, 0)

    def refused(
        self, code: str, do: Any, who: Resident, session: SkillSession | None = None, **said: Any
    ) -> None:
        with pytest.raises((Conflict, Forbidden, NotFound, Invalid)) as refusal:
            self.act(do, who, session, **said)
        found = refusal.value
        codes = [one[0] for one in found.errors.values()] if isinstance(found, Invalid) else [found.code]
        assert codes == [code]


@pytest.fixture
def town(app: Flask) -> Town:
    return Town()


def _fresh(session: SkillSession) -> SkillSession:
    db.session.rollback()
    return db.session.get_one(SkillSession, session.id, populate_existing=True)


def test_asked_accepted_held_and_confirmed_by_both(town: Town) -> None:
    session = town.asked(FRIDAY, FRIDAY + DAY, FRIDAY + 2 * DAY, message="Mes rosiers sont tristes.")
    assert (session.giver_id, session.learner_id) == (town.gilda.id, town.lena.id)
    assert (session.hub_id, session.status) == (town.hub.id, "asked")
    town.refused("sessions.other_answers", services.accept, town.lena, session)
    town.act(services.accept, town.gilda, session, start=FRIDAY + DAY)
    assert town.balance(town.lena) == (0, 60), "promised, not moved"
    town.act(services.accept, town.gilda, session, start=FRIDAY + DAY)  # the same yes twice
    town.now = FRIDAY + DAY + 2 * HOUR
    town.act(services.confirm, town.gilda, session, minutes=60)
    assert town.balance(town.lena) == (0, 60)
    town.act(services.confirm, town.gilda, session, minutes=60)
    town.refused("sessions.already_confirmed", services.confirm, town.gilda, session, minutes=90)
    done = town.act(services.confirm, town.lena, session, minutes=60)
    assert (done.status, done.moved_minutes) == ("confirmed", 60)
    assert (town.balance(town.lena), town.balance(town.gilda)) == ((-60, 0), (60, 0))
    town.act(services.confirm, town.lena, session, minutes=60)
    town.refused("sessions.already_confirmed", services.confirm, town.lena, session, minutes=90)
    assert (town.balance(town.lena), town.balance(town.gilda)) == ((-60, 0), (60, 0))


def test_minutes_go_from_learner_to_giver_whoever_asked(town: Town) -> None:
    need = make.skill(town.gilda, "Lire l’allemand", kind="need", hub=town.hub)
    session = town.asked(skill_id=need.id)
    assert (session.giver_id, session.learner_id, session.asker_id) == (
        town.lena.id,
        town.gilda.id,
        town.lena.id,
    )


def test_what_cannot_be_asked(town: Town) -> None:
    def no(code: str, *starts: datetime, who: Resident = town.lena, **said: Any) -> None:
        words = {"skill_id": town.skill.id, "minutes": 60, "place": "hub", **said}
        town.refused(code, services.ask, who, starts=starts or (FRIDAY,), **words)

    no("sessions.own_skill", who=town.gilda)
    no("sessions.past", NOW - HOUR)
    no("sessions.too_far", NOW + 181 * DAY)
    no("sessions.same_time", FRIDAY, FRIDAY)
    no("sessions.too_many_times", *(FRIDAY + n * DAY for n in range(4)))
    for minutes in (0, -5, 4, 601, 10_000, 10**30):
        no("core.out_of_range", minutes=minutes)
    no("core.not_a_choice", place="moon")
    no("sessions.not_online", link="https://example.org/x")
    no("sessions.not_a_link", place="online", link="javascript:alert(1)")
    no("accounts.email_unconfirmed", who=make.resident(confirmed=False))
    away = make.resident()
    make.membership(town.hub, away, status="suspended")
    no("sessions.suspended", who=away)
    other_hub = make.hub()
    make.membership(other_hub, town.gilda, status="suspended")
    no("sessions.other_away", place="online")
    town.asked()  # suspended elsewhere does not count here
    make.changed(town.skill, state="paused")
    no("sessions.not_open")
    assert db.session.scalar(select(func.count()).select_from(SkillSession)) == 1


def test_a_time_lies_in_what_both_have_said(town: Town) -> None:
    """Hers on Fridays from ten to noon, the asker's need only after eleven."""
    branch = make.skill_category()
    make.changed(town.skill, category_id=branch.id)
    offer = make.skill(town.gilda, "Greffer", hub=town.hub, category_id=branch.id, times=((4, 600, 720),))
    ten = FRIDAY  # ten o'clock in Paris
    town.refused(
        "sessions.outside",
        services.ask,
        town.lena,
        skill_id=offer.id,
        starts=(ten - HOUR,),
        minutes=60,
        place="hub",
    )
    make.skill(town.lena, "Apprendre à greffer", kind="need", category_id=branch.id, times=((4, 660, 720),))
    town.refused(
        "sessions.outside", services.ask, town.lena, skill_id=offer.id, starts=(ten,), minutes=60, place="hub"
    )
    assert town.asked(ten + HOUR, skill_id=offer.id).status == "asked"


def test_nobody_is_in_two_sessions_at_once(town: Town) -> None:
    town.accepted(FRIDAY)
    basil = make.verified_member(town.hub)
    other = make.skill(basil, "Le violon", hub=town.hub)
    half_past = FRIDAY + HOUR / 2
    ask = {"minutes": 60, "place": "hub", "starts": (half_past,)}
    town.refused("sessions.overlaps", services.ask, town.lena, skill_id=other.id, **ask)
    town.refused("sessions.other_busy", services.ask, basil, skill_id=town.skill.id, **ask)
    after = town.asked(FRIDAY + HOUR)
    before = town.asked(FRIDAY + 2 * HOUR - HOUR / 2)
    town.act(services.accept, town.gilda, after)
    town.refused("sessions.overlaps", services.accept, town.gilda, before)
    assert town.asked(FRIDAY + HOUR * 5).id == town.asked(FRIDAY + HOUR * 5).id, "asked twice is asked once"


def test_the_limit_holds_when_it_is_accepted(town: Town) -> None:
    """A newcomer may go three hours below zero, promises included."""
    for n in range(3):
        town.accepted(FRIDAY + n * 2 * HOUR)
    fourth = town.asked(FRIDAY + DAY)
    town.refused("ledger.limit_reached", services.accept, town.gilda, fourth)
    assert _fresh(fourth).status == "asked"
    assert town.balance(town.lena) == (0, 180)


def test_more_than_was_agreed_has_to_fit(town: Town) -> None:
    session = town.held(minutes=180)
    town.act(services.confirm, town.gilda, session, minutes=181)
    town.refused("ledger.limit_reached", services.confirm, town.lena, session, minutes=181)
    assert _fresh(session).status == "accepted"


def test_other_times_are_proposed_and_answered(town: Town) -> None:
    session = town.asked()
    town.act(services.propose, town.gilda, session, starts=(FRIDAY + DAY,))
    town.refused("sessions.other_answers", services.accept, town.gilda, session)
    town.act(services.accept, town.lena, session)
    assert _fresh(session).starts_at == FRIDAY + DAY
    town.act(services.propose, town.lena, session, starts=(FRIDAY + 2 * DAY, FRIDAY + 3 * DAY))
    assert _fresh(session).starts_at == FRIDAY + DAY, "it stands until the other one answers"
    town.refused("sessions.not_proposed", services.accept, town.gilda, session, start=FRIDAY + 9 * DAY)
    town.act(services.decline, town.gilda, session, why="Plutôt comme convenu.")
    assert (_fresh(session).status, session.proposed_by_id, session.times) == ("accepted", None, [])
    town.act(services.propose, town.lena, session, starts=(FRIDAY + 2 * DAY,))
    town.act(services.accept, town.gilda, session)
    assert _fresh(session).starts_at == FRIDAY + 2 * DAY
    assert town.balance(town.lena) == (0, 60), "promised once"


@pytest.mark.parametrize(("before", "late"), [(24 * HOUR, False), (23 * HOUR, True)])
def test_called_off_frees_the_promise(town: Town, before: timedelta, late: bool) -> None:
    session = town.accepted()
    town.now = FRIDAY - before
    town.act(services.cancel, town.gilda, session, why="Malade.")
    assert (_fresh(session).status, session.cancelled_late) == ("cancelled", late)
    assert town.balance(town.lena) == (0, 0)
    assert town.act(services.cancel, town.lena, session).status == "cancelled"
    town.refused("sessions.over", services.confirm, town.lena, session, minutes=60)


def test_once_begun_it_is_not_called_off(town: Town) -> None:
    session = town.held()
    town.refused("sessions.begun", services.cancel, town.lena, session)
    town.refused("sessions.begun", services.propose, town.lena, session, starts=(FRIDAY + 9 * DAY,))


def test_two_durations_are_a_dispute_and_nothing_moves(town: Town) -> None:
    session = town.held()
    town.act(services.confirm, town.gilda, session, minutes=90)
    town.act(services.confirm, town.lena, session, minutes=60)
    assert (_fresh(session).status, session.heard_at_id) == ("disputed", town.hub.id)
    assert (
        town.balance(town.lena),
        db.session.scalar(select(func.count()).select_from(TimeReservation)),
    ) == (
        (0, 0),
        0,
    )
    town.act(services.agree, town.gilda, session)
    assert (_fresh(session).status, session.moved_minutes) == ("confirmed", 60)
    assert town.balance(town.lena) == (-60, 0)


def test_a_coordinator_who_is_neither_of_them_settles_it(town: Town) -> None:
    session = town.held()
    town.refused("sessions.nothing_said", services.agree, town.lena, session)
    town.act(services.dispute, town.lena, session, minutes=0, why="Personne n’est venu.")
    town.act(services.dispute, town.lena, session)
    said: dict[str, Any] = {"minutes": 30, "note": "Une demi-heure, d’accord entre vous."}
    far = make.coordinator(make.hub())
    for who in (town.gilda, far):
        with pytest.raises((Forbidden, NotFound)):
            town.act(services.settle, who, session, **said)
    assert [one.id for one in queries.to_settle(town.hub.id)] == [session.id]
    town.act(services.settle, town.cora, session, **said)
    assert (_fresh(session).status, session.moved_minutes) == ("confirmed", 30)
    assert db.session.scalars(select(AuditEntry.act)).all() == ["sessions.settled"]
    town.refused("sessions.already_settled", services.settle, town.cora, session, **said)
    assert queries.session_for(session.id, town.cora.id).hears


def test_it_did_not_take_place_and_both_say_so(town: Town) -> None:
    session = town.held()
    town.act(services.dispute, town.lena, session, minutes=0)
    town.act(services.agree, town.gilda, session)
    assert (_fresh(session).status, session.moved_minutes) == ("dismissed", None)
    assert town.balance(town.lena) == (0, 0)


def test_without_a_hub_of_both_stewards_settle(town: Town) -> None:
    pia = make.resident("Pia")
    with transaction():
        session = services.ask(
            skill_id=town.skill.id, actor_id=pia.id, starts=(FRIDAY,), minutes=60, place="online", now=NOW
        )
    town.act(services.accept, town.gilda, session)
    town.now = FRIDAY + 2 * HOUR
    town.act(services.dispute, pia, session, minutes=0)
    assert _fresh(session).heard_at_id is None
    town.refused("hubs.not_coordinator", services.settle, town.cora, session, minutes=0, note="Rien du tout.")
    town.act(services.settle, make.steward(), session, minutes=0, note="Rien du tout.")
    assert _fresh(session).status == "dismissed"


def test_the_link_is_for_the_two_and_goes_with_the_session(town: Town) -> None:
    session = town.accepted(place="online")
    town.act(services.set_link, town.gilda, session, link="https://rdv.example.org/rosiers")
    with pytest.raises(NotFound):
        queries.session_for(session.id, town.cora.id)
    town.act(services.cancel, town.lena, session)
    assert _fresh(session).link is None


def test_at_the_counter_for_somebody_without_an_address(town: Town) -> None:
    vera = make.volunteer(town.hub)
    odette = make.resident("Odette", email=None, verified_in_person_at=NOW)
    words: dict[str, Any] = {"skill_id": town.skill.id, "starts": (FRIDAY,), "minutes": 60, "place": "hub"}
    town.refused("sessions.not_a_party", services.ask, vera, for_id=odette.id, **words)
    town.refused(
        "skills.not_member_here", services.ask, vera, for_id=odette.id, counter_id=town.hub.id, **words
    )
    make.membership(town.hub, odette)
    session = town.act(services.ask, vera, for_id=odette.id, counter_id=town.hub.id, **words)
    assert (session.learner_id, session.history[0].actor_id, session.history[0].for_id) == (
        odette.id,
        vera.id,
        odette.id,
    )
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.actor_id, entry.on_behalf_of_id) == ("sessions.asked", vera.id, odette.id)
    town.refused(
        "skills.has_email", services.decline, vera, session, for_id=town.gilda.id, counter_id=town.hub.id
    )


def test_only_the_two_see_it(town: Town) -> None:
    session = town.asked()
    for who in (town.cora, make.resident()):
        with pytest.raises(NotFound):
            queries.session_for(session.id, who.id)
        with pytest.raises(NotFound):
            town.act(services.post_message, who, session, text="Bonjour")
    standing = queries.standing_of(queries.session_for(session.id, town.gilda.id).session)
    assert rules.waits_for(standing, NOW) == (town.gilda.id,)


def test_on_the_calendar_of_both_without_address_or_link(town: Town) -> None:
    session = town.accepted(place="online", link="https://rdv.example.org/rosiers")
    day = FRIDAY.date()
    (hers,) = calendar.happenings_of(town.lena.id, first=day, last=day)
    assert (hers.uid, hers.starts, hers.ends) == (f"session-{session.id}", FRIDAY, FRIDAY + HOUR)
    assert hers.title == "Tailler un rosier, avec Gilda T."
    assert "rdv.example.org" not in repr(hers)
    assert calendar.happenings_of(town.gilda.id, first=day + DAY, last=day + 9 * DAY) == []
    town.act(services.cancel, town.lena, session)
    assert calendar.happenings_of(town.gilda.id, first=day, last=day) == []
