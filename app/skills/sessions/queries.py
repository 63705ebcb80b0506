"""What can be seen of sessions: one of them, one's own, those of a hub that are to be settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.hubs.models import Hub, Membership
from app.skills import rules as skill_rules
from app.skills.models import Skill
from app.skills.sessions import policy, rules
from app.skills.sessions.models import SkillSession
from app.skills.sessions.rules import OPEN, Span, Standing

LIVE = ("accepted", "confirmed", "disputed")
"""Statuses of sessions that take, or took, the time of both."""
MOST_OPEN = 200
"""More than that one's own page does not show; nobody has so many."""


def standing_of(session: SkillSession) -> Standing:
    """A session as the rules see it."""
    return Standing(
        giver_id=session.giver_id,
        learner_id=session.learner_id,
        status=session.status,
        minutes=session.minutes,
        proposed_by_id=session.proposed_by_id,
        proposed_at=session.proposed_at,
        times=tuple(time.starts_at for time in session.times) if session.status in OPEN else (),
        starts_at=session.starts_at,
        agreed_at=session.agreed_at,
        giver_minutes=session.giver_minutes,
        learner_minutes=session.learner_minutes,
        first_said_at=session.first_said_at,
        moved=session.moved_minutes,
    )


def zone_of(hub: Hub | None) -> str:
    """On whose clock the times of a session are: its hub's, else the installation's."""
    return hub.timezone if hub is not None else clock.home_zone()


def _told() -> Select[SkillSession]:
    """With all that a list tells of a session that is over; of others, see `_whole`."""
    return select(SkillSession).options(
        joinedload(SkillSession.skill).joinedload(Skill.category),
        joinedload(SkillSession.giver),
        joinedload(SkillSession.learner),
        joinedload(SkillSession.hub),
    )


def _whole() -> Select[SkillSession]:
    return _told().options(selectinload(SkillSession.times), joinedload(SkillSession.heard_at))


@dataclass(frozen=True)
class Seen:
    """A session and who looks at it: one of the two, or (`hears`) somebody who settles what they cannot agree on."""

    session: SkillSession
    standing: Standing
    hears: bool


def session_for(session_id: int, viewer_id: int) -> Seen:
    """One session, for the two, and, once they did not agree, for the coordinators of the hub that hears them and
    stewards. `NotFound` for everybody else."""
    session = db.session.scalar(_whole().where(SkillSession.id == session_id))
    if session is None:
        raise NotFound
    standing = standing_of(session)
    hears = standing.side(viewer_id) is None and session.heard and not why_not_settle(session, viewer_id)
    if not policy.sees(standing, viewer_id, hears=hears):
        raise NotFound
    return Seen(session, standing, hears)


def own_session(session_id: int, viewer_id: int) -> Seen:
    """One session, for its two people alone: what they tell each other is nobody else's."""
    seen = session_for(session_id, viewer_id)
    if seen.hears:
        raise NotFound
    return seen


def why_not_settle(session: SkillSession, viewer_id: int) -> list[str]:
    """Why somebody may not settle this one."""
    viewer = db.session.get(Resident, viewer_id)
    tie = (
        db.session.scalar(
            select(Membership).where(
                Membership.hub_id == session.heard_at_id, Membership.resident_id == viewer_id
            )
        )
        if session.heard_at_id is not None
        else None
    )
    return policy.why_not_settle(
        standing_of(session),
        viewer_id,
        roles=tie.roles if tie is not None else (),
        is_steward=viewer is not None and viewer.is_steward,
    )


def _of(viewer_id: int) -> Any:
    return or_(SkillSession.giver_id == viewer_id, SkillSession.learner_id == viewer_id)


def open_sessions(viewer_id: int) -> Sequence[SkillSession]:
    """One's own sessions in which somebody still has something to do, the next one first."""
    found = db.session.scalars(
        _whole()
        .where(_of(viewer_id), SkillSession.status.in_(OPEN))
        .order_by(SkillSession.id)
        .limit(MOST_OPEN)
    ).all()
    return sorted(found, key=lambda one: (one.starts_at or one.created_at, one.id))


