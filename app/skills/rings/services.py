"""What can be done with rings: propose them, answer, let them lapse."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update

from app.core import outbox
from app.core.db import db, inserting, locked_one
from app.core.errors import Conflict, NotFound
from app.core.jobs import Walked
from app.events.skills import RingAgreed, RingEnded, RingProposed
from app.geo.distance import from_here
from app.hubs.models import Membership
from app.skills.models import Skill
from app.skills.rings import queries, rules
from app.skills.rings.models import Ring, RingLeg
from app.skills.rings.rules import Known, Round


def propose_around(*, resident_id: int, now: datetime) -> int:
    """Look for rings that a neighbour could be in, as she has just said what she teaches or wants; how many are new."""
    found = [one for one in _found(queries.around(resident_id, now=now)) if resident_id in one.people]
    return propose(_chosen(found), now=now)


def to_propose() -> list[Round]:
    """The rings among all neighbours that are worth proposing now, the best first."""
    return _chosen(_found(queries.everybody()))


def _found(skills: Collection[Known]) -> list[Round]:
    return list(rules.rounds(rules.arcs(skills, from_here)))


def _chosen(found: Collection[Round]) -> list[Round]:
    people = {person for one in found for person in one.people}
    known = queries.signatures([one.signature for one in found])
    return rules.chosen(found, known=known, waiting=queries.waiting(people))


def propose(found: Sequence[Round], *, now: datetime) -> int:
    """Ask the neighbours of each whether they would; what somebody else has proposed meanwhile is passed over. How many
    are new."""
    new = 0
    for one in found:
        values = {
            "signature": one.signature,
            "state": "proposed",
            "proposed_at": now,
            "answer_by": now + rules.ANSWERED_WITHIN,
        }
        insert = inserting(Ring).values(values).on_conflict_do_nothing().returning(Ring.id)
        ring_id = db.session.scalar(insert)
        if ring_id is None:
            continue
        for position, arc in enumerate(one.arcs):
            db.session.add(
                RingLeg(
                    ring_id=ring_id,
                    position=position,
                    giver_id=arc.giver_id,
                    learner_id=arc.learner_id,
                    offer_id=arc.offer_id,
                    need_id=arc.need_id,
                )
            )
        outbox.record(RingProposed(ring_id), now=now)
        new += 1
    db.session.flush()
    return new


def answer(*, ring_id: int, actor_id: int, yes: bool, now: datetime) -> Ring:
    """Say whether one would go round. One no ends it, without a reason and without a name; a yes may be taken back until
    all have said so."""
    ring = locked_one(Ring, ring_id)
    leg = next((one for one in ring.legs if one.giver_id == actor_id), None) if ring else None
    if ring is None or leg is None:
        raise NotFound("skills.ring_unknown")
    said = "yes" if yes else "no"
    if leg.answer == said:
        return ring
    if not rules.answerable(ring.state, ring.answer_by, now):
        raise Conflict("skills.ring_over")
    if yes and not _all_there(ring):
        raise Conflict("skills.ring_gone")
    leg.answer, leg.answered_at = said, now
    ring.state = rules.state_after([one.answer for one in ring.legs])
    if ring.state != "proposed":
        ring.ended_at = now
        outbox.record(RingAgreed(ring.id) if ring.state == "agreed" else RingEnded(ring.id), now=now)
    return ring


def _all_there(ring: Ring) -> bool:
    """Whether every offer and need is open still, and nobody of it suspended."""
    skills = {number for leg in ring.legs for number in (leg.offer_id, leg.need_id)}
    people = {leg.giver_id for leg in ring.legs}
    shut = select(Skill.id).where(Skill.id.in_(skills), Skill.state != "open").limit(1)
    suspended = select(Membership.id).where(
        Membership.resident_id.in_(people), Membership.status == "suspended"
    )
    return db.session.scalar(shut) is None and db.session.scalar(suspended.limit(1)) is None


def expire(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Proposals that not all have answered in time are over."""
    due = select(Ring.id).where(Ring.state == "proposed", Ring.answer_by <= now, Ring.id > after_id)
    ids = list(db.session.scalars(due.order_by(Ring.id).limit(limit)))
    guarded = update(Ring).where(Ring.id.in_(ids), Ring.state == "proposed")
    ended = db.session.scalars(guarded.values(state="expired", ended_at=now).returning(Ring.id)).all()
    for ring_id in sorted(ended):
        outbox.record(RingEnded(ring_id), now=now)
    return Walked(len(ended), ids[-1] if len(ids) == limit else None)
