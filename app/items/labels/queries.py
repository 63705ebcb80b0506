"""What can be seen of labels: which objects want one, which stickers wait, what stands on which shelf."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.errors import Conflict, NotFound
from app.core.paging import Page, after, page_of
from app.finding.words import beginnings, folded
from app.hubs.models import Hub
from app.items.labels.models import BlankSticker, StickerSheet
from app.items.models import Category, Item, ItemClaim

MOST_LABELS = 400
"""Printed at once."""


@dataclass(frozen=True)
class LabelLine:
    """An object as far as its label goes; `hub` is empty for one that is kept at home."""

    id: int
    code: str
    title: str
    shelf: str
    hub: str


_COLUMNS = (Item.id, Item.code, Item.title, Item.shelf, func.coalesce(Hub.name, "").label("hub"))
_HERE = Item.status.in_(("active", "draft"))


def _lines() -> Select[int, str, str, str, str]:
    return select(*_COLUMNS).outerjoin(Hub, Hub.id == Item.hub_id).where(_HERE)


def _line(row: Any) -> LabelLine:
    return LabelLine(row.id, row.code, row.title, row.shelf, row.hub)


def of_hub(hub_id: int) -> ColumnElement[bool]:
    """What stands at a hub, whoever owns it."""
    return Item.hub_id == hub_id


def of_resident(resident_id: int) -> ColumnElement[bool]:
    """What one offers oneself."""
    return Item.owner_resident_id == resident_id


def to_print(
    whose: ColumnElement[bool],
    *,
    shelf: str | None = None,
    ids: Collection[int] = (),
    among: Select[int | None] | None = None,
) -> list[LabelLine]:
    """The objects to print labels for: those chosen, those of a shelf, those `among` others (of a table that was
    written), or all, the newest first; never another's. `Conflict` for none, and for more than a printer should get
    at once."""
    query = _lines().where(whose)
    if ids:
        query = query.where(Item.id.in_(ids))
    if shelf is not None:
        query = query.where(Item.shelf == shelf)
    if among is not None:
        query = query.where(Item.id.in_(among))
    found = db.session.execute(query.order_by(Item.id.desc()).limit(MOST_LABELS + 1)).all()
    if not found:
        raise Conflict("labels.nothing_to_print")
    if len(found) > MOST_LABELS:
        raise Conflict("labels.too_many", max=MOST_LABELS)
    return [_line(row) for row in found]


def page(
    whose: ColumnElement[bool], *, shelf: str | None = None, cursor: str | None = None, limit: int = 60
) -> Page[LabelLine]:
    """The objects that can be chosen, the newest first."""
    start = after("labels", cursor, length=1)
    query = _lines().where(whose)
    if shelf is not None:
        query = query.where(Item.shelf == shelf)
    if start:
        query = query.where(Item.id < start[0])
    rows = db.session.execute(query.order_by(Item.id.desc()).limit(limit + 1))
    return page_of("labels", [_line(row) for row in rows], limit=limit, key=lambda line: (line.id,))


def shelves(whose: ColumnElement[bool]) -> list[tuple[str, int]]:
    """Each shelf that has something on it and how many, by name as a person would order it."""
    rows = db.session.execute(select(Item.shelf, func.count()).where(whose, _HERE).group_by(Item.shelf))
    return sorted(((row[0], row[1]) for row in rows), key=lambda one: (one[0] == "", natural(one[0])))


def natural(name: str) -> list[tuple[int, str]]:
    """A2 before A10."""
    return [
        (int(run), "") if run.isdecimal() else (-1, run)
        for run in re.findall(r"[0-9]{1,9}|[^0-9]+", folded(name))
    ]


# -- stickers ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetLine:
    """Stickers that were made at one time, and how many of them still wait."""

    sheet: StickerSheet
    waiting: int


def sheets(hub_id: int, *, limit: int = 20) -> list[SheetLine]:
    """The latest blank stickers of a hub."""
    waiting = (
        select(func.count())
        .where(BlankSticker.sheet_id == StickerSheet.id, BlankSticker.item_id.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(StickerSheet, waiting)
        .where(StickerSheet.hub_id == hub_id)
        .order_by(StickerSheet.id.desc())
        .limit(limit)
    )
    return [SheetLine(row[0], row[1]) for row in rows]


def codes_waiting(sheet_id: int, *, hub_id: int) -> list[str]:
    """The codes of these stickers that no object wears yet; `NotFound` for another hub's."""
    if (
        db.session.scalar(
            select(StickerSheet.id).where(StickerSheet.id == sheet_id, StickerSheet.hub_id == hub_id)
        )
        is None
    ):
        raise NotFound("labels.unknown_sticker")
    query = select(BlankSticker.code).where(BlankSticker.sheet_id == sheet_id, BlankSticker.item_id.is_(None))
    return list(db.session.scalars(query.order_by(BlankSticker.code)))


