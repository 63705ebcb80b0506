"""What can be done with kits: put an object in, take one out. While nobody has it or counts on it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from app.core.db import db
from app.core.errors import Conflict, Forbidden, NotFound
from app.items import claims, policy, queries
from app.items import services as items
from app.items.models import Item, Part

MOST_OBJECTS = 20


def put_in(*, kit_id: int, object_id: int, actor_id: int, now: datetime) -> Part:
    """This object belongs to the kit from now on, and leaves with it; it can still be lent by itself. What must be
    known of it must be known of the kit."""
    kit, thing = _held(kit_id, object_id, actor_id)
    objects = claims.objects_of(kit.id)
    _refuse_kind(kit, thing, objects)
    _refuse_taken(kit)
    kit.notices = [*kit.notices, *(notice for notice in thing.notices if notice not in kit.notices)]
    part = Part(name=_name(kit, thing), position=len(objects), object_id=thing.id)
    for other in kit.parts:
        other.position += other.object_id is None
    kit.parts.append(part)
    items.touch(kit, now=now)
    return part


def take_out(*, kit_id: int, object_id: int, actor_id: int, now: datetime) -> None:
    """The object is no longer part of the kit."""
    kit, _thing = _held(kit_id, object_id, actor_id)
    part = next((one for one in kit.parts if one.object_id == object_id), None)
    if part is None:
        raise NotFound("items.not_in_kit")
    _refuse_taken(kit)
    kit.parts.remove(part)
    items.touch(kit, now=now)


def _held(kit_id: int, object_id: int, actor_id: int) -> tuple[Item, Item]:
    """Both, held, for somebody who looks after both."""
    found = {item.id: item for item in claims.held(kit_id, object_id)}
    actor = items.actor_of(actor_id=actor_id)
    for number in (kit_id, object_id):
        item = found.get(number)
        if item is None or not policy.sees(queries.keeping_of(item), item.status, actor):
            raise NotFound("items.unknown")
        for reason in policy.why_not_change(queries.keeping_of(item), actor):
            raise Forbidden(reason)
    return found[kit_id], found[object_id]


def _refuse_kind(kit: Item, thing: Item, objects: Sequence[int]) -> None:
    if thing.id in objects:
        raise Conflict("items.kit_has_it")
    if len(objects) >= MOST_OBJECTS:
        raise Conflict("items.kit_full", max=MOST_OBJECTS)
    in_a_kit = db.session.scalar(select(Part.id).where(Part.object_id == kit.id).limit(1))
    if kit.id == thing.id or in_a_kit is not None or claims.objects_of(thing.id):
        raise Conflict("items.kit_of_kits")
    if thing.status != "active" or thing.hub_id != kit.hub_id:
        raise Conflict("items.kit_elsewhere")
    if thing.induction and thing.induction != kit.induction:
        raise Conflict("items.kit_induction", induction=thing.induction)
    if len({*kit.notices, *thing.notices}) > items.MOST_NOTICES:
        raise Conflict("items.too_many_notices", max=items.MOST_NOTICES)


def _refuse_taken(kit: Item) -> None:
    live = claims.live_claims(kit.id, from_day=date.min)
    if any(claim.item_id == kit.id for claim in live):
        raise Conflict("items.days_taken")


def _name(kit: Item, thing: Item) -> str:
    """What is ticked at the counter: its title, told apart from another of the same."""
    known = {part.name for part in kit.parts}
    names = (thing.title, *(f"{thing.title} {number}" for number in range(2, MOST_OBJECTS + 2)))
    return next(name for name in names if name not in known)