def past_sessions(viewer_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[SkillSession]:
    """One's own sessions that are over, the last one first."""
    start = after("past_sessions", cursor, length=1)
    query = _told().where(_of(viewer_id), SkillSession.ended_at.is_not(None))
    if start is not None:
        query = query.where(SkillSession.id < start[0])
    rows = db.session.scalars(query.order_by(SkillSession.id.desc()).limit(limit + 1)).all()
    return page_of("past_sessions", rows, limit=limit, key=lambda one: (one.id,))


def sessions_page(
    viewer_id: int,
    *,
    role: str | None = None,
    status: str | None = None,
    now: datetime,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[SkillSession]:
    """One's own sessions, newest first; as `giver` or `learner` only, or in one status. `held` are those that were
    accepted and whose time has passed."""
    mine = {"giver": SkillSession.giver_id == viewer_id, "learner": SkillSession.learner_id == viewer_id}
    query = _whole().where(mine[role] if role else _of(viewer_id))
    if status == "held":
        query = query.where(SkillSession.status == "accepted", SkillSession.ends_at <= now)
    elif status == "accepted":
        query = query.where(SkillSession.status == "accepted", SkillSession.ends_at > now)
    elif status:
        query = query.where(SkillSession.status == status)
    start = after("sessions", cursor, length=1)
    if start is not None:
        query = query.where(SkillSession.id < start[0])
    rows = db.session.scalars(query.order_by(SkillSession.id.desc()).limit(limit + 1)).all()
    return page_of("sessions", rows, limit=limit, key=lambda one: (one.id,))


def to_settle(hub_id: int, *, limit: int = 100) -> Sequence[SkillSession]:
    """What two neighbours do not agree on and this hub hears, the oldest first."""
    return db.session.scalars(
        _whole()
        .where(SkillSession.heard_at_id == hub_id, SkillSession.status == "disputed")
        .order_by(SkillSession.id)
        .limit(limit)
    ).all()


# -- times that suit --------------------------------------------------------------------------------------


def suits(skill: Skill, asker_id: int, start: datetime, minutes: int) -> bool:
    """Whether a time lies in what the skill's owner offers, and in what the asker has said of her own time in that
    matter, if she has."""
    return _fits(skill, start, minutes) and _suits_asker(skill, asker_id, start, minutes)


def openings(skill: Skill, *, now: datetime) -> list[datetime]:
    """When the times of a skill begin, these two weeks, in order."""
    zone = zone_of(skill.hub)
    today = now.astimezone(ZoneInfo(zone)).date()
    found = [
        rules.moment_at(day, time(one.opens // 60, one.opens % 60), zone)
        for day in (today + timedelta(days=n) for n in range(15))
        for one in skill.availability
        if one.weekday == day.weekday()
    ]
    return sorted(moment for moment in found if moment is not None)


def _suits_asker(skill: Skill, asker_id: int, start: datetime, minutes: int) -> bool:
    own = own_in_that_matter(skill, asker_id)
    return not own or any(_fits(one, start, minutes) for one in own)


def own_in_that_matter(skill: Skill, asker_id: int) -> Sequence[Skill]:
    """What the asker has posted of the other kind in the same category: her need for this offer, or the other way
    round. One without times says that any suits."""
    other = "need" if skill.kind == "offer" else "offer"
    return db.session.scalars(
        select(Skill)
        .where(
            Skill.resident_id == asker_id,
            Skill.kind == other,
            Skill.category_id == skill.category_id,
            Skill.state == "open",
        )
        .options(selectinload(Skill.availability), joinedload(Skill.hub))
    ).all()


def _fits(skill: Skill, start: datetime, minutes: int) -> bool:
    return skill_rules.fits(skill.availability, start, minutes, zone_of(skill.hub))


def taken(resident_id: int, *, start: datetime, end: datetime, besides: int | None = None) -> list[Span]:
    """The times of this resident's accepted sessions that meet this stretch."""
    rows = db.session.execute(
        select(SkillSession.starts_at, SkillSession.ends_at).where(
            _of(resident_id),
            SkillSession.status == "accepted",
            SkillSession.starts_at < end,
            SkillSession.ends_at > start,
            SkillSession.id != (besides or 0),
        )
    )
    return [Span(start, end) for start, end in rows if start is not None and end is not None]


def suspended(resident_id: int, hub_id: int | None) -> bool:
    """Whether somebody is suspended at this hub; anywhere, where there is none."""
    here = [] if hub_id is None else [Membership.hub_id == hub_id]
    query = exists().where(Membership.resident_id == resident_id, Membership.status == "suspended", *here)
    return bool(db.session.scalar(select(query)))


def common_hubs(one_id: int, other_id: int) -> Sequence[int]:
    """The hubs that both belong to, in order."""
    mine, theirs = aliased(Membership), aliased(Membership)
    return db.session.scalars(
        select(mine.hub_id)
        .join(theirs, theirs.hub_id == mine.hub_id)
        .join(Hub, Hub.id == mine.hub_id)
        .where(
            mine.resident_id == one_id,
            theirs.resident_id == other_id,
            mine.status != "suspended",
            theirs.status != "suspended",
            Hub.status == "published",
        )
        .order_by(mine.hub_id)
    ).all()


def hearing_hub(people: Collection[int]) -> int | None:
    """A hub of both with a coordinator who is neither of them: there it is heard what they do not agree on."""
    hubs = common_hubs(*people)
    if not hubs:
        return None
    return db.session.scalar(
        select(Membership.hub_id)
        .where(
            Membership.hub_id.in_(hubs),
            Membership.is_coordinator,
            Membership.status == "verified",
            Membership.resident_id.not_in(people),
        )
        .order_by(Membership.hub_id)
        .limit(1)
    )


def agreed_between(resident_id: int, first: datetime, last: datetime) -> Sequence[SkillSession]:
    """Her sessions that begin in this stretch and whose time is, or was, agreed; in order."""
    return db.session.scalars(
        _told()
        .where(_of(resident_id), SkillSession.status.in_(LIVE), SkillSession.starts_at.between(first, last))
        .order_by(SkillSession.starts_at, SkillSession.id)
    ).all()
