"""After the session: both say how long it was, and the minutes move; where they do not agree nothing moves, until one
accepts what the other says or somebody else settles it."""

from datetime import datetime

from app.core import audit, outbox
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import checked
from app.events.sessions import SessionConfirmed, SessionDisputed, SessionEnded, SessionSaid
from app.skills.ledger import services as ledger
from app.skills.ledger.rules import Party
from app.skills.sessions import policy, queries, rules
from app.skills.sessions.models import SkillSession
from app.skills.sessions.services.ground import (
    WHY_LONGEST,
    Held,
    end,
    fresh,
    held,
    key_of,
    look_again,
    refuse,
    write_down,
)


def confirm(
    *,
    session_id: int,
    actor_id: int,
    minutes: int,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """It took place and was so long. When both say the same the minutes move; when they do not, it is a dispute. Said
    twice, it holds once; said otherwise than before, it is refused."""
    _check(minutes, shortest=rules.SHORTEST)
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    return _say(who, minutes, now=now)


def agree(
    *,
    session_id: int,
    actor_id: int,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """What the other one has said is right."""
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    said = who.standing.said_by("learner" if _side(who) == "giver" else "giver")
    if said is None:
        raise Conflict("sessions.nothing_said")
    return _say(who, said, now=now)


def dispute(
    *,
    session_id: int,
    actor_id: int,
    minutes: int | None = None,
    why: str | None = None,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """That is not how it was: `minutes` says how long instead, 0 that it did not take place. Nothing moves, and what was
    promised is free again."""
    clean = checked("why", why, longest=WHY_LONGEST, lines=True) or None
    if minutes:
        _check(minutes, shortest=rules.SHORTEST)
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    session, standing = who.session, who.standing
    refuse(policy.why_not_dispute(standing, now))
    side = _side(who)
    if session.status == "disputed":
        return session if minutes is None else _say(who, minutes, now=now)
    if minutes is not None:
        if rules.confirming(standing, side, minutes) == "agreed":
            return _say(who, minutes, now=now)
        _write(session, side, minutes)
    _part(who, minutes, clean, now=now)
    return session


def settle(
    *, session_id: int, actor_id: int, minutes: int | None, note: str | None = None, now: datetime
) -> SkillSession:
    """Somebody who is neither of the two decides: so many minutes, or none (0 or None)."""
    clean = checked("note", note, longest=WHY_LONGEST, shortest=5, lines=True)
    if minutes:
        _check(minutes, shortest=rules.SHORTEST)
    session = fresh(session_id)
    if not session.heard and queries.standing_of(session).side(actor_id) is None:
        raise NotFound
    reasons = queries.why_not_settle(session, actor_id)
    if reasons:
        raise Forbidden(reasons[0])
    if session.status != "disputed":
        raise Conflict("sessions.already_settled")
    who = Held(session, queries.standing_of(session), actor_id, actor_id)
    audit.note(
        "sessions.settled",
        now=now,
        actor_id=actor_id,
        subject_kind="session",
        subject_id=session.id,
        hub_id=session.heard_at_id,
        minutes=minutes or 0,
    )
    if not minutes:
        return _dismiss(session, who=who, why=clean, now=now)
    return move(session, minutes, who=who, kind="settled", why=clean, now=now)


def move(
    session: SkillSession,
    minutes: int,
    *,
    who: Held | None,
    kind: str = "confirmed",
    why: str | None = None,
    now: datetime,
) -> SkillSession:
    """The minutes go from who learned to who gave: out of what was promised, or afresh once that was given back."""
    if session.status == "accepted":
        ledger.settle(key=key_of(session), minutes=minutes, kind="session", now=now)
    else:
        ledger.pay(
            key=key_of(session),
            payer=Party(resident_id=session.learner_id),
            payee=Party(resident_id=session.giver_id),
            minutes=minutes,
            kind="session",
            actor_id=who.actor_id if who is not None else None,
            now=now,
        )
    end(session, "confirmed", now=now, moved=minutes)
    line = write_down(session, kind, who=who, minutes=minutes, why=why, now=now)
    outbox.record(SessionConfirmed(session.id, line.id, who.person_id if who else None), now=now)
    return session


def _check(minutes: int, *, shortest: int) -> None:
    if not shortest <= minutes <= rules.LONGEST:
        raise Invalid({"minutes": ("core.out_of_range", {"min": shortest, "max": rules.LONGEST})})


def _say(who: Held, minutes: int, *, now: datetime) -> SkillSession:
    session, standing = who.session, who.standing
    refuse(policy.why_not_confirm(standing))
    side = _side(who)
    outcome = rules.confirming(standing, side, minutes)
    if outcome == "again":
        return session
    if outcome == "refused":
        raise Conflict("sessions.already_confirmed", minutes=standing.said_by(side) or standing.moved or 0)
    _write(session, side, minutes)
    if outcome == "agreed":
        return move(session, minutes, who=who, now=now) if minutes else _dismiss(session, who=who, now=now)
    if outcome == "differs":
        _part(who, minutes, None, now=now)
        return session
    session.first_said_at = now
    look_again(session, now=now)
    line = write_down(session, "said", who=who, minutes=minutes, now=now)
    outbox.record(SessionSaid(session.id, line.id, who.person_id), now=now)
    return session


def _side(who: Held) -> rules.Side:
    return "giver" if who.person_id == who.session.giver_id else "learner"


def _write(session: SkillSession, side: rules.Side, minutes: int) -> None:
    if side == "giver":
        session.giver_minutes = minutes
    else:
        session.learner_minutes = minutes


def _part(who: Held, minutes: int | None, why: str | None, *, now: datetime) -> None:
    """They do not agree: what was promised is free, and somebody of a hub may settle it."""
    session = who.session
    session.status, session.disputed_at = "disputed", session.disputed_at or now
    session.heard_at_id = session.hub_id or queries.hearing_hub((session.giver_id, session.learner_id))
    ledger.release(key=key_of(session), now=now)
    look_again(session, now=now)
    line = write_down(session, "disputed", who=who, minutes=minutes, why=why, now=now)
    outbox.record(SessionDisputed(session.id, line.id, who.person_id), now=now)


def _dismiss(session: SkillSession, *, who: Held, why: str | None = None, now: datetime) -> SkillSession:
    end(session, "dismissed", now=now)
    line = write_down(session, "dismissed", who=who, why=why, now=now)
    outbox.record(SessionEnded(session.id, line.id, "dismissed"), now=now)
    return session
