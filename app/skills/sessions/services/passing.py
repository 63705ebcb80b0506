"""What time does to sessions: a request that nobody answers ends, silence becomes a yes, what nobody speaks of lapses;
and reminders. Whoever sweeps and however often, each once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, selectinload

from app.core import outbox
from app.core.db import db
from app.events.sessions import SessionEnded
from app.messages import services as messages
from app.messages.models import Conversation
from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.skills.sessions import queries, rules, words
from app.skills.sessions.models import SkillSession
from app.skills.sessions.services.confirming import move
from app.skills.sessions.services.ground import end, fresh, write_down

KEPT = timedelta(days=365)
"""How long after the end of a session what was said is kept."""


def due_to_close(*, now: datetime, after_id: int, limit: int) -> Sequence[int]:
    """Sessions that end by themselves by now."""
    return db.session.scalars(
        select(SkillSession.id)
        .where(SkillSession.closes_at <= now, SkillSession.id > after_id)
        .order_by(SkillSession.id)
        .limit(limit)
    ).all()


def close(session_id: int, *, now: datetime) -> int:
    """End it as the rules say, if nobody was quicker; how many ended."""
    session = fresh(session_id)
    if session.closes_at is None or session.closes_at > now:
        return 0
    counts = rules.counts_by_silence(queries.standing_of(session))
    if session.status == "accepted" and counts is not None:
        move(session, counts, who=None, kind="silence", now=now)
        return 1
    status = "expired" if session.status == "asked" else "lapsed"
    end(session, status, now=now)
    line = write_down(session, status, now=now)
    outbox.record(SessionEnded(session.id, line.id, status), now=now)
    return 1


def remind(*, now: datetime, limit: int) -> int:
    """Tell the next few whose reminder is due, and say when each is looked at again; how many were looked at."""
    due = db.session.scalars(
        select(SkillSession)
        .where(SkillSession.remind_at <= now)
        .options(
            joinedload(SkillSession.skill, innerjoin=True),
            joinedload(SkillSession.giver, innerjoin=True),
            joinedload(SkillSession.learner, innerjoin=True),
            joinedload(SkillSession.hub),
            selectinload(SkillSession.times),
        )
        .order_by(SkillSession.remind_at, SkillSession.id)
        .limit(limit)
        .with_for_update(of=SkillSession, skip_locked=True, key_share=True)
    ).all()
    notifications.tell_many([one for session in due for one in _tellings(session, now)], now=now)
    for session in due:
        levels = rules.levels(queries.standing_of(session))
        session.remind_at = rules.next_level(levels, now)
    db.session.flush()
    return len(due)


def _tellings(session: SkillSession, now: datetime) -> Iterator[Telling]:
    standing = queries.standing_of(session)
    level = rules.due_level(rules.levels(standing), now)
    if level is None:
        return
    before = level.name in ("tomorrow", "soon")
    if before and standing.begun(now):
        return
    people = (session.giver_id, session.learner_id) if before else rules.waits_for(standing, now)
    for resident_id in people:
        yield words.telling(
            session,
            resident_id,
            f"sessions.{level.name}",
            key=f"sessions.reminder:{session.id}:{level.at.isoformat()}:{level.name}:{resident_id}",
            urgent=level.name == "soon",
        )


def forget_words(*, now: datetime, limit: int) -> int:
    """What was said about sessions that ended a year ago; how many of them."""
    talked: Any = exists().where(
        Conversation.subject_kind == "session", Conversation.subject_id == SkillSession.id
    )
    past = db.session.scalars(
        select(SkillSession.id).where(SkillSession.ended_at <= now - KEPT, talked).limit(limit)
    ).all()
    messages.forget(subject_kind="session", subject_ids=past)
    return len(past)
