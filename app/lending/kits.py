"""Kits, as far as lending goes: a kit leaves with all its objects, so whoever asks about one asks about the others."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select, union

from app.core.db import db
from app.core.errors import Conflict
from app.items import claims
from app.items.models import Item, ItemClaim, Part
from app.lending.models import Loan

CLAIM_OF_LOAN = func.coalesce(ItemClaim.kit_claim_id, ItemClaim.id)
"""The claim that a loan knows: the object's own, or the kit's with which it goes along."""


def it_and_its_objects(item_id: int) -> Any:
    """The object, and of a kit those that it is made of; as a part of a statement."""
    objects = select(Part.object_id).where(Part.item_id == item_id, Part.object_id.is_not(None))
    return union(_itself(item_id), objects)


def it_and_its_kits(item_id: int) -> Any:
    """The object, and the kits that it belongs to."""
    return union(_itself(item_id), select(Part.item_id).where(Part.object_id == item_id))


def touched(item_id: int) -> Any:
    """All whose days change with this object's: itself, the objects of the kit, the kits that it belongs to."""
    objects = select(Part.object_id).where(Part.item_id == item_id, Part.object_id.is_not(None))
    return union(_itself(item_id), objects, select(Part.item_id).where(Part.object_id == item_id))


def _itself(item_id: int) -> Select[int]:
    return select(Item.id).where(Item.id == item_id)


def out_apart(item_id: int) -> Select[Loan]:
    """The loans of something else that have this object, or one of the kit's, out of the house now."""
    return (
        select(Loan)
        .join(ItemClaim, Loan.claim_id == CLAIM_OF_LOAN)
        .where(
            ItemClaim.item_id.in_(it_and_its_objects(item_id)),
            ItemClaim.live,
            Loan.status == "checked_out",
            Loan.item_id != item_id,
        )
    )


def out_otherwise(item_ids: Collection[int]) -> tuple[Select[Any], Select[Any]]:
    """Which of these are kits of which somebody has an object, and which are objects that are out with their kit."""
    in_parts = (
        select(Part.item_id)
        .join(Loan, Loan.item_id == Part.object_id)
        .where(Part.item_id.in_(item_ids), Part.object_id.is_not(None), Loan.status == "checked_out")
    )
    with_kit = (
        select(Part.object_id)
        .join(Loan, Loan.item_id == Part.item_id)
        .where(Part.object_id.in_(item_ids), Loan.status == "checked_out")
    )
    return in_parts, with_kit


def refuse_apart(item: Item) -> None:
    """Neither a kit of which somebody has an object, nor an object that is out with its kit, is at hand: 409 `apart`
    names the other and who has it."""
    out = db.session.scalar(out_apart(item.id).order_by(Loan.id).limit(1))
    if out is not None:
        raise Conflict("lending.apart", other=out.item.title, holder=out.borrower.name)


def is_whole(item: Any, objects: Collection[int] | None = None) -> bool:
    """Whether it is offered and, of a kit, every object of it too, at the same place. `objects`: what it is made of,
    where that is known."""
    if item.status != "active":
        return False
    if objects is None:
        objects = claims.objects_of(item.id)
    if not objects:
        return True
    there = select(func.count()).where(
        Item.id.in_(objects), Item.status == "active", Item.hub_id.is_not_distinct_from(item.hub_id)
    )
    return db.session.scalar(there) == len(objects)


def set_status(item: Item, status: str) -> None:
    """The object, which is held, is lost or found, and a kit with all that it is made of."""
    for one in claims.held(item.id):
        one.status = status
