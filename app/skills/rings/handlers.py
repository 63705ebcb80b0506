"""What neighbours are told of their rings. Each runs after the commit, in a transaction of its own."""

from datetime import datetime

from app.core.db import db
from app.events.skills import RingAgreed, RingEnded, RingProposed, SkillPosted
from app.notifications import services as notifications
from app.skills.rings import services
from app.skills.rings.models import Ring, RingLeg


def look_around(event: SkillPosted, *, now: datetime) -> None:
    """Who has just said what she teaches or wants need not wait for the night."""
    services.propose_around(resident_id=event.resident_id, now=now)


def tell_proposed(event: RingProposed, *, now: datetime) -> None:
    """Each is asked."""
    ring = db.session.get(Ring, event.ring_id)
    if ring is not None and ring.state == "proposed":
        for leg in ring.legs:
            _tell(leg, "skills.ring_proposed", now=now)


def tell_agreed(event: RingAgreed, *, now: datetime) -> None:
    """All have said yes: each may ask for her session."""
    ring = db.session.get(Ring, event.ring_id)
    if ring is not None and ring.state == "agreed":
        for leg in ring.legs:
            _tell(leg, "skills.ring_agreed", now=now)


def tell_ended(event: RingEnded, *, now: datetime) -> None:
    """It will not be: those who had said yes hear it; who said no, nobody."""
    ring = db.session.get(Ring, event.ring_id)
    if ring is not None and ring.state in ("declined", "expired"):
        for leg in ring.legs:
            if leg.answer == "yes":
                _tell(leg, "skills.ring_ended", now=now)


def _tell(leg: RingLeg, kind: str, *, now: datetime) -> None:
    notifications.tell(
        resident_id=leg.giver_id,
        kind=kind,
        params={},
        path=f"/skills/matches/{leg.ring_id}",
        key=f"{kind}:{leg.ring_id}:{leg.giver_id}",
        now=now,
    )
