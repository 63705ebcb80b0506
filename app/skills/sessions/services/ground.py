"""What every act on a session stands on: the rows it holds, the line it leaves, and when the house looks at it next.

Rows are held in one order everywhere: the two residents, the session, then (in the ledger) their time accounts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.accounts.models import Resident
from app.accounts.policy import why_not_confirmed
from app.core import audit
from app.core.db import db, locked, locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.hubs import queries as hubs
from app.hubs.services import require_role
from app.skills.ledger import services as ledger
from app.skills.policy import why_not_act_for
from app.skills.sessions import queries, rules
from app.skills.sessions.models import SessionLine, SkillSession
from app.skills.sessions.rules import Standing

WHY_LONGEST = 500


class Held(NamedTuple):
    """A session, fresh, with its two people held; `person_id` is the one of them who acts, or for whom a volunteer
    does."""

    session: SkillSession
    standing: Standing
    person_id: int
    actor_id: int
    counter_id: int | None = None

    @property
    def other_id(self) -> int:
        return self.standing.other(self.person_id)


def held(session_id: int, *, actor_id: int, for_id: int | None = None, counter_id: int | None = None) -> Held:
    """The session, for an act of one of the two, or of a volunteer on her behalf at the counter of the hub
    `counter_id`; `NotFound` for everybody else."""
    session = fresh(session_id)
    person_id = for_id or actor_id
    standing = queries.standing_of(session)
    if standing.side(person_id) is None:
        raise NotFound
    refuse_meddling(person_id, actor_id=actor_id, counter_id=counter_id)
    return Held(session, standing, person_id, actor_id, counter_id)


def fresh(session_id: int) -> SkillSession:
    """The session as it is now that its two people are held."""
    seen = db.session.get(SkillSession, session_id)
    if seen is None:
        raise NotFound
    locked(Resident, seen.giver_id, seen.learner_id)
    session = locked_one(SkillSession, session_id)
    if session is None:
        raise NotFound
    db.session.expire(session, ["times"])
    return session


def refuse_meddling(person_id: int, *, actor_id: int, counter_id: int | None) -> None:
    """For somebody else act only those who hold the counter of a hub that she belongs to, and only where she has no
    address of her own."""
    if actor_id == person_id:
        return
    if counter_id is None:
        raise Forbidden("sessions.not_a_party")
    require_role("volunteer", actor_id=actor_id, hub_id=counter_id)
    person, tie = db.session.get(Resident, person_id), hubs.membership(person_id, counter_id)
    if person is None:
        raise NotFound
    reasons = why_not_act_for(
        has_email=person.email is not None, member_here=tie is not None and tie.status != "suspended"
    )
    if reasons:
        raise Forbidden(reasons[0])


def refuse(reasons: Sequence[str]) -> None:
    """The first reason why it cannot be, where there is one."""
    if reasons:
        raise Conflict(reasons[0])


def refuse_people(person_id: int, other_id: int, hub_id: int | None) -> None:
    """Who asks or says yes has an address that answers, and nobody who is suspended there (anywhere, where there is no
    hub) meets."""
    person = db.session.get_one(Resident, person_id)
    refuse(
        why_not_confirmed(
            email_confirmed=person.email_confirmed_at is not None,
            verified_in_person=person.verified_in_person_at is not None,
        )
    )
    if queries.suspended(person_id, hub_id):
        raise Conflict("sessions.suspended")
    if queries.suspended(other_id, hub_id):
        raise Conflict("sessions.other_away")


def write_down(
    session: SkillSession,
    kind: str,
    *,
    now: datetime,
    who: Held | None = None,
    minutes: int | None = None,
    why: str | None = None,
) -> SessionLine:
    """Leave a line in its history; who acted for somebody else is in the audit log as well. Nobody where time did it."""
    for_id = who.person_id if who is not None and who.person_id != who.actor_id else None
    line = SessionLine(
        session_id=session.id,
        at=now,
        kind=kind,
        actor_id=who.actor_id if who is not None else None,
        for_id=for_id,
        minutes=minutes,
        why=why,
    )
    db.session.add(line)
    if who is not None and for_id is not None:
        audit.note(
            f"sessions.{kind}",
            now=now,
            actor_id=who.actor_id,
            on_behalf_of_id=for_id,
            subject_kind="session",
            subject_id=session.id,
            hub_id=who.counter_id,
        )
    db.session.flush()
    return line


def look_again(session: SkillSession, *, now: datetime) -> Standing:
    """After whatever changed it: when it ends by itself, and when somebody is reminded next."""
    db.session.flush()
    standing = queries.standing_of(session)
    session.closes_at = rules.closes_at(standing)
    session.remind_at = rules.next_level(rules.levels(standing), now)
    return standing


def end(session: SkillSession, status: str, *, now: datetime, moved: int | None = None) -> None:
    """It is over; what was promised is free, and nobody needs the link any more."""
    if status != "confirmed":
        ledger.release(key=key_of(session), now=now)
    session.status, session.moved_minutes, session.ended_at = status, moved, now
    session.proposed_by_id = session.proposed_at = None
    session.times.clear()
    session.closes_at = session.remind_at = session.link = None
    db.session.flush()


def key_of(session: SkillSession) -> str:
    """Under which the ledger knows its minutes."""
    return f"session:{session.id}"
