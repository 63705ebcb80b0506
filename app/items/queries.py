"""What can be seen of objects: lines of lists, one object whole, one's own."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import compress, product
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    Time,
    and_,
    bindparam,
    cast,
    false,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Resident
from app.core import clock, paging
from app.core.db import db, one_of, plain_rows
from app.core.errors import Forbidden, NotFound
from app.geo.distance import from_here
from app.geo.rules import COARSE_M
from app.hubs.models import Closure, Hub, OpeningHours
from app.hubs.rules import ClosedDays, LendingPolicy, OpenDays, Opening
from app.items import policy, rules
from app.items.models import Category, Item, ItemClaim, Part, Photo
from app.items.rules import IsOpen, Taken, Terms

LARGEST_ID = 2**31 - 1


class Reference(NamedTuple):
    """Somebody or some place, small; `slug` of hubs and categories only."""

    id: int
    name: str
    slug: str = ""


class Shelf(NamedTuple):
    """The category of an object; named by its reader's language."""

    slug: str
    name_fr: str
    name_en: str

    def name(self, locale: str) -> str:
        """ "Perceuses et visseuses" · "Drills and drivers"."""
        return self.name_en if locale == "en" else self.name_fr


class Line(NamedTuple):
    """An object as lists show it: a plain tuple, because a page makes twenty. `metres`: from the place that was
    searched. `free_now`: nothing stands against today, whatever the opening hours; `next_free`: the first day that is
    reservable as given.
    `photo` is its name, `photo_size` width and height of the largest size; `drawing` is what stands in for it."""

    id: int
    title: str
    status: str
    shelf: Shelf
    modes: tuple[str, ...]
    drawing: str
    photo: str | None
    photo_size: tuple[int, int]
    hub: Reference | None
    owner: Reference
    owner_is_hub: bool
    asks: bool
    lat: float
    lon: float
    precision_m: int
    metres: int | None
    today: date
    free_now: bool
    next_free: date | None


_OwnerHub = aliased(Hub)
_COLUMNS = (
    Item.id,
    Item.title,
    Item.status,
    Item.lends,
    Item.swaps,
    Item.gives,
    Item.asks_each_time,
    Item.owner_resident_id,
    Item.owner_hub_id,
    Item.hub_id,
    Item.picture,
    Item.buffer_days,
    Item.max_days,
    Item.lat,
    Item.lon,
    Item.precision_m,
    Item.coarse_lat,
    Item.coarse_lon,
    Category.slug.label("shelf_slug"),
    Category.name_fr,
    Category.name_en,
    Category.drawing,
    Photo.file,
    Photo.width,
    Photo.height,
    Resident.name.label("owner_name"),
    _OwnerHub.name.label("owner_hub_name"),
    Hub.name.label("hub_name"),
    Hub.slug.label("hub_slug"),
    Hub.policy_changes.label("policy_changes"),
    Hub.timezone,
    Hub.country,
    Hub.subdivision,
    Hub.closed_on_holidays,
)
_kit_claim = aliased(ItemClaim)


def listed(*more: Any) -> Select[Any]:
    """Objects with the columns that `line_of` reads, and `more` of the same tables."""
    return (
        select(*_COLUMNS, *more)
        .join(Category, Category.id == Item.category_id)
        .outerjoin(Hub, Hub.id == Item.hub_id)
        .outerjoin(_OwnerHub, _OwnerHub.id == Item.owner_hub_id)
        .outerjoin(Resident, Resident.id == Item.owner_resident_id)
        .outerjoin(Photo, and_(Photo.item_id == Item.id, Photo.position == 0))
    )


_LINES = listed().where(one_of(Item.id, "item_ids"))


def lines(
    item_ids: Collection[int],
    *,
    signed_in: bool,
    now: datetime,
    metres: Mapping[int, int | None] | None = None,
) -> list[Line]:
    """These objects in the order given, in two statements."""
    if not item_ids:
        return []
    rows = rows_of(item_ids)
    hubs_here = {row.hub_id: row for row in rows.values() if row.hub_id is not None}
    days = days_of(item_ids, hubs_here, now=now)
    places = open_places(hubs_here, days, now=now)
    away = metres or {}
    return [
        line_of(
            row,
            days.taken.get(item_id, ()),
            places[row.hub_id],
            metres=away.get(item_id),
            signed_in=signed_in,
        )
        for item_id in item_ids
        if (row := rows.get(item_id)) is not None
    ]


