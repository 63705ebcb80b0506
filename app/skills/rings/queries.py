"""What can be seen of rings: one's own, and the skills among which others could be found."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Resident
from app.core.db import db, one_of, plain_rows
from app.core.errors import NotFound
from app.finding import near
from app.hubs.models import Membership
from app.skills.filters import Wanted
from app.skills.models import Availability, Skill
from app.skills.rings import rules
from app.skills.rings.models import Ring, RingLeg
from app.skills.rings.rules import Known

SHOWN_FOR = timedelta(days=90)
"""So long an agreed ring is shown."""
MOST_SHOWN = 30
MOST_AROUND = 2_000
"""Skills around one neighbour among which a ring is looked for."""
AT_ONCE = 500
_IN_ORDER = (Ring.state.desc(), Ring.id.desc())
"""What is proposed before what is agreed, the latest first."""


@dataclass(frozen=True)
class Leg:
    """What one teaches the next; `there`: both skills are still open. Who answered what is nobody's business but hers."""

    giver_id: int
    giver: str
    learner_id: int
    learner: str
    offer_id: int
    offer: str
    need_id: int
    need: str
    there: bool


@dataclass(frozen=True)
class Proposal:
    """A ring as one of its neighbours sees it. `mine`: her own answer; `yes`: how many have said so."""

    id: int
    state: str
    answer_by: datetime
    legs: tuple[Leg, ...]
    mine: str | None
    yes: int

    @property
    def there(self) -> bool:
        """Whether all that it is made of is still open."""
        return all(leg.there for leg in self.legs)


def of_resident(resident_id: int, *, now: datetime, ring_id: int | None = None) -> list[Proposal]:
    """The rings of a neighbour: what waits for answers first, then what was agreed lately; or the one with this number,
    however it stands. One statement."""
    hers = select(Ring.id).join(RingLeg).where(RingLeg.giver_id == resident_id)
    if ring_id is not None:
        hers = hers.where(Ring.id == ring_id)
    else:
        going_on = and_(Ring.state == "proposed", Ring.answer_by > now)
        lately = and_(Ring.state == "agreed", Ring.ended_at > now - SHOWN_FOR)
        hers = hers.where(or_(going_on, lately)).order_by(*_IN_ORDER).limit(MOST_SHOWN)
    giver, learner, offer, need = aliased(Resident), aliased(Resident), aliased(Skill), aliased(Skill)
    query = (
        select(
            Ring.id, Ring.state, Ring.answer_by, RingLeg.answer, RingLeg.giver_id, giver.name.label("giver"),
            RingLeg.learner_id, learner.name.label("learner"), RingLeg.offer_id, offer.title.label("offer"),
            offer.state.label("offer_state"), RingLeg.need_id, need.title.label("need"),
            need.state.label("need_state"),
        )
        .join(RingLeg, RingLeg.ring_id == Ring.id)
        .join(giver, giver.id == RingLeg.giver_id)
        .join(learner, learner.id == RingLeg.learner_id)
        .join(offer, offer.id == RingLeg.offer_id)
        .join(need, need.id == RingLeg.need_id)
        .where(Ring.id.in_(hers))
        .order_by(*_IN_ORDER, RingLeg.position)
    )  # fmt: skip
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        rows[row.id].append(row)
    return [_proposal(legs, resident_id) for legs in rows.values()]


def _proposal(rows: Sequence[Any], resident_id: int) -> Proposal:
    legs = tuple(
        Leg(
            row.giver_id, row.giver, row.learner_id, row.learner, row.offer_id, row.offer, row.need_id, row.need,
            there=row.offer_state == row.need_state == "open",
        )
        for row in rows
    )  # fmt: skip
    return Proposal(
        rows[0].id,
        rows[0].state,
        rows[0].answer_by,
        legs,
        mine=next(row.answer for row in rows if row.giver_id == resident_id),
        yes=sum(row.answer == "yes" for row in rows),
    )


