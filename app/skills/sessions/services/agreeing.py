"""Agreeing on a time: ask, answer, propose others, call it off. The one who learns promises the minutes as soon as a
time is agreed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, locked
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import Checks, checked
from app.events.sessions import (
    SessionAccepted,
    SessionAsked,
    SessionCancelled,
    SessionDeclined,
    SessionTimesProposed,
)
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.messages import services as messages
from app.skills.ledger import services as ledger
from app.skills.ledger.rules import Party
from app.skills.models import Skill
from app.skills.sessions import policy, queries, rules
from app.skills.sessions.models import SessionTime, SkillSession
from app.skills.sessions.services.ground import (
    WHY_LONGEST,
    Held,
    end,
    held,
    key_of,
    look_again,
    refuse,
    refuse_meddling,
    refuse_people,
    write_down,
)
from app.skills.sessions.services.talking import checked_link

MOST_ASKED = 100
"""Requests of one person that wait for answers at once."""


def ask(
    *,
    skill_id: int,
    actor_id: int,
    starts: Sequence[datetime],
    minutes: int,
    place: str,
    hub: str | None = None,
    link: str | None = None,
    message: str | None = None,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """Ask for a session, with one to three times of which the first is liked best, for oneself or, at the counter of
    the hub `counter_id`, for the resident `for_id`, who has no e-mail address. `place`: hub, home or online, as the
    skill allows; `hub` (id or slug) where the skill names none. Asked twice for the same, it is asked once. `Invalid`
    for the fields `start`, `other_starts`, `minutes`, `place`, `hub`, `link`, `message`."""
    skill = db.session.get(Skill, skill_id)
    if skill is None:
        raise NotFound
    asker_id = for_id or actor_id
    refuse_meddling(asker_id, actor_id=actor_id, counter_id=counter_id)
    if skill.resident_id == asker_id:
        raise Conflict("sessions.own_skill")
    if len(locked(Resident, asker_id, skill.resident_id)) != 2:
        raise NotFound
    if skill.state != "open":
        raise Conflict("sessions.not_open")
    checks = Checks()
    hub_id = checks(_meeting_hub, skill, place, hub, asker_id)
    said = checks(messages.checked_text, message, field="message") if message and message.strip() else None
    online = checks(checked_link, link, place) if link and link.strip() else None
    _check_minutes(checks, minutes)
    _check_times(checks, starts, now=now)
    checks.done()
    known = _asked_already(skill, asker_id, starts, minutes)
    if known is not None:
        return known
    _check_suits(skill, asker_id, starts, minutes)
    refuse_people(asker_id, skill.resident_id, hub_id)
    _refuse_overlaps(starts, minutes, person_id=asker_id, other_id=skill.resident_id)
    _refuse_too_many(asker_id)
    giver_id, learner_id = skill.resident_id, asker_id
    if skill.kind == "need":
        giver_id, learner_id = learner_id, giver_id
    session = SkillSession(
        skill_id=skill.id,
        asker_id=asker_id,
        giver_id=giver_id,
        learner_id=learner_id,
        place=place,
        hub_id=hub_id,
        link=online,
        minutes=minutes,
        created_at=now,
    )
    db.session.add(session)
    db.session.flush()
    who = Held(session, queries.standing_of(session), asker_id, actor_id, counter_id)
    _put_forward(who, starts, now=now)
    line = write_down(session, "asked", who=who, minutes=minutes, now=now)
    if said is not None:
        messages.post(subject_kind="session", subject_id=session.id, actor_id=actor_id, text=said, now=now)
    outbox.record(SessionAsked(session.id, line.id), now=now)
    return session


def accept(
    *,
    session_id: int,
    actor_id: int,
    start: datetime | None = None,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """Yes to one of the times that were proposed, to the best liked one that is still to come where none is named. The
    minutes are promised from then on: `Conflict` where an account does not allow it, or one of the two is taken."""
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    session, standing = who.session, who.standing
    if _accepted_already(who, start):
        return session
    refuse(policy.why_not_answer(standing, who.person_id, now))
    chosen = _chosen(standing.times, start, now=now)
    refuse_people(who.person_id, who.other_id, session.hub_id)
    _refuse_overlaps(
        [chosen], session.minutes, person_id=who.person_id, other_id=who.other_id, besides=session.id
    )
    if session.status == "asked":
        ledger.reserve(
            key=key_of(session),
            payer=Party(resident_id=session.learner_id),
            payee=Party(resident_id=session.giver_id),
            minutes=session.minutes,
            now=now,
        )
    session.status, session.starts_at, session.agreed_at = "accepted", chosen, now
    session.ends_at = chosen + timedelta(minutes=session.minutes)
    _take_back_times(session)
    look_again(session, now=now)
    line = write_down(session, "accepted", who=who, now=now)
    outbox.record(SessionAccepted(session.id, line.id, who.person_id), now=now)
    return session


def decline(
    *,
    session_id: int,
    actor_id: int,
    why: str | None = None,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """No to a request, and it is over; no to other times, and what was agreed stands."""
    clean = checked("why", why, longest=WHY_LONGEST, lines=True) or None
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    session = who.session
    if session.status == "declined":
        return session
    refuse(policy.why_not_answer(who.standing, who.person_id, now))
    kept = session.status == "accepted"
    if kept:
        _take_back_times(session)
        look_again(session, now=now)
    else:
        end(session, "declined", now=now)
    line = write_down(session, "change_declined" if kept else "declined", who=who, why=clean, now=now)
    outbox.record(SessionDeclined(session.id, line.id, who.person_id, kept), now=now)
    return session


def propose(
    *,
    session_id: int,
    actor_id: int,
    starts: Sequence[datetime],
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """Other times, of which the other one accepts one. What was agreed stands until then."""
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    session = who.session
    refuse(policy.why_not_propose(who.standing, now))
    checks = Checks()
    _check_times(checks, starts, now=now)
    checks.done()
    _check_suits(session.skill, session.asker_id, starts, session.minutes)
    _refuse_overlaps(
        starts, session.minutes, person_id=who.person_id, other_id=who.other_id, besides=session.id
    )
    _put_forward(who, starts, now=now)
    line = write_down(session, "proposed", who=who, now=now)
    outbox.record(SessionTimesProposed(session.id, line.id, who.person_id), now=now)
    return session


def cancel(
    *,
    session_id: int,
    actor_id: int,
    why: str | None = None,
    for_id: int | None = None,
    counter_id: int | None = None,
    now: datetime,
) -> SkillSession:
    """Call it off before it begins. Less than a day before, it is written as late."""
    clean = checked("why", why, longest=WHY_LONGEST, lines=True) or None
    who = held(session_id, actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    session = who.session
    if session.status == "cancelled":
        return session
    refuse(policy.why_not_cancel(who.standing, now))
    late = rules.late(who.standing, now)
    end(session, "cancelled", now=now)
    session.cancelled_late = late
    line = write_down(session, "cancelled_late" if late else "cancelled", who=who, why=clean, now=now)
    outbox.record(SessionCancelled(session.id, line.id, who.person_id, late), now=now)
    return session


# -- what a request must be -------------------------------------------------------------------------------


def _meeting_hub(skill: Skill, place: str, hub: str | None, asker_id: int) -> int | None:
    """At which hub they would meet; None for a home or online."""
    if place not in rules.PLACES:
        raise Invalid({"place": "core.not_a_choice"})
    if place not in skill.modes:
        raise Invalid({"place": "sessions.not_there"})
    if place != "hub":
        return None
    if skill.hub_id is not None:
        return skill.hub_id
    if hub:
        return _named(hub)
    common = queries.common_hubs(asker_id, skill.resident_id)
    if not common:
        raise Invalid({"hub": "sessions.which_hub"})
    return common[0]


def _named(hub: str) -> int:
    try:
        found: Hub = hub_queries.hub(hub)
    except NotFound as missing:
        raise Invalid({"hub": "hubs.not_found"}) from missing
    if found.status != "published":
        raise Invalid({"hub": "hubs.not_found"})
    return found.id


def _check_minutes(checks: Checks, minutes: int) -> None:
    if not rules.SHORTEST <= minutes <= rules.LONGEST:
        checks.fault("minutes", "core.out_of_range", min=rules.SHORTEST, max=rules.LONGEST)


def _fields(starts: Iterable[datetime]) -> list[tuple[str, datetime]]:
    """Each time with the field that it stands in."""
    return [("start" if at == 0 else f"other_starts.{at - 1}", start) for at, start in enumerate(starts)]


def _check_times(checks: Checks, starts: Sequence[datetime], *, now: datetime) -> None:
    if not starts:
        checks.fault("start", "core.required")
    if len(starts) > rules.MOST_TIMES:
        checks.fault("other_starts", "sessions.too_many_times", max=rules.MOST_TIMES)
    for at, (field, start) in enumerate(_fields(starts)):
        if start in starts[:at]:
            checks.fault(field, "sessions.same_time")
        elif fault := rules.fault_of_time(start, now=now):
            checks.fault(field, fault)


def _check_suits(skill: Skill, asker_id: int, starts: Sequence[datetime], minutes: int) -> None:
    checks = Checks()
    for field, start in _fields(starts):
        if not queries.suits(skill, asker_id, start, minutes):
            checks.fault(field, "sessions.outside")
    checks.done()


def _asked_already(
    skill: Skill, asker_id: int, starts: Sequence[datetime], minutes: int
) -> SkillSession | None:
    """The same request, sent twice."""
    same = db.session.scalars(
        select(SkillSession).where(
            SkillSession.skill_id == skill.id,
            SkillSession.asker_id == asker_id,
            SkillSession.status == "asked",
            SkillSession.proposed_by_id == asker_id,
            SkillSession.minutes == minutes,
        )
    )
    return next((one for one in same if [time.starts_at for time in one.times] == list(starts)), None)


def _refuse_overlaps(
    starts: Sequence[datetime], minutes: int, *, person_id: int, other_id: int, besides: int | None = None
) -> None:
    """Nobody is in two sessions at once; the two people are held, so that nothing is agreed meanwhile."""
    last = max(starts) + timedelta(minutes=minutes)
    for resident_id, code in ((person_id, "sessions.overlaps"), (other_id, "sessions.other_busy")):
        taken = queries.taken(resident_id, start=min(starts), end=last, besides=besides)
        for start in starts:
            if rules.overlaps(start, minutes, taken):
                raise Conflict(code, at=start)


def _refuse_too_many(asker_id: int) -> None:
    waiting = select(func.count()).where(SkillSession.asker_id == asker_id, SkillSession.status == "asked")
    if (db.session.scalar(waiting) or 0) >= MOST_ASKED:
        raise Conflict("sessions.too_many", max=MOST_ASKED)


# -- times that wait for an answer ------------------------------------------------------------------------


def _put_forward(who: Held, starts: Sequence[datetime], *, now: datetime) -> None:
    """These times wait for the other one's answer, in place of any before."""
    session = who.session
    _take_back_times(session)
    db.session.flush()
    session.times.extend(SessionTime(starts_at=start) for start in starts)
    session.proposed_by_id, session.proposed_at = who.person_id, now
    look_again(session, now=now)


def _take_back_times(session: SkillSession) -> None:
    session.times.clear()
    session.proposed_by_id = session.proposed_at = None


def _accepted_already(who: Held, start: datetime | None) -> bool:
    """The same yes, said twice."""
    session = who.session
    return (
        session.status == "accepted"
        and session.proposed_by_id is None
        and start in (None, session.starts_at)
        and session.asker_id != who.person_id
    )


def _chosen(times: Sequence[datetime], start: datetime | None, *, now: datetime) -> datetime:
    if start is not None and start not in times:
        raise Invalid({"start": "sessions.not_proposed"})
    coming = [time for time in times if time > now and start in (None, time)]
    if not coming:
        raise Conflict("sessions.time_passed")
    return coming[0]
