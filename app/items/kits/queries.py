"""What can be seen of a kit: the objects that it is made of, and what could be put in."""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.items.labels.queries import current_code
from app.items.models import Item, Part


@dataclass(frozen=True)
class Member:
    """One object of a kit. `here`: whether it is offered and kept where the kit is."""

    id: int
    name: str
    title: str
    code: str
    shelf: str
    here: bool


def members(kit: Item) -> list[Member]:
    """The objects of this kit, in order."""
    rows = db.session.execute(
        select(Part.name, Item)
        .join(Item, Item.id == Part.object_id)
        .where(Part.item_id == kit.id)
        .order_by(Part.position)
    )
    return [
        Member(
            one.id,
            name,
            one.title,
            one.code,
            one.shelf,
            one.status == "active" and one.hub_id == kit.hub_id,
        )
        for name, one in rows
    ]


def wearing(code: str) -> int | None:
    """The number of the object that wears this label, or wore it before it got another."""
    return db.session.scalar(select(Item.id).where(Item.code == current_code(code)))