def rows_of(item_ids: Collection[int]) -> dict[int, Any]:
    """What `line_of` reads of these objects, by number; those that are gone are left out."""
    return {row.id: row for row in plain_rows(_LINES, {"item_ids": list(item_ids)})}


def line_of(
    row: Any, taken: Sequence[Taken], place: "OpenPlace", *, metres: int | None = None, signed_in: bool
) -> Line:
    """The object of this row as lists show it."""
    active = row.status == "active"
    lent = active and row.lends
    # Who is not logged in may know of a home no more than a wide cell around it.
    exact = signed_in or row.hub_id is not None
    return Line(
        id=row.id,
        title=row.title,
        status=row.status,
        shelf=Shelf(row.shelf_slug, row.name_fr, row.name_en),
        modes=_MODES[bool(row.lends), bool(row.swaps), bool(row.gives)],
        drawing=row.picture or row.drawing,
        photo=row.file,
        photo_size=(row.width or 0, row.height or 0),
        hub=Reference(row.hub_id, row.hub_name, row.hub_slug) if row.hub_id else None,
        owner=Reference(
            row.owner_resident_id or row.owner_hub_id, row.owner_name or row.owner_hub_name or ""
        ),
        owner_is_hub=row.owner_hub_id is not None,
        asks=row.owner_resident_id is not None and (row.hub_id is None or row.asks_each_time),
        lat=row.lat if exact else row.coarse_lat,
        lon=row.lon if exact else row.coarse_lon,
        precision_m=row.precision_m if exact else COARSE_M,
        metres=metres,
        today=place.today,
        free_now=free_now(row, taken, place),
        next_free=place.next_free(taken, row.buffer_days, row.max_days) if lent else None,
    )


def free_now(row: Any, taken: Sequence[Taken], place: "OpenPlace") -> bool:
    """Whether nothing stands against today, whatever the opening hours."""
    return row.status == "active" and rules.free_today(taken, today=place.today)


_MODES = {
    offered: tuple(compress(("lend", "swap", "give"), offered))
    for offered in product((False, True), repeat=3)
}


# -- days -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenPlace:
    """Where an object is kept, as far as its days go: `is_open` remembers, and closes today once the door is shut;
    `whole` is the first day of an object that nothing is taken of, by its terms."""

    days: OpenDays
    policy: LendingPolicy
    today: date
    is_open: IsOpen
    terms: Callable[[int, int | None], Terms]
    whole: Callable[[Terms], date | None]

    def next_free(self, taken: Sequence[Taken], buffer_days: int, max_days: int | None) -> date | None:
        """The first day that is reservable as given; most objects of a place are free on the same one."""
        terms = self.terms(buffer_days, max_days)
        if not taken:
            return self.whole(terms)
        return rules.next_free(taken, is_open=self.is_open, today=self.today, terms=terms)


def open_place(days: OpenDays, lending_policy: LendingPolicy, *, now: datetime) -> OpenPlace:
    """The place with these open days at `now`."""
    today = days.today(now)
    over = days.closes_at(today) <= now

    @cache
    def is_open(day: date) -> bool:
        return not (over and day == today) and days.is_open(day)

    @cache
    def terms(buffer_days: int, max_days: int | None) -> Terms:
        return Terms.of(lending_policy, buffer_days=buffer_days, max_days=max_days)

    @cache
    def whole(terms: Terms) -> date | None:
        return rules.next_free((), is_open=is_open, today=today, terms=terms)

    return OpenPlace(days, lending_policy, today, is_open, terms, whole)


class DaysOf(NamedTuple):
    """What decides on the days of some objects, by object: all their live claims in order (`live`), and those that
    reach into today or beyond or have no certain end (`taken`); by hub: the week and the closures to come of some."""

    live: dict[int, list[Taken]]
    taken: dict[int, list[Taken]]
    week: dict[int, list[Opening]]
    closures: dict[int, list[ClosedDays]]


