"""What becomes of the lines when time passes and nobody acts. Each function takes the next few, holds their objects, and
looks again; two schedulers at once do it once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from app.core import outbox
from app.core.db import db, locked
from app.core.jobs import Walked
from app.events.waiting import PlaceLapsed, PlaceReady
from app.items import claims
from app.items.models import Item
from app.lending import queries as lending
from app.lending.models import Loan, RepairTicket
from app.lending.rules import ONE_DAY
from app.lending.services.passing import latest_day
from app.lending.waiting import line, rules
from app.lending.waiting.models import PlaceInLine


def lapse_holds(*, now: datetime, after_id: int, limit: int) -> Walked:
    """What nobody came for goes to the next one; the place goes to the end of the line, the second time out of it."""
    ids = _ids(
        PlaceInLine.status == "ready",
        PlaceInLine.ready_until <= latest_day(now=now),
        PlaceInLine.id > after_id,
        limit=limit,
    )
    count = sum(_lapse(place, now=now) for place in _places_held(ids))
    return Walked(count, ids[-1] if len(ids) == limit else None)


def _lapse(place: PlaceInLine, *, now: datetime) -> int:
    until = place.ready_until
    if place.status != "ready" or until is None:
        return 0
    if lending.terms_of(place.item, place.item.hub).days.closes_at(until) > now:
        return 0
    lost = place.lapses >= rules.LAPSES_ALLOWED
    place.lapses += 1
    if lost:
        line.end(place, "expired", now=now)
    else:
        line.wait_again(place)
        place.turn, place.passed_at = line.last_turn(place.item_id) + 1, now
        db.session.flush()
    outbox.record(PlaceLapsed(place.id, until, lost=lost), now=now)
    line.serve(place.item_id, now=now)
    return 1


def serve_lines(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Objects that lie in the house while somebody waits: days that have become free since are kept aside, whatever
    made them free; who cannot have it any more waits again."""
    waiting, ready = select(PlaceInLine.item_id).distinct(), PlaceInLine.__table__.alias()
    kept = exists().where(ready.c.item_id == PlaceInLine.item_id, ready.c.status == "ready")
    out = exists().where(Loan.item_id == PlaceInLine.item_id, Loan.status == "checked_out")
    broken = exists().where(RepairTicket.item_id == PlaceInLine.item_id, RepairTicket.closed_at.is_(None))
    ids = db.session.scalars(
        waiting.where(PlaceInLine.status == "waiting", PlaceInLine.item_id > after_id, ~kept, ~out, ~broken)
        .order_by(PlaceInLine.item_id)
        .limit(limit)
    ).all()
    count = sum(line.serve(item.id, now=now) is not None for item in claims.held(*ids)) if ids else 0
    return Walked(count, ids[-1] if len(ids) == limit else None)


def skip_suspended(*, hub_id: int, resident_id: int, now: datetime) -> None:
    """Who is suspended at this hub is passed over: what was kept aside there goes to the next one."""
    ids = db.session.scalars(
        select(PlaceInLine.item_id)
        .join(Item, Item.id == PlaceInLine.item_id)
        .where(
            PlaceInLine.resident_id == resident_id,
            PlaceInLine.status == "ready",
            (Item.hub_id == hub_id) | Item.hub_id.is_(None),
        )
    ).all()
    for item in claims.held(*ids):
        line.serve(item.id, now=now)


def leave_closed_days(*, hub_id: int, now: datetime) -> int:
    """Move the last day of what is kept aside off days that the hub has closed since: to the next open one, or the
    last before the next claim. How many moved."""
    ids = db.session.scalars(
        select(PlaceInLine.id)
        .join(Item, Item.id == PlaceInLine.item_id)
        .where(Item.hub_id == hub_id, PlaceInLine.status == "ready")
    ).all()
    return sum(_leave_closed_day(place, now=now) for place in _places_held(ids))


def _leave_closed_day(place: PlaceInLine, *, now: datetime) -> int:
    terms = lending.terms_of(place.item, place.item.hub)
    today, until = terms.days.today(now), place.ready_until
    if place.status != "ready" or place.claim is None or until is None or until < today:
        return 0
    if terms.days.is_open(until):
        return 0
    following = claims.next_claim(place.item_id, after_day=place.claim.first_day, besides=place.claim_id)
    moved = terms.days.next_open(until)
    if moved is None or (following is not None and moved >= following.first_day):
        moved = terms.days.last_open(until, not_before=today)
    if moved is None:
        return 0
    claims.change(place.claim, end_day=moved + ONE_DAY)
    place.ready_until = moved
    outbox.record(PlaceReady(place.id, moved), now=now)
    return 1


def _ids(*where: ColumnElement[bool], limit: int) -> Sequence[int]:
    query = select(PlaceInLine.id).where(*where).order_by(PlaceInLine.id).limit(limit)
    return db.session.scalars(query).all()


def _places_held(place_ids: Sequence[int]) -> Sequence[PlaceInLine]:
    """These places, fresh, with their objects held, in the order of their numbers."""
    if not place_ids:
        return []
    claims.held(*db.session.scalars(select(PlaceInLine.item_id).where(PlaceInLine.id.in_(place_ids))))
    return locked(PlaceInLine, *place_ids)
