"""What can be done with stickers: have blank ones made, put one on an object."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from app.core import audit, codes
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.hubs import services as hub_services
from app.items import services as items
from app.items.labels import queries
from app.items.labels.models import BlankSticker, StickerSheet
from app.items.models import Item

MOST_AT_ONCE = 400
MOST_WAITING = 2_000


def make_blank_stickers(*, hub_id: int, count: int | None, actor_id: int, now: datetime) -> StickerSheet:
    """So many codes that no object wears, to be printed; by the hub's volunteers. Not without end: what is printed
    should be stuck."""
    hub_services.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    if count is None or not 1 <= count <= MOST_AT_ONCE:
        raise Invalid({"count": ("core.out_of_range", {"min": 1, "max": MOST_AT_ONCE})})
    waiting = select(func.count()).select_from(BlankSticker).join(StickerSheet)
    mine = waiting.where(StickerSheet.hub_id == hub_id, BlankSticker.item_id.is_(None))
    if (db.session.scalar(mine) or 0) + count > MOST_WAITING:
        raise Conflict("labels.too_many_waiting", max=MOST_WAITING)
    return _sheet(hub_id, _fresh(count), actor_id=actor_id, now=now)


def adopt_code(*, code: str, hub_id: int, actor_id: int, now: datetime) -> None:
    """A label that nobody here printed and no object wears, found on an object: from now on it is one of the hub's
    that waits to be stuck. `Conflict` for a code that is known."""
    hub_services.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    read = codes.read(code)
    if read is None or read.kind != codes.ITEM:
        raise NotFound("labels.unknown_sticker")
    if queries.known(str(read)):
        raise Conflict("labels.known")
    _sheet(hub_id, [str(read)], actor_id=actor_id, now=now)


def _sheet(hub_id: int, fresh: Sequence[str], *, actor_id: int, now: datetime) -> StickerSheet:
    sheet = StickerSheet(hub_id=hub_id, made_by_id=actor_id, made_at=now, count=len(fresh))
    db.session.add(sheet)
    db.session.flush()
    db.session.execute(insert(BlankSticker), [{"code": code, "sheet_id": sheet.id} for code in fresh])
    return sheet


def _fresh(count: int) -> list[str]:
    """Codes that stand on no object and on no sticker: also not on an object that came from elsewhere with its own."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {str(codes.new_blank()) for _ in range(count - len(found))}
        worn = db.session.scalars(
            select(Item.code)
            .where(Item.code.in_(drawn))
            .union(select(BlankSticker.code).where(BlankSticker.code.in_(drawn)))
        )
        found |= drawn - set(worn)
    return sorted(found)


def stick_on(*, code: str, item_id: int, actor_id: int, now: datetime) -> Item:
    """Put a blank sticker on an object of the same hub: its code is the sticker's from now on, and the code that it
    wore before goes on opening it."""
    item = locked_one(Item, item_id)
    sticker = _waiting(code, actor_id)
    if item is None or item.status == "retired" or item.hub_id != sticker.sheet.hub_id:
        raise NotFound("items.unknown")
    sticker.former_code, item.code = item.code, sticker.code
    item.version += 1
    item.updated_at = now
    _stick(sticker, item, actor_id=actor_id, now=now)
    return item


def post_with_sticker(*, code: str, actor_id: int, now: datetime, **fields: Any) -> Item:
    """A new object of the hub, which wears this sticker from the start; `fields` as posting takes them."""
    sticker = _waiting(code, actor_id)
    hub = str(sticker.sheet.hub_id)
    item = items.post_item(actor_id=actor_id, now=now, **{**fields, "owner": "hub", "hub": hub})
    item.code = sticker.code
    _stick(sticker, item, actor_id=actor_id, now=now)
    return item


def stick_if_blank(*, item: Item, actor_id: int, now: datetime) -> None:
    """An object that came with a code of its own: where that was printed here as a blank sticker, it is stuck now."""
    sticker = db.session.get(BlankSticker, item.code, with_for_update=True)
    if sticker is not None and sticker.item_id is None:
        _stick(sticker, item, actor_id=actor_id, now=now)


def _waiting(code: str, actor_id: int) -> BlankSticker:
    """The sticker, held until the transaction ends, for a volunteer of its hub, while it waits for its object."""
    sticker = db.session.get(BlankSticker, code, with_for_update=True, populate_existing=True)
    if sticker is None:
        raise NotFound("labels.unknown_sticker")
    try:
        hub_services.require_role("volunteer", actor_id=actor_id, hub_id=sticker.sheet.hub_id)
    except Forbidden as forbidden:
        raise NotFound("labels.unknown_sticker") from forbidden
    if sticker.item_id is not None:
        raise Conflict("labels.already_stuck")
    return sticker


def _stick(sticker: BlankSticker, item: Item, *, actor_id: int, now: datetime) -> None:
    sticker.item_id, sticker.stuck_at, sticker.stuck_by_id = item.id, now, actor_id
    audit.note(
        "labels.stuck",
        now=now,
        actor_id=actor_id,
        subject_kind="item",
        subject_id=item.id,
        hub_id=item.hub_id,
        code=sticker.code,
        former=sticker.former_code,
    )
    db.session.flush()
