"""What the home page and a hub's page gather from the rooms below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select

from app.core.db import UtcDateTime, db
from app.hubs.models import Hub
from app.items import search
from app.items.models import Item
from app.items.queries import Line as ItemLine
from app.lending import lines
from app.lending import queries as lending
from app.lending.models import Loan
from app.lending.waiting.models import PlaceInLine
from app.purchases import queries as purchases
from app.purchases.listed import Listed as Campaign
from app.skills import queries as skills
from app.skills.filters import Wanted as WantedSkills
from app.skills.queries import Line as SkillLine
from app.skills.sessions.models import SkillSession
from app.skills.workshops import queries as workshops
from app.skills.workshops.models import Attendee
from app.skills.workshops.queries import Listed

DAYS_SHOWN = 7
LOANS_SHOWN = 3
CARDS = 8
TAUGHT = 3
BOUGHT = 3
LOOKED_AT = 24
"""Objects near by that are read to find the free ones among them."""


@dataclass(frozen=True)
class Today:
    """What concerns one resident now: what she must bring back or fetch, by day. `waits`: what waits for her.
    `more`: loans that have no room here. `week`: seven days as the `week_strip` macro takes them."""

    due: Sequence[lines.Line]
    coming: Sequence[lines.Line]
    more: int
    waits: "Waits"
    week: Sequence[dict[str, Any]]


class Waits(NamedTuple):
    """How much waits for a resident: neighbours who ask for an object, objects that the waiting list keeps aside for her,
    sessions to answer, sessions of which she has not said how long they were, and places at workshops."""

    to_answer: int
    kept: int
    sessions_to_answer: int
    sessions_to_say: int
    places: int


def today(viewer_id: int, *, hub_id: int | None, now: datetime) -> Today:
    """What concerns this resident. The week is that of her hub, `hub_id`, when she has one."""
    in_hand, to_come = lending.in_hand(viewer_id), lending.coming(viewer_id)
    shared = lines.around([*in_hand, *to_come], now=now, also=hub_id)
    due, coming = (
        lines.lines(loans, viewer_id, side="borrower", now=now, shared=shared) for loans in (in_hand, to_come)
    )
    room = max(0, LOANS_SHOWN - len(due))
    return Today(
        due=due[:LOANS_SHOWN],
        coming=coming[:room],
        more=max(0, len(due) + len(coming) - LOANS_SHOWN),
        waits=_waits(viewer_id, now=now),
        week=lines.strip(due, coming, place=shared.places[hub_id])[:DAYS_SHOWN],
    )


def _waits(viewer_id: int, *, now: datetime) -> Waits:
    """One statement."""
    return Waits._make(db.session.execute(_WAITS, {"me": viewer_id, "now": now}).one())


_ME: Any = bindparam("me")
_NOW = bindparam("now", type_=UtcDateTime())
_AGREED = SkillSession.status == "accepted"
_UNSAID = or_(
    and_(SkillSession.giver_id == _ME, SkillSession.giver_minutes.is_(None)),
    and_(SkillSession.learner_id == _ME, SkillSession.learner_minutes.is_(None)),
)
_WAITS = select(
    *(
        counted.scalar_subquery()
        for counted in (
            select(func.count(Loan.id)).where(Loan.owner_id == _ME, Loan.status == "requested"),
            select(func.count(PlaceInLine.id)).where(
                PlaceInLine.resident_id == _ME, PlaceInLine.status == "ready"
            ),
            select(func.count(SkillSession.id)).where(
                or_(SkillSession.giver_id == _ME, SkillSession.learner_id == _ME),
                SkillSession.proposed_by_id != _ME,
                or_(SkillSession.status == "asked", and_(_AGREED, SkillSession.starts_at > _NOW)),
            ),
            select(func.count(SkillSession.id)).where(_UNSAID, _AGREED, SkillSession.ends_at <= _NOW),
            select(func.count(Attendee.id)).where(
                Attendee.resident_id == _ME, Attendee.status == "offered", Attendee.offered_until > _NOW
            ),
        )
    )
)


def free_near(near: tuple[float, float] | None, *, signed_in: bool, now: datetime) -> Sequence[ItemLine]:
    """Objects that can be had today, the nearest first; the newest where no place is known."""
    wanted = search.Wanted(mode="lend", near=near, sort="near" if near else "new")
    page = search.page(wanted, signed_in=signed_in, limit=LOOKED_AT, now=now)
    return [line for line in page.lines if line.free_now][:CARDS]


@dataclass(frozen=True)
class Shelves:
    """What is there, at a hub: the newest few, and how many in all."""

    lines: Sequence[ItemLine]
    count: int


def shelves_of(hub: Hub, *, signed_in: bool, now: datetime) -> Shelves:
    """The objects of this hub's shelves."""
    wanted = search.Wanted(hub=hub.slug, sort="new")
    page = search.page(wanted, signed_in=signed_in, limit=CARDS, now=now)
    count = db.session.scalar(
        select(func.count()).select_from(Item).where(Item.hub_id == hub.id, Item.status == "active")
    )
    return Shelves(page.lines, count or 0)


@dataclass(frozen=True)
class Learning:
    """What can be learnt at a hub: the workshops that come next, and what neighbours teach there, the newest few."""

    workshops: Sequence[Listed]
    skills: Sequence[SkillLine]


def bought_at(hub: Hub, *, viewer_id: int | None) -> Sequence[Campaign]:
    """What neighbours buy together at a hub now, the soonest closing first; one statement."""
    return purchases.page(hub_id=hub.id, resident_id=viewer_id, limit=TAUGHT).lines


def bought_near(viewer_id: int, *, near: tuple[float, float] | None) -> Sequence[Campaign]:
    """What is open for pledges near her; where no place is known, anywhere."""
    return purchases.page(near=near, resident_id=viewer_id, limit=BOUGHT).lines


def learning_at(hub: Hub, *, viewer_id: int | None, now: datetime) -> Learning:
    """What a hub's own page shows of it; three statements."""
    coming = workshops.coming_page(now=now, hub_id=hub.id, resident_id=viewer_id, limit=TAUGHT)
    wanted = WantedSkills(kind="offer", hub=hub.slug)
    taught = skills.page(wanted, signed_in=viewer_id is not None, limit=TAUGHT, now=now)
    return Learning(coming.lines, taught.lines)