def _claims(item_id: Any) -> Select[Any]:
    return select(
        item_id,
        cast(null(), Integer).label("hub_id"),
        ItemClaim.first_day,
        ItemClaim.end_day,
        ItemClaim.kind,
        ItemClaim.uncertain,
        ItemClaim.id,
        cast(null(), OpeningHours.weekday.type).label("weekday"),
        cast(null(), Time).label("opens"),
        cast(null(), Time).label("closes"),
    ).where(one_of(item_id, "item_ids"), ItemClaim.live)


_DAYS: CompoundSelect[Any] = union_all(
    _claims(ItemClaim.item_id),
    # Of a kit also the days on which somebody has one of its objects without the others.
    _claims(Part.item_id)
    .join(Part, Part.object_id == ItemClaim.item_id)
    .outerjoin(_kit_claim, _kit_claim.id == ItemClaim.kit_claim_id)
    .where(Part.object_id.is_not(None), _kit_claim.item_id.is_distinct_from(Part.item_id)),
    select(
        cast(null(), Integer),
        OpeningHours.hub_id,
        *(cast(null(), kind) for kind in (Date, Date, String, Boolean, Integer)),
        OpeningHours.weekday,
        OpeningHours.opens,
        OpeningHours.closes,
    ).where(one_of(OpeningHours.hub_id, "hub_ids")),
    select(
        cast(null(), Integer),
        Closure.hub_id,
        Closure.first_day,
        Closure.last_day,
        Closure.why,
        *(cast(null(), kind) for kind in (Boolean, Integer, OpeningHours.weekday.type, Time, Time)),
    ).where(
        one_of(Closure.hub_id, "hub_ids"),
        Closure.last_day >= bindparam("from_day", type_=Date()),
    ),
)


def days_of(item_ids: Iterable[int], hub_ids: Iterable[int], *, now: datetime) -> DaysOf:
    """The claims of these objects, the hours of these hubs and their closures that are not over; one statement for all
    three."""
    yesterday = now.date() - timedelta(days=1)
    found = DaysOf({}, {}, {}, {})
    given = {"item_ids": list(item_ids), "hub_ids": list(hub_ids), "from_day": yesterday}
    if not given["item_ids"] and not given["hub_ids"]:
        return found
    for row in map(tuple, plain_rows(_DAYS, given)):
        item_id, hub_id, first, last, kind, uncertain, claim_id, weekday, opens, closes = row
        if weekday is not None:
            found.week.setdefault(hub_id, []).append(Opening(weekday, opens, closes))
        elif hub_id is not None:
            found.closures.setdefault(hub_id, []).append(ClosedDays(first, last, kind))
        else:
            claim = Taken(first, last, bool(uncertain), kind, claim_id)
            found.live.setdefault(item_id, []).append(claim)
    for item_id, claims in found.live.items():
        claims.sort(key=lambda one: one.first_day)
        found.taken[item_id] = [one for one in claims if one.end_day > yesterday or one.uncertain]
    return found


def taken_days(item_ids: Iterable[int], *, now: datetime) -> dict[int, list[Taken]]:
    """The live claims of these objects that are not over, in order; one statement."""
    return days_of(item_ids, (), now=now).taken


def open_places(hubs_here: Mapping[int, Any], days: DaysOf, *, now: datetime) -> dict[int | None, OpenPlace]:
    """The place of each hub on a page, and of no hub (None)."""
    anywhere = open_place(OpenDays(timezone=clock.home_zone()), LendingPolicy(), now=now)
    places: dict[int | None, OpenPlace] = {None: anywhere}
    for hub_id, row in hubs_here.items():
        open_days = OpenDays(
            timezone=row.timezone,
            week=tuple(days.week.get(hub_id, ())),
            closures=tuple(days.closures.get(hub_id, ())),
            country=row.country if row.closed_on_holidays else None,
            subdivision=row.subdivision,
        )
        places[hub_id] = open_place(open_days, LendingPolicy.with_changes(row.policy_changes), now=now)
    return places


def line(item: Item, *, signed_in: bool, now: datetime) -> Line:
    """One object as a list would show it."""
    return lines([item.id], signed_in=signed_in, now=now)[0]


# -- one object whole -------------------------------------------------------------------------------------