def blank(code: str, *, counter_at: Collection[int]) -> BlankSticker | None:
    """The sticker of this code while it waits, for those who hold the counter of its hub."""
    found = db.session.scalar(
        select(BlankSticker)
        .where(BlankSticker.code == code)
        .options(joinedload(BlankSticker.sheet).joinedload(StickerSheet.hub))
    )
    waits = found is not None and found.item_id is None and found.sheet.hub_id in counter_at
    return found if waits else None


def known(code: str) -> bool:
    """Whether an object wears this code, or wore it, or a sticker of any hub is printed with it."""
    worn = select(Item.id).where(Item.code == code)
    printed = select(BlankSticker.code).where(
        (BlankSticker.code == code) | (BlankSticker.former_code == code)
    )
    return bool(db.session.scalar(select(worn.exists() | printed.exists())))


def current_code(code: str) -> str:
    """What the object of this label is called now: a label that another sticker has replaced still means it."""
    found = db.session.scalar(
        select(Item.code)
        .join(BlankSticker, BlankSticker.item_id == Item.id)
        .where((BlankSticker.former_code == code) | (BlankSticker.code == code))
    )
    return found or code


def to_stick_on(hub_id: int, words: str, *, limit: int = 12) -> list[LabelLine]:
    """Objects of the hub that these words may mean, the newest first."""
    query = _lines().where(of_hub(hub_id))
    for word in beginnings(words)[:6]:
        query = query.where(Item.search_text.contains(f" {word}"))
    return [_line(row) for row in db.session.execute(query.order_by(Item.id.desc()).limit(limit))]


# -- the list to walk along the shelves with --------------------------------------------------------------


@dataclass(frozen=True)
class StockLine:
    """An object as the list of a shelf shows it. `where`: the kind of the claim that covers today, else empty."""

    code: str
    title: str
    shelf: str
    category_fr: str
    category_en: str
    where: str
    lost: bool


def stock(hub_id: int, *, today: date, shelf: str | None = None, limit: int) -> Sequence[StockLine]:
    """Everything that belongs on the shelves of a hub, shelf by shelf; two statements."""
    query = (
        select(Item.id, Item.code, Item.title, Item.shelf, Category.name_fr, Category.name_en, Item.status)
        .join(Category, Category.id == Item.category_id)
        .where(Item.hub_id == hub_id, Item.status.in_(("active", "draft", "lost")))
    )
    if shelf is not None:
        query = query.where(Item.shelf == shelf)
    rows = db.session.execute(query.order_by(Item.id).limit(limit)).all()
    out = _taken_today(hub_id, today)
    found = [
        StockLine(
            row.code,
            row.title,
            row.shelf,
            row.name_fr,
            row.name_en,
            out.get(row.id, ""),
            row.status == "lost",
        )
        for row in rows
    ]
    return sorted(
        found, key=lambda line: (line.shelf == "", natural(line.shelf), folded(line.title), line.code)
    )


def _taken_today(hub_id: int, today: date) -> dict[int, str]:
    """Why an object may not be in its place today, as its claims tell: a loan or a hold that covers the day, a repair,
    a transfer."""
    rows = db.session.execute(
        select(ItemClaim.item_id, ItemClaim.kind)
        .join(Item, Item.id == ItemClaim.item_id)
        .where(
            Item.hub_id == hub_id,
            ItemClaim.live,
            ItemClaim.first_day <= today,
            ItemClaim.uncertain | (ItemClaim.end_day > today),
        )
    )
    return {row.item_id: row.kind for row in rows}
