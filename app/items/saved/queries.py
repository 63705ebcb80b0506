"""What can be seen: one's own searches, and the new objects that fit one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import NotFound
from app.finding import boxes, vocabulary
from app.finding.asked import asked
from app.finding.wanted import Words
from app.geo.distance import from_here
from app.geo.rules import box_around
from app.hubs.models import Hub
from app.items import filters
from app.items.filters import OBJECTS, Wanted
from app.items.models import Item
from app.items.saved.models import SavedSearch

MOST_READ = 100
"""New objects that are read for one search of one day; more are not counted."""


def mine(resident_id: int) -> Sequence[SavedSearch]:
    """The searches that this resident keeps, newest first; few enough for one page."""
    kept = select(SavedSearch).where(SavedSearch.resident_id == resident_id, SavedSearch.stopped_at.is_(None))
    return db.session.scalars(kept.order_by(SavedSearch.id.desc())).all()


def own(search_id: int, resident_id: int) -> SavedSearch:
    """This search, if it is hers and not stopped; else `NotFound`."""
    found = db.session.get(SavedSearch, search_id)
    if found is None or found.resident_id != resident_id or found.stopped_at is not None:
        raise NotFound("items.search_unknown")
    return found


def how_many(resident_id: int) -> int:
    """How many searches this resident keeps."""
    kept = select(func.count()).select_from(SavedSearch)
    return (
        db.session.scalar(
            kept.where(SavedSearch.resident_id == resident_id, SavedSearch.stopped_at.is_(None))
        )
        or 0
    )


def hub_names(searches: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The names of the hubs that these searches name, by id and by slug, in one statement or none."""
    named = {asked["hub"] for asked in searches if "hub" in asked}
    if not named:
        return {}
    ids = {int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 10}
    rows = db.session.execute(select(Hub.id, Hub.slug, Hub.name).where(Hub.slug.in_(named) | Hub.id.in_(ids)))
    return {key: row.name for row in rows for key in (str(row.id), row.slug)}


@dataclass(frozen=True)
class NewObject:
    """An object that has come, small; `place` is its hub's name, empty where it is kept at a neighbour's."""

    id: int
    title: str
    place: str


def came(wanted: Wanted, *, since: datetime, until: datetime, besides_owner: int) -> list[NewObject]:
    """What fits this search and was posted after `since`, up to `until`, by somebody else; newest first. The
    conditions are those of the search itself, on the few objects of a day: words are looked up object by object, and
    a word that nobody wrote means the known one that it may be a slip of."""
    words = None
    if wanted.q:
        words = Words(asked(wanted.q, meant=vocabulary.help_with(OBJECTS, wanted.q).meant), "along")
    lat, lon = boxes.point(OBJECTS, signed_in=True)
    query = (
        select(Item.id, Item.title, lat.label("lat"), lon.label("lon"), Hub.name.label("hub_name"))
        .outerjoin(Hub, Hub.id == Item.hub_id)
        .where(
            *filters.conditions(wanted.shape(words)),
            Item.created_at > since,
            Item.owner_resident_id.is_distinct_from(besides_owner),
        )
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(MOST_READ)
    )
    given = wanted.values(moment=until, words=words)
    reach, distance = None, None
    if wanted.near is not None and wanted.radius_km is not None:
        reach, distance = 1000 * wanted.radius_km, from_here(*wanted.near)
        box = box_around(*wanted.near, wanted.radius_km + 0.001)
        query = query.where(boxes.inside((lat, lon), boxes.named("box"), crossing=box.west > box.east))
        given |= {f"box_{edge}": getattr(box, edge) for edge in boxes.EDGES}
    rows = db.session.execute(query, given)
    return [
        NewObject(row.id, row.title, row.hub_name or "")
        for row in rows
        if reach is None or distance is None or distance(row.lat, row.lon) <= reach
    ]