def visible(item_id: int, viewer: Any) -> Item:
    """The object with all that its page shows; `NotFound` for what this viewer (`app.home.viewer`) may not see."""
    if not 0 < item_id <= LARGEST_ID:
        raise NotFound("items.unknown")
    whole = select(Item).options(
        joinedload(Item.category),
        joinedload(Item.owner_resident),
        joinedload(Item.owner_hub),
        joinedload(Item.hub),
        selectinload(Item.parts),
        selectinload(Item.photos),
    )
    item = db.session.scalar(whole.where(Item.id == item_id))
    if item is None or not policy.sees(keeping_of(item), item.status, actor_of(viewer)):
        raise NotFound("items.unknown" if item is None or item.status != "retired" else "items.gone")
    return item


def withdrawn(item_id: int) -> Item | None:
    """An object that was offered once and is no more, whoever asks: who may hear of it is for the caller to say."""
    item = db.session.get(Item, item_id) if 0 < item_id <= LARGEST_ID else None
    return item if item is not None and item.status in ("retired", "lost") else None


def owned(item_id: int, viewer: Any) -> Item:
    """The object for somebody who looks after it; `Forbidden` for others."""
    item = visible(item_id, viewer)
    reasons = policy.why_not_change(keeping_of(item), actor_of(viewer))
    if reasons:
        raise Forbidden(reasons[0])
    return item


def keeping_of(item: Any) -> policy.Keeping:
    """Whose it is (an `Item`, or a row with its columns) and where it is kept, as the policy asks."""
    return policy.Keeping(item.owner_resident_id, item.owner_hub_id, item.hub_id)


def actor_of(viewer: Any) -> policy.Actor:
    """The viewer with the hubs whose counter she may hold."""
    return policy.Actor(viewer.id, {hub.id for hub in viewer.counter_hubs})


def photo_in_use(name: str) -> bool:
    """Whether any object is shown by this photo."""
    return db.session.scalar(select(Photo.id).where(Photo.file == name).limit(1)) is not None


def photos_in_use(names: Collection[str]) -> set[str]:
    """Those of these photos that some object is shown by."""
    return set(db.session.scalars(select(Photo.file).where(Photo.file.in_(names))))


# -- for forms and one's own pages ------------------------------------------------------------------------


def shelves() -> list[tuple[Category, list[Category]]]:
    """The catalogue: each top shelf with those below it, in order."""
    found = list(db.session.scalars(select(Category).order_by(Category.position, Category.id)))
    return [
        (top, [one for one in found if one.parent_id == top.id]) for top in found if top.parent_id is None
    ]


def shelf_names(category_id: int) -> list[str]:
    """Both names of a shelf, and of those it stands on."""
    names: list[str] = []
    shelf = db.session.get(Category, category_id)
    while shelf is not None and len(names) < 8:
        names += [shelf.name_fr, shelf.name_en]
        shelf = db.session.get(Category, shelf.parent_id) if shelf.parent_id else None
    return names


def metres_between(here: tuple[float, float], there: tuple[float, float]) -> int:
    """How far it is."""
    return from_here(*here)(*there)


def mine(
    viewer: Any, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT, now: datetime
) -> tuple[list[Line], paging.Page[Line]]:
    """What this viewer (`app.home.viewer`) began to post and can finish, the hubs' own by their volunteers (the latest
    ones, on the first page); and a page of what she offers. Newest first."""
    after = paging.after("items:mine", cursor, length=1)
    hers = Item.owner_resident_id == viewer.id
    offered = select(Item.id, Item.status).where(hers, Item.status.in_(("active", "lost")))
    if after:
        offered = offered.where(Item.id < after[0])
    begun = select(Item.id, Item.status).where(
        or_(hers, Item.owner_hub_id.in_([hub.id for hub in viewer.counter_hubs])),
        Item.status == "draft",
        false() if after else true(),
    )
    parts = [part.order_by(Item.id.desc()).limit(limit + 1).subquery() for part in (offered, begun)]
    rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
    drafts, ids = (
        sorted((row.id for row in rows if (row.status == "draft") is is_draft), reverse=True)
        for is_draft in (True, False)
    )
    page = paging.page_of("items:mine", ids, limit=limit, key=lambda item_id: (item_id,))
    found = {line.id: line for line in lines([*drafts, *page.lines], signed_in=True, now=now)}
    return (
        [found[item_id] for item_id in drafts],
        paging.Page([found[item_id] for item_id in page.lines], page.next),
    )
