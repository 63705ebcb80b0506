"""What can be done with searches: keep one, name it, stop it, and tell everybody what has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, locked_one
from app.core.errors import Conflict, Invalid
from app.core.text import checked
from app.items import forms
from app.items.saved import address, queries, rules
from app.items.saved.models import SavedSearch
from app.items.saved.queries import NewObject
from app.notifications import services as notifications
from app.notifications.rules import Telling

MOST_NAMED = 10
"""Objects that one message names."""


@dataclass(frozen=True)
class Kept:
    """A search, and whether it is new here or was kept before."""

    search: SavedSearch
    new: bool


def keep(*, asked: Mapping[str, str], actor_id: int, name: str | None = None, now: datetime) -> Kept:
    """Keep a search (`asked` as `address.normalised` writes it) and be told of what comes from now on. The same
    search twice is one; one that was stopped today goes on as it was."""
    word = checked("name", name, longest=rules.NAME_LONGEST)
    if rules.too_wide(asked):
        raise Invalid({"q": "items.search_too_wide"})
    asked = rules.bounded(asked)
    locked_one(Resident, actor_id)
    same = select(SavedSearch).where(
        SavedSearch.resident_id == actor_id, SavedSearch.compared == address.compared(asked)
    )
    found = db.session.scalar(same)
    if found is not None and found.stopped_at is None:
        found.name = word or found.name
        return Kept(found, new=False)
    if queries.how_many(actor_id) >= rules.MOST:
        raise Conflict("items.too_many_searches", max=rules.MOST)
    if found is None:
        found = SavedSearch(
            resident_id=actor_id, compared=address.compared(asked), created_at=now, seen_until=now
        )
        db.session.add(found)
    elif found.stopped_at is not None and now - found.stopped_at > rules.TAKEN_UP_AGAIN:
        found.created_at = found.seen_until = now
    found.query, found.name, found.stopped_at = address.written(asked), word or found.name or "", None
    found.look_at = _with_the_others(actor_id, now)
    db.session.flush()
    return Kept(found, new=True)


def _with_the_others(resident_id: int, now: datetime) -> datetime:
    """When her other searches are looked at, so that one message a day tells of all; else the next morning."""
    others = select(SavedSearch.look_at).where(
        SavedSearch.resident_id == resident_id,
        SavedSearch.stopped_at.is_(None),
        SavedSearch.look_at.is_not(None),
    )
    return db.session.scalar(others.order_by(SavedSearch.look_at).limit(1)) or rules.next_look(
        now, clock.home_zone()
    )


def rename(*, search_id: int, actor_id: int, name: str | None) -> SavedSearch:
    """Call it something else; without a word it speaks for itself again."""
    found = queries.own(search_id, actor_id)
    found.name = checked("name", name, longest=rules.NAME_LONGEST)
    return found


def stop(*, search_id: int, actor_id: int, now: datetime) -> SavedSearch:
    """Hear no more of it. `keep` takes it up again."""
    found = queries.own(search_id, actor_id)
    found.stopped_at = now
    return found


def forget_stopped(*, now: datetime, limit: int) -> int:
    """Forget searches that were stopped more than a day ago; how many."""
    old = select(SavedSearch.id).where(SavedSearch.stopped_at < now - rules.TAKEN_UP_AGAIN).limit(limit)
    gone = db.session.execute(delete(SavedSearch).where(SavedSearch.id.in_(old)).returning(SavedSearch.id))
    return len(gone.all())


# -- telling ----------------------------------------------------------------------------------------------


def tell_new(*, now: datetime, limit: int) -> int:
    """Look at the searches of the next few residents whose hour has come, and tell each in one message what was
    posted since last time; how many residents were looked at. What was told and when it is looked at again are
    written together: cut off anywhere, nobody is told twice and nothing is left out."""
    people = {resident.id: resident for resident in _whose_hour_has_come(now, limit)}
    tellings = []
    for resident_id, searches in _searches_of(people).items():
        found = _came(searches, people[resident_id], now)
        if found:
            tellings.append(_telling(resident_id, found))
    notifications.tell_many(tellings, now=now)
    return len(people)


def _whose_hour_has_come(now: datetime, limit: int) -> Sequence[Resident]:
    """Held until the transaction ends, so that two schedulers never look for the same person."""
    due = exists().where(
        SavedSearch.resident_id == Resident.id, SavedSearch.stopped_at.is_(None), SavedSearch.look_at <= now
    )
    query = select(Resident).where(due).order_by(Resident.id).limit(limit)
    return db.session.scalars(query.with_for_update(skip_locked=True, key_share=True)).all()


def _searches_of(people: Mapping[int, Any]) -> dict[int, list[SavedSearch]]:
    found: dict[int, list[SavedSearch]] = {}
    query = select(SavedSearch).where(
        SavedSearch.resident_id.in_(people),
        SavedSearch.stopped_at.is_(None),
        SavedSearch.look_at.is_not(None),
    )
    for search in db.session.scalars(query.order_by(SavedSearch.id)) if people else ():
        found.setdefault(search.resident_id, []).append(search)
    return found


def _came(searches: Sequence[SavedSearch], resident: Resident, now: datetime) -> dict[int, NewObject]:
    """What fits any of one resident's searches, each object once; the searches remember that it was told."""
    today = clock.day_at(now, clock.home_zone())
    until = now - rules.SETTLES
    found: dict[int, NewObject] = {}
    for search in searches:
        asked = address.read(search.query)
        search.look_at = rules.next_day(now, clock.home_zone()) if _still_ahead(asked, today) else None
        if search.look_at is None or until <= search.seen_until:
            continue
        fits = _fitting(search, asked, resident, until)
        if fits is None:
            continue
        search.seen_until = until
        if fits:
            search.told_at, search.told_count = now, len(fits)
            found |= {one.id: one for one in fits}
    return found


def _still_ahead(asked: Mapping[str, str], today: date) -> bool:
    """Whether the days that were asked for, if any were, have not passed."""
    due = forms.day(asked.get("to"))
    return due is None or due >= today


def _fitting(
    search: SavedSearch, asked: Mapping[str, str], resident: Resident, until: datetime
) -> list[NewObject] | None:
    """None where the search cannot be run now: it is around a home that was forgotten."""
    home = None
    if resident.home_lat is not None and resident.home_lon is not None:
        home = (resident.home_lat, resident.home_lon)
    try:
        wanted = forms.wanted(asked, home=home, known=True)
    except Invalid:
        return None
    return queries.came(wanted, since=search.seen_until, until=until, besides_owner=resident.id)


def _telling(resident_id: int, found: Mapping[int, NewObject]) -> Telling:
    """One message that names all; the newest object makes it one of its kind."""
    objects = sorted(found.values(), key=lambda one: -one.id)
    only = objects[0] if len(objects) == 1 else None
    return Telling(
        resident_id=resident_id,
        kind="items.came" if only else "items.came_several",
        params={
            "title": objects[0].title,
            "others": len(objects) - 1,
            "count": len(objects),
            "objects": [
                {"title": one.title, "place": one.place, "path": f"/items/{one.id}"}
                for one in objects[:MOST_NAMED]
            ],
        },
        path=f"/items/{only.id}" if only else "/searches",
        key=f"items.came:{resident_id}:{objects[0].id}",
    )
