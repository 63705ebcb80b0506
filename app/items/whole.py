"""One object with all that its page shows, in columns: its page reads no more than a list of twenty does."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, cast, literal, null, select, union_all

from app.core.db import plain_rows
from app.core.errors import NotFound
from app.finding import near
from app.hubs.models import Hub
from app.hubs.rules import LendingPolicy
from app.items import policy, queries
from app.items.filters import Wanted
from app.items.models import Item, Part, Photo
from app.items.queries import LARGEST_ID, Line, OpenPlace
from app.items.rules import Taken, Terms

ALIKE_WITHIN_KM = 30.0
ALIKE_STEPS_KM = (3.0, 9.0)
"""A dozen objects of one shelf are seldom nearer than the first, and seldom farther than the last."""
ALIKE_LOOKED_AT = 12
ALIKE = 4
"""Others like it that stand on the page."""


class KeptAt(NamedTuple):
    """The hub where an object is kept."""

    id: int
    slug: str
    name: str
    address: str
    status: str
    policy: LendingPolicy


class Whole(NamedTuple):
    """One object and what lies around it. `item`: its columns, named as those of `Item`; `parts`: rows with a name, a
    number, and in a kit the object that it is (`object_id`); `photos`: rows with name, width and height; `alike`:
    the nearest others on the same shelf, those that are free today first. `claims`: all that are live; `taken`: of
    these what reaches into today or beyond."""

    item: Any
    hub: KeptAt | None
    line: Line
    place: OpenPlace
    claims: Sequence[Taken]
    taken: Sequence[Taken]
    parts: Sequence[Any]
    photos: Sequence[Any]
    alike: Sequence[Line]

    @property
    def today(self) -> date:
        """The civil day where it is kept."""
        return self.place.today

    @property
    def objects(self) -> list[int]:
        """What a kit is made of; none for what is no kit."""
        return [part.object_id for part in self.parts if part.object_id is not None]

    @property
    def terms(self) -> Terms:
        """The terms on which its days may be reserved."""
        return self.place.terms(self.item.buffer_days, self.item.max_days)


_WHOLE = queries.listed(
    Item.code,
    Item.description,
    Item.condition,
    Item.shelf,
    Item.deposit_cents,
    Item.currency,
    Item.notices,
    Item.induction,
    Hub.address.label("hub_address"),
    Hub.status.label("hub_status"),
).where(Item.id == bindparam("item_id"))
_PARTS_AND_PHOTOS = union_all(
    select(
        literal("part").label("what"),
        Part.position,
        Part.id,
        Part.name,
        Part.count.label("number"),
        Part.object_id,
        cast(null(), Photo.width.type).label("width"),
        cast(null(), Photo.height.type).label("height"),
    ).where(Part.item_id == bindparam("item_id")),
    select(
        literal("photo"),
        Photo.position,
        Photo.id,
        cast(Photo.file, String),
        cast(null(), Part.count.type),
        cast(null(), Part.count.type),
        Photo.width,
        Photo.height,
    ).where(Photo.item_id == bindparam("item_id")),
).order_by("position", "id")


def whole(item_id: int, viewer: Any, *, now: datetime) -> Whole:
    """The object; `NotFound` for what this viewer (`app.home.viewer`) may not see."""
    item = _row(item_id, viewer)
    known = viewer.is_authenticated
    alike = _alike(item, signed_in=known, now=now) if item.status == "active" else []
    rows = queries.rows_of(alike) if alike else {}
    hubs = {row.hub_id: row for row in (item, *rows.values()) if row.hub_id is not None}
    days = queries.days_of([item_id, *alike], hubs, now=now)
    places = queries.open_places(hubs, days, now=now)

    def waits(row: Any) -> tuple[bool, int]:
        free = queries.free_now(row, days.taken.get(row.id, ()), places[row.hub_id])
        return not free, alike.index(row.id)

    def line(row: Any) -> Line:
        return queries.line_of(row, days.taken.get(row.id, ()), places[row.hub_id], signed_in=known)

    inside = plain_rows(_PARTS_AND_PHOTOS, {"item_id": item_id})
    place = places[item.hub_id]
    return Whole(
        item=item,
        hub=_kept_at(item, place),
        line=line(item),
        place=place,
        claims=days.live.get(item_id, ()),
        taken=days.taken.get(item_id, ()),
        parts=[row for row in inside if row.what == "part"],
        photos=[row for row in inside if row.what == "photo"],
        alike=[line(row) for row in sorted(rows.values(), key=waits)[:ALIKE]],
    )


def _row(item_id: int, viewer: Any) -> Any:
    found = plain_rows(_WHOLE, {"item_id": item_id}) if 0 < item_id <= LARGEST_ID else []
    item = found[0] if found else None
    if item is None or not policy.sees(queries.keeping_of(item), item.status, queries.actor_of(viewer)):
        raise NotFound("items.unknown" if item is None or item.status != "retired" else "items.gone")
    return item


def _kept_at(item: Any, place: OpenPlace) -> KeptAt | None:
    if item.hub_id is None:
        return None
    return KeptAt(item.hub_id, item.hub_slug, item.hub_name, item.hub_address, item.hub_status, place.policy)


def _alike(item: Any, *, signed_in: bool, now: datetime) -> list[int]:
    """Others on the same shelf of the catalogue around an object, nearest first; one statement."""
    here = (item.lat, item.lon) if signed_in else (item.coarse_lat, item.coarse_lon)
    wanted = Wanted(
        category=item.shelf_slug,
        mode="lend" if item.lends else "",
        near=here,
        radius_km=ALIKE_WITHIN_KM,
        sort="near",
    )
    hits = near.nearest(
        wanted,
        signed_in=signed_in,
        after=None,
        count=ALIKE_LOOKED_AT + 1,
        moment=now,
        steps_km=ALIKE_STEPS_KM,
    )
    return [other for _metres, other, _row in hits if other != item.id][:ALIKE_LOOKED_AT]
