"""What time does to sessions: each once, however often it is swept, by whomever, and after however long a night."""

import threading
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.messages.models import Message
from app.notifications.models import Notification
from app.skills.ledger.models import TimeAccount, TimeReservation, TimeTransfer
from app.skills.sessions import jobs, services
from app.skills.sessions.models import SkillSession
from tests import factories as make

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOW + 2 * DAY
END = START + HOUR


def _agreed(*, accepted: bool = True) -> tuple[SkillSession, Resident, Resident]:
    """A session of Friday at ten, with who gives and who learns."""
    hub = make.hub()
    gilda, lena = make.verified_member(hub, "Gilda T."), make.verified_member(hub, "Lena P.")
    skill = make.skill(gilda, "Tailler un rosier", hub=hub)
    with transaction():
        session = services.ask(
            skill_id=skill.id, actor_id=lena.id, starts=(START,), minutes=60, place="hub", now=NOW
        )
    if accepted:
        with transaction():
            services.accept(session_id=session.id, actor_id=gilda.id, now=NOW)
    return session, gilda, lena


def _said(session: SkillSession, who: Resident, minutes: int, now: datetime) -> None:
    with transaction():
        services.confirm(session_id=session.id, actor_id=who.id, minutes=minutes, now=now)


def _now(session: SkillSession) -> tuple[str, int | None]:
    db.session.rollback()
    found = db.session.get_one(SkillSession, session.id, populate_existing=True)
    return found.status, found.moved_minutes


def _told(now: datetime) -> list[str]:
    """What everybody was told, in order, once the events are delivered."""
    db.session.rollback()
    outbox.deliver(outbox.due(now=now + 30 * DAY, limit=100), now=now)
    return list(db.session.scalars(select(Notification.kind).order_by(Notification.id)))


def test_silence_for_a_week_is_a_yes(app: Flask) -> None:
    session, gilda, _lena = _agreed()
    _said(session, gilda, 90, END)
    assert jobs.close(now=END + 7 * DAY - HOUR) == 0
    assert jobs.close(now=END + 7 * DAY) == 1
    assert _now(session) == ("confirmed", 60), "at most what was agreed"
    assert jobs.close(now=END + 30 * DAY) == 0
    assert db.session.scalar(select(func.sum(TimeAccount.balance))) == 0
    told = _told(END + 7 * DAY)
    assert told.count("sessions.received") == 1
    assert told.count("sessions.paid") == 1


def test_nobody_says_anything_and_it_lapses(app: Flask) -> None:
    session, _gilda, _lena = _agreed()
    assert jobs.close(now=END + 14 * DAY - HOUR) == 0
    assert jobs.close(now=END + 60 * DAY) == 1, "after a long night too"
    assert _now(session) == ("lapsed", None)
    assert db.session.scalar(select(func.count()).select_from(TimeReservation)) == 0


def test_a_request_that_nobody_answers_ends(app: Flask) -> None:
    session, gilda, _lena = _agreed(accepted=False)
    assert jobs.remind(now=NOW + DAY) == 1
    assert jobs.remind(now=NOW + DAY + HOUR) == 0
    assert jobs.close(now=START) == 1
    assert _now(session) == ("expired", None)
    reminded = db.session.scalars(
        select(Notification.resident_id).where(Notification.kind == "sessions.answer")
    )
    assert list(reminded) == [gilda.id]


def test_reminders_come_each_once_and_the_last_after_a_missed_night(app: Flask) -> None:
    session, gilda, lena = _agreed()
    for at in (START - DAY, START - DAY, START - HOUR, END + HOUR, END + HOUR):
        jobs.remind(now=at)
    hers = select(Notification.kind).where(Notification.resident_id == lena.id).order_by(Notification.id)
    assert list(db.session.scalars(hers)) == ["sessions.tomorrow", "sessions.soon", "sessions.say"]
    _said(session, lena, 60, END + HOUR)
    jobs.remind(now=END + 4 * DAY)
    still = db.session.scalars(
        select(Notification.resident_id).where(Notification.kind == "sessions.say_still")
    )
    assert list(still) == [gilda.id], "who has said it is left in peace"
    other, _gilda, _lena = _agreed()
    jobs.remind(now=END + HOUR)
    late = select(Notification.kind).where(Notification.path == f"/sessions/{other.id}")
    assert list(db.session.scalars(late)) == ["sessions.say"] * 2, "of those that were missed, the last"


def test_two_schedulers_move_the_minutes_once(app: Flask) -> None:
    sessions = []
    for _ in range(3):
        session, gilda, _lena = _agreed()
        _said(session, gilda, 60, END)
        sessions.append(session)
    counts: list[int] = []

    def sweep() -> None:
        with app.app_context():
            counts.append(jobs.close(now=END + 8 * DAY))
            jobs.remind(now=END + 8 * DAY)
            db.session.remove()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == len(sessions)
    assert {_now(one) for one in sessions} == {("confirmed", 60)}
    assert db.session.scalar(select(func.count()).select_from(TimeTransfer)) == len(sessions)


def test_what_was_said_is_forgotten_a_year_after(app: Flask) -> None:
    session, gilda, _lena = _agreed()
    with transaction():
        services.post_message(session_id=session.id, actor_id=gilda.id, text="Sonnez à gauche.", now=NOW)
    jobs.close(now=END + 14 * DAY)
    assert jobs.forget_words(now=END + 300 * DAY) == 0
    assert jobs.forget_words(now=END + 380 * DAY) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_each_is_told_what_the_other_did_and_the_link_never(app: Flask) -> None:
    hub = make.hub()
    gilda, lena, cora = make.verified_member(hub), make.verified_member(hub), make.coordinator(hub)
    skill = make.skill(gilda, hub=hub, online=True)
    room = "https://rdv.example.org/a-room"
    with transaction():
        session = services.ask(
            skill_id=skill.id,
            actor_id=lena.id,
            starts=(START,),
            minutes=60,
            place="online",
            link=room,
            message="Bonjour !",
            now=NOW,
        )
    assert _told(NOW) == ["sessions.message", "sessions.asked"]
    acts = (
        (services.propose, gilda, NOW, {"starts": (START + DAY,)}, "sessions.proposed"),
        (services.accept, lena, NOW, {}, "sessions.accepted"),
        (services.confirm, gilda, END + DAY, {"minutes": 60}, "sessions.said"),
        (services.confirm, lena, END + DAY, {"minutes": 30}, "sessions.disputed"),
    )
    for do, who, at, said, kind in acts:
        with transaction():
            do(session_id=session.id, actor_id=who.id, now=at, **said)  # type: ignore[operator]
        assert kind in _told(at), kind
    to_settle = db.session.scalars(
        select(Notification.resident_id).where(Notification.kind == "sessions.to_settle")
    )
    assert list(to_settle) == [cora.id]
    assert all(room not in str(row.params) for row in db.session.scalars(select(Notification)))