def one_of_hers(ring_id: int, resident_id: int, *, now: datetime) -> Proposal:
    """A ring for one of its own; `NotFound` for everybody else."""
    found = of_resident(resident_id, now=now, ring_id=ring_id)
    if not found:
        raise NotFound("skills.ring_unknown")
    return found[0]


# -- among whom rings are looked for ----------------------------------------------------------------------


def everybody() -> list[Known]:
    """All skills of those who both teach and learn: nobody else can be in a ring; two statements."""
    both = (
        select(Skill.resident_id)
        .where(Skill.state == "open")
        .group_by(Skill.resident_id)
        .having(func.count(Skill.kind.distinct()) == 2)
    )
    return _known({}, Skill.resident_id.in_(both))


def around(resident_id: int, *, now: datetime) -> list[Known]:
    """The skills nearest to what a neighbour teaches, hers among them; none where she teaches nothing."""
    hers = select(Skill.lat, Skill.lon).where(
        Skill.resident_id == resident_id, Skill.state == "open", Skill.kind == "offer"
    )
    point = db.session.execute(hers.order_by(Skill.id).limit(1)).first()
    if point is None:
        return []
    wanted = Wanted(near=(point.lat, point.lon), radius_km=2 * rules.REACH_M / 1000, sort="near")
    hits = near.nearest(wanted, signed_in=True, after=None, count=MOST_AROUND, moment=now)
    return _known({"ids": [number for _, number, _ in hits]}, one_of(Skill.id, "ids"))


def _known(given: Mapping[str, Any], condition: ColumnElement[Any]) -> list[Known]:
    """Open skills of whom no hub has suspended."""
    suspended = select(Membership.resident_id).where(Membership.status == "suspended")
    columns = (
        Skill.id, Skill.resident_id, Skill.kind, Skill.category_id, Skill.lat, Skill.lon, Skill.at_hub, Skill.at_home,
        Skill.online, Skill.languages, Skill.search_text,
    )  # fmt: skip
    query = select(*columns).where(Skill.state == "open", condition, Skill.resident_id.not_in(suspended))
    rows = plain_rows(query.order_by(Skill.id), given)
    times = _times([row.id for row in rows])
    return [
        Known(
            row.id,
            row.resident_id,
            row.kind == "offer",
            row.category_id,
            (row.lat, row.lon),
            frozenset(
                place
                for place, suits in (("hub", row.at_hub), ("home", row.at_home), ("online", row.online))
                if suits
            ),
            frozenset(row.languages),
            *rules.topic(row.search_text),
            times.get(row.id, ()),
        )
        for row in rows
    ]


def _times(skill_ids: Collection[int]) -> dict[int, tuple[rules.Window, ...]]:
    query = select(Availability.skill_id, Availability.weekday, Availability.opens, Availability.closes)
    found: dict[int, list[rules.Window]] = defaultdict(list)
    given = {"skill_ids": list(skill_ids)}
    for row in plain_rows(query.where(one_of(Availability.skill_id, "skill_ids")), given):
        found[row.skill_id].append((row.weekday, row.opens, row.closes))
    return {skill_id: tuple(sorted(windows)) for skill_id, windows in found.items()}


def signatures(of: Sequence[str]) -> set[str]:
    """Which of these were proposed before."""
    known: set[str] = set()
    for at in range(0, len(of), AT_ONCE):
        some = select(Ring.signature).where(Ring.signature.in_(of[at : at + AT_ONCE]))
        known.update(db.session.scalars(some))
    return known


def waiting(residents: Collection[int]) -> dict[int, int]:
    """How many proposals wait for the answer of each of these."""
    query = (
        select(RingLeg.giver_id, func.count().label("number"))
        .join(Ring, Ring.id == RingLeg.ring_id)
        .where(one_of(RingLeg.giver_id, "residents"), RingLeg.answer.is_(None), Ring.state == "proposed")
        .group_by(RingLeg.giver_id)
    )
    return {row.giver_id: row.number for row in plain_rows(query, {"residents": list(residents)})}
