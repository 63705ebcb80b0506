"""What suits somebody who is served at the counter: offers for what she looks for, and needs for what she offers."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.skills.models import Skill
from app.skills.queries import Line, lines

MOST = 6


def others(resident_id: int, *, hub_id: int, now: datetime) -> list[Line]:
    """Those of her neighbours in the branches that she named, at this hub or at any, this one first and the newest of
    each. Two statements."""
    own = aliased(Skill)
    answers = or_(
        and_(Skill.kind == "offer", own.kind == "need"), and_(Skill.kind == "need", own.kind == "offer")
    )
    hers = exists().where(
        own.resident_id == resident_id, own.state == "open", own.category_id == Skill.category_id, answers
    )
    found = db.session.scalars(
        select(Skill.id)
        .where(
            Skill.state == "open",
            Skill.at_hub,
            Skill.resident_id != resident_id,
            or_(Skill.hub_id == hub_id, Skill.hub_id.is_(None)),
            hers,
        )
        .order_by(Skill.hub_id.is_(None), Skill.created_at.desc(), Skill.id)
        .limit(MOST)
    ).all()
    return lines(found, signed_in=True, now=now)
