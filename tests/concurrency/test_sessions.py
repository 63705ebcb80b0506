"""A hundred yeses at one moment that together pass a limit: the limit holds, and no minute is made or lost."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.skills.ledger import services as ledger
from app.skills.ledger.models import TimeAccount, TimeEntry, TimeReservation, TimeTransfer
from app.skills.ledger.rules import Party
from app.skills.sessions import services
from app.skills.sessions.models import SkillSession
from tests import factories
from tests.concurrency.crowd import all_at_once, codes, none_failed, post, statuses
from tests.harness.sizes import sized
from tests.harness.web import WebServer

YESES = sized(100)
LOWEST = -600
DAY = timedelta(days=1)


def test_yeses_that_together_pass_the_limit(app: Flask, server: WebServer) -> None:
    """Half are to times that would be promised, half to more minutes than were. One learner, a giver for each."""
    hub = factories.hub()
    lena = factories.verified_member(hub, "Lena P.")
    _give_an_hour(hub, lena)
    hers = factories.bearer(lena)
    calls = []
    for at in range(YESES // 2):
        giver = factories.verified_member(hub)
        asked = _asked(giver, lena, hub, minutes=240, at=at)
        calls.append(post(f"/sessions/{asked}/accept", headers=factories.bearer(giver)))
        said = _said(factories.verified_member(hub), lena, hub, at=at, agreed=5, said=120)
        calls.append(post(f"/sessions/{said}/confirm", {"minutes": 120}, headers=hers))
    answers = all_at_once(server, calls + calls[: YESES // 5])
    none_failed(answers)
    assert set(statuses(answers)) == {200, 409}, statuses(answers)
    assert set(codes(answers)) == {"limit_reached"}, codes(answers)
    db.session.rollback()
    account = db.session.scalars(select(TimeAccount).where(TimeAccount.resident_id == lena.id)).one()
    assert account.balance - account.going_out >= LOWEST
    assert account.balance - account.going_out < LOWEST + 240, "all that fits was let through"
    assert db.session.scalar(select(func.sum(TimeAccount.balance))) == 0
    assert db.session.scalar(select(func.sum(TimeEntry.side * TimeEntry.amount))) == 0
    confirmed = db.session.scalars(select(SkillSession.id).where(SkillSession.status == "confirmed")).all()
    moved = db.session.scalars(select(TimeTransfer.key).where(TimeTransfer.kind == "session")).all()
    assert sorted(moved) == sorted(f"session:{one}" for one in confirmed)
    accepted = db.session.scalars(select(SkillSession.id).where(SkillSession.status == "accepted")).all()
    promised = db.session.scalars(select(TimeReservation.key)).all()
    assert sorted(promised) == sorted(f"session:{one}" for one in accepted)


def test_a_yes_said_by_everybody_at_once_counts_once(app: Flask, server: WebServer) -> None:
    """Both say the same from many phones, a time overlaps another: one session, one transfer."""
    hub = factories.hub()
    lena, gilda = factories.verified_member(hub), factories.verified_member(hub)
    hers, his = factories.bearer(lena), factories.bearer(gilda)
    said = _said(gilda, lena, hub, at=0, agreed=60, said=60)
    twins = [_asked(gilda, lena, hub, minutes=minutes, at=1) for minutes in (60, 45)]
    confirms = [post(f"/sessions/{said}/confirm", {"minutes": 60}, headers=one) for one in (hers, his)] * 4
    accepts = [post(f"/sessions/{one}/accept", headers=his) for one in twins] * 4
    answers = all_at_once(server, confirms + accepts)
    none_failed(answers)
    assert statuses(answers[:8]) == {200: 8}, codes(answers)
    assert statuses(answers[8:]) == {200: 4, 409: 4}, codes(answers)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(TimeTransfer)) == 1
    assert db.session.scalar(select(func.count()).select_from(TimeReservation)) == 1


def _give_an_hour(hub: Hub, who: Resident) -> None:
    """No newcomer any more: she has given an hour."""
    with transaction():
        ledger.pay(
            key="shift:1",
            payer=Party(hub_id=hub.id),
            payee=Party(resident_id=who.id),
            minutes=60,
            kind="shift",
            actor_id=who.id,
            now=clock.now(),
        )


def _asked(giver: Resident, learner: Resident, hub: Hub, *, minutes: int, at: int) -> int:
    """A session that waits for the giver's yes, the `at`th of a row of times."""
    now = clock.now()
    skill_id = factories.skill(giver, hub=hub).id
    with transaction():
        asked = services.ask(
            skill_id=skill_id,
            actor_id=learner.id,
            starts=(now + DAY + at * timedelta(hours=5),),
            minutes=minutes,
            place="hub",
            now=now,
        )
    return asked.id


def _said(giver: Resident, learner: Resident, hub: Hub, *, at: int, agreed: int, said: int) -> int:
    """A past session, the `at`th of a row, of which the giver has said how long it was."""
    now = clock.now() - 40 * DAY + at * timedelta(hours=5)
    skill_id = factories.skill(giver, hub=hub).id
    with transaction():
        session = services.ask(
            skill_id=skill_id,
            actor_id=learner.id,
            starts=(now + timedelta(hours=1),),
            minutes=agreed,
            place="hub",
            now=now,
        )
    with transaction():
        services.accept(session_id=session.id, actor_id=giver.id, now=now)
    with transaction():
        services.confirm(session_id=session.id, actor_id=giver.id, minutes=said, now=now + DAY)
    return session.id
