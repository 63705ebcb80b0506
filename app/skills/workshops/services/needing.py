"""The objects of workshops: which are needed, a neighbour's word on hers, and their days, taken and given back as dates
move. Days are taken by `app.items.claims` alone; where they are somebody else's the workshop is held all the same."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.core import outbox
from app.core.db import db, locked_one
from app.core.errors import Forbidden, Invalid, NotFound
from app.events.workshops import WorkshopNeedAnswered, WorkshopNeedAsked, WorkshopObjectMissing
from app.items import claims
from app.items.models import Item
from app.skills.workshops import queries, rhythm
from app.skills.workshops.models import Workshop, WorkshopClaim, WorkshopNeed, WorkshopSeries
from app.skills.workshops.services.ground import held, series_held

MOST_NEEDS = 20
ONE_DAY = timedelta(days=1)


def set_needs(series: WorkshopSeries, item_ids: Collection[int], *, actor_id: int, now: datetime) -> None:
    """These objects from now on; all of them are kept at the hub. A neighbour's is asked for, her own aside."""
    wanted = set(item_ids)
    if len(wanted) > MOST_NEEDS:
        raise Invalid({"objects": ("workshops.too_many_objects", {"max": MOST_NEEDS})})
    known = {need.item_id: need for need in series.needs}
    for item_id in known.keys() - wanted:
        series.needs.remove(known[item_id])
    fresh = wanted - known.keys()
    found = {item.id: item for item in db.session.scalars(select(Item).where(Item.id.in_(fresh)))}
    for item_id in sorted(fresh):
        item = found.get(item_id)
        if item is None or item.status != "active" or item.hub_id != series.hub_id:
            raise Invalid({"objects": "workshops.object_elsewhere"})
        own = item.owner_resident_id in (None, actor_id)
        need = WorkshopNeed(
            item_id=item_id,
            consent="agreed" if own else "asked",
            asked_by_id=actor_id,
            asked_at=now,
            answered_at=now if own else None,
        )
        series.needs.append(need)
        db.session.flush()
        if not own:
            outbox.record(WorkshopNeedAsked(need.id), now=now)
    db.session.flush()


def answer(*, need_id: int, actor_id: int, agreed: bool, now: datetime) -> WorkshopNeed:
    """The owner's word, which she may change: her object is kept for the dates to come, or free for others."""
    seen = db.session.get(WorkshopNeed, need_id)
    if seen is None:
        raise NotFound("workshops.unknown")
    series_held(seen.series_id)
    coming = held(queries.coming_ids(seen.series_id, now=now))
    item = claims.held_one(seen.item_id)
    need = locked_one(WorkshopNeed, need_id)
    if need is None or item is None:
        raise NotFound("workshops.unknown")
    if item.owner_resident_id != actor_id:
        raise Forbidden("items.only_the_owner")
    said = "agreed" if agreed else "refused"
    if need.consent != said:
        need.consent, need.answered_at = said, now
        db.session.flush()
        outbox.record(WorkshopNeedAnswered(need.id, now), now=now)
        keep_days(coming, now=now)
    return need


def keep_days(workshops: Iterable[Workshop], *, now: datetime) -> int:
    """Bring the days that are taken in accord with the dates as they stand: call it whenever a date is made, moved or
    cancelled, or what is needed changes; how many days were taken or given back. Said twice, it holds once."""
    dates = list(workshops)
    wanted = {(one.id, item_id): one for one in dates for item_id in _wanted(one, now)}
    rows = {(row.workshop_id, row.item_id): row for row in _rows(one.id for one in dates)}
    if not wanted and not rows:
        return 0
    items = {item.id: item for item in claims.held(*{item_id for _workshop, item_id in {*wanted, *rows}})}
    count = 0
    for key in sorted(
        rows
    ):  # first what becomes free, then what is taken: a date may move to where another was
        row = rows[key]
        days = _days(wanted[key]) if key in wanted else None
        if row.claim is not None and row.claim.live and days != (row.claim.first_day, row.claim.end_day):
            claims.end(row.claim)
            row.claim_id = row.claim = None
            count += 1
        if key not in wanted:
            db.session.delete(row)
        db.session.flush()
    for key in sorted(wanted):
        count += _take(rows.get(key), wanted[key], items.get(key[1]), now=now)
    return count


def _take(row: WorkshopClaim | None, workshop: Workshop, item: Item | None, *, now: datetime) -> int:
    """Take the days of one object for one date, where they are free; whoever holds the workshop learns once that they
    are not."""
    if item is None or (row is not None and row.claim_id is not None):
        return 0
    first, end = _days(workshop)
    here = item.status == "active" and item.hub_id == workshop.hub_id
    free = here and all(one.first_day >= end for one in claims.live_claims(item.id, from_day=first))
    fresh = row is None
    if row is None:
        row = WorkshopClaim(workshop_id=workshop.id, item_id=item.id)
        db.session.add(row)
    if free:
        row.claim_id = claims.take(item.id, "workshop", first, end).id
        db.session.flush()
        db.session.expire(row, ["claim"])
    elif fresh:
        db.session.flush()
        outbox.record(WorkshopObjectMissing(workshop.id, item.id, workshop.starts_at), now=now)
    return int(free)


def _wanted(workshop: Workshop, now: datetime) -> list[int]:
    if workshop.state != "planned" or workshop.ends_at <= now:
        return []
    return [need.item_id for need in workshop.series.needs if need.consent == "agreed"]


def _days(workshop: Workshop) -> tuple[date, date]:
    """The whole days of a date, half-open, as the hub counts them."""
    zone = workshop.hub.timezone
    last = rhythm.wall(workshop.ends_at - timedelta(microseconds=1), zone).date()
    return rhythm.wall(workshop.starts_at, zone).date(), last + ONE_DAY


def _rows(workshop_ids: Iterable[int]) -> list[WorkshopClaim]:
    query = select(WorkshopClaim).where(WorkshopClaim.workshop_id.in_(list(workshop_ids)))
    return list(db.session.scalars(query.execution_options(populate_existing=True)))
