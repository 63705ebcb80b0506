"""Finding objects: near a place, by the beginnings of words, on given days, page by page.

Everybody sees published places only: the hub's point or the centre of a 1 km cell, and for those who are not logged
in the centre of the commune. Filter, order and distance all use the same point, so that nothing can be worked out.

A page costs four statements whatever its size: which objects, their columns, their claims, the hours of their hubs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_

from app.core import paging
from app.core.db import UtcDateTime, db
from app.geo.distance import from_here
from app.geo.rules import box_around
from app.items import filters, near, queries
from app.items.filters import Shape, Wanted
from app.items.models import Item
from app.items.queries import Line
from app.items.words import folded

__all__ = ["SORTS", "Wanted", "page"]

MOST_RELEVANT = 400
"""How many candidates are put in order of relevance; what comes after them is not walked."""

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Found:
    """An object of a page before its columns are read: its place in the order, and how far it is (metres)."""

    key: Key
    id: int
    metres: int | None = None


def page(
    wanted: Wanted,
    *,
    signed_in: bool,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
    now: datetime,
) -> paging.Page[Line]:
    """One page of what is wanted, as neighbours who are logged in or others may see it. The cursor carries the
    moment of the first page: what is posted later does not push anything onto a second page again."""
    kind = f"items:{wanted.sort}"
    after = paging.after(kind, cursor, length=2)
    moment, last_key = (datetime.fromisoformat(after[0]), tuple(after[1])) if after else (now, None)
    found = _ORDERS[wanted.sort](wanted, signed_in, last_key, limit + 1, moment)
    shown = found[:limit]
    lines = queries.lines(
        [one.id for one in shown], signed_in=signed_in, now=now, metres={one.id: one.metres for one in shown}
    )
    if len(found) <= limit:
        return paging.Page(lines)
    return paging.Page(lines, paging.cursor(kind, moment.isoformat(), list(shown[-1].key)))


# -- the three orders -------------------------------------------------------------------------------------


def _nearest_first(
    wanted: Wanted, signed_in: bool, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Nearest first, then in order of ids."""
    seen = (after[0], after[1]) if after else None
    hits = near.nearest(wanted, signed_in=signed_in, after=seen, count=count, moment=moment)
    return [Found((metres, item_id), item_id, metres) for metres, item_id, _ in hits]


def _newest_first(
    wanted: Wanted, signed_in: bool, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Newest first. Inside a circle: the box is read in portions until enough of it lies in the circle."""
    distance = from_here(*wanted.near) if wanted.near else None
    given = filters.values(wanted, moment=moment)
    reach = None
    if wanted.near and wanted.radius_km is not None:
        reach = 1000 * wanted.radius_km
        box = box_around(*wanted.near, wanted.radius_km + 0.001)
        given |= {f"box_{edge}": getattr(box, edge) for edge in near.EDGES}
    given["portion"] = count if reach is None else 2 * count
    found: list[Found] = []
    while True:
        query = _newest(filters.shape_of(wanted), signed_in, reach is not None, after is not None)
        if after:
            given |= {"then": datetime.fromisoformat(after[0]), "last": after[1]}
        rows = db.session.execute(query, given).all()
        for row in rows:
            metres = distance(row.lat, row.lon) if distance else None
            after = (row.created_at.isoformat(), row.id)
            if reach is None or metres is None or metres <= reach:
                found.append(Found(after, row.id, metres))
        if len(found) >= count or len(rows) < given["portion"]:
            return found[:count]


@lru_cache(maxsize=512)
def _newest(shape: Shape, signed_in: bool, in_box: bool, later: bool) -> Select[Any]:
    lat, lon = near.point(signed_in=signed_in)
    columns: list[Any] = [Item.id, Item.created_at, lat.label("lat"), lon.label("lon")]
    query = select(*columns).where(*filters.conditions(shape))
    if in_box:
        query = query.where(near.inside((lat, lon), near.named("box"), crossing=True))
    if later:
        last = tuple_(bindparam("then", type_=UtcDateTime()), bindparam("last"))
        query = query.where(tuple_(Item.created_at, Item.id) < last)
    return query.order_by(Item.created_at.desc(), Item.id.desc()).limit(bindparam("portion"))


def _most_relevant_first(
    wanted: Wanted, signed_in: bool, after: Key | None, count: int, moment: datetime
) -> list[Found]:
    """Titles that begin with what was typed first; among them the nearest, or without a place the newest."""
    begins = folded(wanted.q)
    if wanted.near is not None:
        hits = near.nearest(
            wanted, signed_in=signed_in, after=None, count=MOST_RELEVANT, moment=moment, begins=begins
        )
        found = [
            Found((0 if row.starts else 1, metres, item_id), item_id, metres) for metres, item_id, row in hits
        ]
    else:
        given = filters.values(wanted, moment=moment) | {"begins": f" {begins}%", "most": MOST_RELEVANT}
        found = [
            Found((0 if row.starts else 1, -row.created_at.timestamp(), -row.id), row.id)
            for row in db.session.execute(_relevant(filters.shape_of(wanted)), given)
        ]
    found.sort(key=lambda one: one.key)
    return [one for one in found if after is None or one.key > after][:count]


@lru_cache(maxsize=512)
def _relevant(shape: Shape) -> Select[Any]:
    starts = Item.search_text.like(bindparam("begins")).label("starts")
    columns: list[Any] = [Item.id, Item.created_at, starts]
    query = select(*columns).where(*filters.conditions(shape))
    return query.order_by(starts.desc(), Item.created_at.desc(), Item.id.desc()).limit(bindparam("most"))


_ORDERS: Mapping[str, Callable[[Wanted, bool, Key | None, int, datetime], list[Found]]] = {
    "near": _nearest_first,
    "new": _newest_first,
    "relevance": _most_relevant_first,
}
SORTS = tuple(_ORDERS)
