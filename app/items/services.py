"""What can be done with objects: post, edit, take back, photos, days for oneself, inductions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from sqlalchemy import select, update

from app.accounts import queries as accounts
from app.accounts.models import Resident
from app.core import audit, codes, outbox
from app.core.db import db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.core.images import Stored
from app.core.text import Checks, checked
from app.events.items import ItemRetired
from app.finding.words import search_text
from app.geo import places
from app.geo import rules as geo
from app.hubs import queries as hubs
from app.hubs.models import Hub, Membership
from app.items import claims, policy, queries
from app.items.models import Category, Induction, Item, ItemClaim, Part, Photo

TITLE = (2, 120)
DESCRIPTION_LONGEST = 4000
MOST_PARTS, PART_LONGEST, PART_MOST = 40, 80, 1000
MOST_NOTICES, NOTICE_LONGEST = 12, 400
INDUCTION_LONGEST, SHELF_LONGEST = 80, 40
MOST_CENTS = 10_000_000
MOST_BUFFER, MOST_DAYS = 60, 365
MOST_PHOTOS = 8
OWN_DAYS_LONGEST, OWN_DAYS_AHEAD = 366, 730
MODES = ("lend", "swap", "give")
CONDITIONS = ("new", "good", "worn", "damaged", "incomplete")


class Fields(TypedDict, total=False):
    """What can be said of an object. `mode` any of lend, swap, give; `owner` "me" or "hub"; `hub` the number or the
    name in addresses of the hub where it is kept, None or "" for at home; `parts` are `{name, count}`; cents, days."""

    title: str | None
    description: str | None
    category: str | None
    mode: Sequence[str]
    owner: str
    hub: str | None
    condition: str
    value_cents: int | None
    deposit_cents: int | None
    parts: Sequence[Mapping[str, Any]]
    notices: Sequence[str]
    induction: str | None
    max_days: int | None
    buffer_days: int | None
    asks_each_time: bool
    shelf: str | None
    picture: str


def post_item(*, actor_id: int, now: datetime, draft: bool = False, **fields: Unpack[Fields]) -> Item:
    """Offer an object: one's own, at home or left at a hub one belongs to; or a hub's own, by its volunteers.
    As a draft, it is kept for those who look after it until they publish it."""
    actor = accounts.resident(actor_id)
    checks = Checks()
    said = _checked({**_WHEN_NEW, **fields}, checks)
    owner, hub = fields.get("owner") or "me", _hub_named(fields.get("hub"), checks)
    if owner not in ("me", "hub"):
        checks.fault("owner", "core.not_a_choice")
    if owner == "hub" and not fields.get("hub"):
        checks.fault("hub", "core.required")
    if owner == "me" and not fields.get("hub") and actor.home_lat is None:
        checks.fault("hub", "items.no_home")
    checks.done()
    _may_keep_at(hub, actor_id, as_hub=owner == "hub")
    if actor.email_confirmed_at is None and actor.verified_in_person_at is None:
        raise Conflict("items.email_unconfirmed")
    item = Item(
        code=str(codes.new(codes.ITEM)),
        owner_resident_id=actor_id if owner == "me" else None,
        owner_hub_id=hub.id if owner == "hub" and hub else None,
        status="draft" if draft else "active",
        created_at=now,
        updated_at=now,
    )
    _write(item, said)
    _place(item, hub, actor)
    db.session.add(item)
    db.session.flush()
    return item


def edit_item(
    *, item_id: int, actor_id: int, now: datetime, version: int | None = None, **fields: Unpack[Fields]
) -> Item:
    """Say something else of an object; what is not given stays. With `version`, the one that was read, nothing is
    changed where somebody else was quicker (`Stale`). Volunteers of the hub where it is kept may say the shelf."""
    checks = Checks()
    if "owner" in fields:
        checks.fault("owner", "items.owner_stays")
    said = _checked(fields, checks)
    hub = _hub_named(fields.get("hub"), checks)
    checks.done()
    item, actor = _item_to_change(item_id, actor_id, shelf_only=set(fields) == {"shelf"})
    _not_stale(item, version)
    if "hub" in fields and (hub.id if hub else None) != item.hub_id:
        _move(item, hub, actor)
    _write(item, said)
    touch(item, now=now)
    return item


def publish(*, item_id: int, actor_id: int, now: datetime) -> None:
    """Offer what was a draft. It is new from now on, in lists and for those who wait for such a thing."""
    item, _ = _item_to_change(item_id, actor_id)
    if item.status != "draft":
        raise Conflict("items.not_a_draft")
    item.status = "active"
    item.created_at = now
    touch(item, now=now)


def retire(*, item_id: int, actor_id: int, version: int | None = None, now: datetime) -> None:
    """Take an object back from what is offered. Not while somebody has it, asked for it, or it is in repair. Who only
    waits for it is told."""
    item, _ = _item_to_change(item_id, actor_id)
    _not_stale(item, version)
    live = [one for one in claims.live_claims(item_id, from_day=date.min) if one.item_id == item_id]
    if any(claim.kind not in ("own", "hold") or claim.kit_claim_id is not None for claim in live):
        raise Conflict("items.days_taken")
    for claim in live:
        claims.end(claim)
    item.status = "retired"
    touch(item, now=now)
    outbox.record(ItemRetired(item.id), now=now)


def _item_to_change(item_id: int, actor_id: int, *, shelf_only: bool = False) -> tuple[Item, Resident]:
    """The object, held until the transaction ends, for somebody who may change it."""
    item = claims.held_one(item_id)
    actor = actor_of(actor_id=actor_id)
    if item is None or not policy.sees(queries.keeping_of(item), item.status, actor):
        raise NotFound("items.unknown")
    why_not = policy.why_not_shelve if shelf_only else policy.why_not_change
    reasons = why_not(queries.keeping_of(item), actor)
    if reasons:
        raise Forbidden(reasons[0])
    return item, accounts.resident(actor_id)


def actor_of(*, actor_id: int) -> policy.Actor:
    """Somebody, with the hubs whose counter she may hold."""
    held = db.session.scalars(
        select(Membership).where(Membership.resident_id == actor_id, Membership.status == "verified")
    )
    return policy.Actor(actor_id, {one.hub_id for one in held if one.holds_counter})


def _not_stale(item: Item, version: int | None) -> None:
    if version is not None and version != item.version:
        raise Stale


def touch(item: Item, *, now: datetime) -> None:
    """It was changed now: whoever read it before has an older version."""
    item.version += 1
    item.updated_at = now
    db.session.flush()


# -- fields -----------------------------------------------------------------------------------------------

_WHEN_NEW: Fields = {"title": None, "category": None, "mode": ("lend",)}


def _checked(fields: Fields, checks: Checks) -> dict[str, Any]:
    """Every given field in the form it is kept in; what is wrong is in `checks`."""
    given: dict[str, Any] = dict(fields)
    return {name: checks(check, given[name]) for name, check in _CHECKS.items() if name in given}


def _title(value: str | None) -> str:
    return checked("title", value, shortest=TITLE[0], longest=TITLE[1])


def _description(value: str | None) -> str:
    return checked("description", value, longest=DESCRIPTION_LONGEST, lines=True)


def _category(slug: str | None) -> int:
    """The number of a shelf that has no shelves below it."""
    if not slug:
        raise Invalid({"category": "core.required"})
    below = select(Category.id).where(Category.parent_id.is_not(None)).with_only_columns(Category.parent_id)
    found = db.session.scalar(
        select(Category.id).where(Category.slug == str(slug)[:100], Category.id.not_in(below))
    )
    if found is None:
        raise Invalid({"category": "core.not_a_choice"})
    return found


def _mode(modes: Collection[str]) -> set[str]:
    if not modes:
        raise Invalid({"mode": "items.some_mode"})
    if not set(modes) <= set(MODES):
        raise Invalid({"mode": "core.not_a_choice"})
    return set(modes)


def _condition(value: str) -> str:
    if value not in CONDITIONS:
        raise Invalid({"condition": "core.not_a_choice"})
    return value


def _whole(field: str, value: int | None, least: int, most: int) -> int | None:
    if value is not None and not least <= value <= most:
        raise Invalid({field: ("core.out_of_range", {"min": least, "max": most})})
    return value


def _cents(field: str, value: int | None) -> int | None:
    if value is not None and not 0 <= value <= MOST_CENTS:
        raise Invalid({field: ("items.money_range", {"max": MOST_CENTS // 100})})
    return value


def _parts(parts: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    if len(parts) > MOST_PARTS:
        raise Invalid({"parts": ("items.too_many_parts", {"max": MOST_PARTS})})
    return [
        (
            checked("parts", part.get("name"), shortest=1, longest=PART_LONGEST),
            _whole("parts", part.get("count", 1), 1, PART_MOST) or 1,
        )
        for part in parts
    ]


def _notices(notices: Sequence[str]) -> list[str]:
    if len(notices) > MOST_NOTICES:
        raise Invalid({"notices": ("items.too_many_notices", {"max": MOST_NOTICES})})
    return [checked("notices", notice, shortest=1, longest=NOTICE_LONGEST) for notice in notices]


_CHECKS: Mapping[str, Any] = {
    "title": _title,
    "description": _description,
    "category": _category,
    "mode": _mode,
    "condition": _condition,
    "value_cents": lambda value: _cents("value_cents", value),
    "deposit_cents": lambda value: _cents("deposit_cents", value),
    "parts": _parts,
    "notices": _notices,
    "induction": lambda value: checked("induction", value, longest=INDUCTION_LONGEST) or None,
    "max_days": lambda value: _whole("max_days", value, 1, MOST_DAYS),
    "buffer_days": lambda value: _whole("buffer_days", value or 0, 0, MOST_BUFFER),
    "asks_each_time": bool,
    "shelf": lambda value: checked("shelf", value, longest=SHELF_LONGEST),
    "picture": str,
}


def _write(item: Item, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name == "mode":
            item.lends, item.swaps, item.gives = (mode in value for mode in MODES)
        elif name == "category":
            item.category_id = value
        elif name == "parts":
            _write_parts(item, value)
        else:
            setattr(item, name, value)
    if "title" in said or "category" in said:
        item.search_text = search_text(item.title, *queries.shelf_names(item.category_id))


def _write_parts(item: Item, said: Sequence[tuple[str, int]]) -> None:
    """What was said goes with it, after the objects that a kit is made of, which stay."""
    objects = [part for part in item.parts if part.object_id is not None]
    known = {part.name for part in objects}
    plain = [Part(name=name, count=count) for name, count in said if name not in known]
    item.parts = [*objects, *plain]
    for at, part in enumerate(item.parts):
        part.position = at


@dataclass(frozen=True)
class Prepared:
    """How many titles of a batch were prepared otherwise, and the last object of it; None where there was none."""

    changed: int
    last: int | None


def prepare_words(*, after_id: int, at_once: int = 500) -> Prepared:
    """Prepare the titles of the next objects in order of ids, as they are prepared when they are written."""
    rows = select(Item.id, Item.title, Item.category_id, Item.search_text).where(Item.id > after_id)
    names: dict[int, list[str]] = {}
    changed, last = 0, None
    for row in db.session.execute(rows.order_by(Item.id).limit(at_once)).all():
        if row.category_id not in names:
            names[row.category_id] = queries.shelf_names(row.category_id)
        prepared = search_text(row.title, *names[row.category_id])
        if prepared != row.search_text:
            # Only while nobody has said another title: who does prepares it too.
            same = (Item.id == row.id, Item.title == row.title, Item.category_id == row.category_id)
            db.session.execute(update(Item).where(*same).values(search_text=prepared))
            changed += 1
        last = row.id
    return Prepared(changed, last)


# -- where it is kept -------------------------------------------------------------------------------------


def _hub_named(name: str | None, checks: Checks) -> Hub | None:
    if not name:
        return None
    try:
        hub = hubs.hub(str(name)[:100])
    except NotFound:
        hub = None
    if hub is None or hub.status != "published":
        checks.fault("hub", "items.hub_unknown")
    return hub


def _may_keep_at(hub: Hub | None, actor_id: int, *, as_hub: bool) -> None:
    """At a hub by its members; as the hub's own by its volunteers."""
    if hub is None:
        return
    held = hubs.membership(actor_id, hub.id)
    if as_hub and not (held and held.holds_counter):
        raise Forbidden("hubs.not_volunteer")
    if held is None or held.status == "suspended":
        raise Forbidden("items.not_member_there")


def _place(item: Item, hub: Hub | None, owner: Resident | None) -> None:
    """Publish where it is: the hub's own point, or no finer than a cell around its owner's home."""
    lat, lon = (hub.lat, hub.lon) if hub else (owner.home_lat, owner.home_lon) if owner else (None, None)
    if lat is None or lon is None:
        raise Invalid({"hub": "items.no_home"})
    near = geo.Place(lat, lon) if hub else geo.cell(lat, lon, geo.PUBLISHED_M)
    far = near if hub else places.coarse(near.lat, near.lon)  # a hub's door is no secret
    item.hub_id = hub.id if hub else None
    item.lat, item.lon, item.precision_m = near.lat, near.lon, near.precision_m
    item.coarse_lat, item.coarse_lon = far.lat, far.lon


def _move(item: Item, hub: Hub | None, actor: Resident) -> None:
    """To another place, while nobody has it or counts on finding it where it is."""
    if item.owner_hub_id is not None:
        raise Invalid({"hub": "items.hub_object_stays"})
    _may_keep_at(hub, actor.id, as_hub=False)
    if any(claim.kind != "own" for claim in claims.live_claims(item.id, from_day=date.min)):
        raise Conflict("items.days_taken")
    item.shelf = ""
    _place(item, hub, actor)


def keep_at(item: Item, hub: Hub, *, now: datetime) -> None:
    """It is kept at this hub from now on; whoever says so holds it, and has asked who may."""
    item.shelf = ""
    _place(item, hub, None)
    touch(item, now=now)


def move_home(*, resident_id: int, now: datetime) -> None:
    """Somebody lives elsewhere now: what is kept at her home is published there."""
    owner = accounts.resident(resident_id)
    kept = select(Item).where(Item.owner_resident_id == resident_id, Item.hub_id.is_(None))
    for item in db.session.scalars(kept.where(Item.status != "retired")):
        if owner.home_lat is not None:
            _place(item, None, owner)
            touch(item, now=now)


# -- photos -----------------------------------------------------------------------------------------------


def add_photo(*, item_id: int, actor_id: int, photo: Stored, now: datetime) -> Photo:
    """Show the object by a photo that is stored already (`app.core.images`); the first one stands in lists."""
    item, _ = _item_to_change(item_id, actor_id)
    if len(item.photos) >= MOST_PHOTOS:
        raise Conflict("items.too_many_photos", max=MOST_PHOTOS)
    added = Photo(
        file=photo.name, width=photo.width, height=photo.height, position=len(item.photos), created_at=now
    )
    item.photos.append(added)
    touch(item, now=now)
    return added


def remove_photo(*, item_id: int, photo_id: int, actor_id: int, now: datetime) -> str:
    """Take a photo away; the answer is its name, so that the caller forgets the files after the commit."""
    item, _ = _item_to_change(item_id, actor_id)
    photo = _photo(item, photo_id)
    item.photos.remove(photo)
    _number(item.photos)
    touch(item, now=now)
    return photo.file


def put_photo_first(*, item_id: int, photo_id: int, actor_id: int, now: datetime) -> None:
    """Let this photo stand in lists; the others keep their order."""
    item, _ = _item_to_change(item_id, actor_id)
    photo = _photo(item, photo_id)
    _number([photo, *(other for other in item.photos if other is not photo)])
    touch(item, now=now)


def _photo(item: Item, photo_id: int) -> Photo:
    found = next((photo for photo in item.photos if photo.id == photo_id), None)
    if found is None:
        raise NotFound("items.photo_unknown")
    return found


def _number(photos: Sequence[Photo]) -> None:
    for position, photo in enumerate(photos):
        photo.position = position


# -- days for oneself -------------------------------------------------------------------------------------


def take_own_days(
    *, item_id: int, actor_id: int, first_day: date, last_day: date, now: datetime
) -> ItemClaim:
    """Keep an object for oneself on these days, both included."""
    item, _ = _item_to_change(item_id, actor_id)
    today = hubs.open_days(item.hub).today(now)
    checks = Checks()
    if first_day < today:
        checks.fault("from", "items.day_passed")
    if last_day < first_day:
        checks.fault("to", "items.days_reversed")
    elif (last_day - first_day).days >= OWN_DAYS_LONGEST or (last_day - today).days > OWN_DAYS_AHEAD:
        checks.fault("to", "items.too_many_days")
    checks.done()
    end_day = last_day + timedelta(days=1)
    if any(claim.first_day < end_day for claim in claims.live_claims(item_id, from_day=first_day)):
        raise Conflict("items.days_taken_then")
    return claims.take(item.id, "own", first_day, end_day)


def give_own_days_back(*, item_id: int, claim_id: int, actor_id: int) -> None:
    """The days that were kept for oneself are everybody's again."""
    _item_to_change(item_id, actor_id)
    claim = db.session.get(ItemClaim, claim_id)
    if claim is None or claim.item_id != item_id or claim.kind != "own" or not claim.live:
        raise NotFound("items.own_days_unknown")
    if claim.kit_claim_id is not None:
        raise Conflict("items.days_with_kit")
    claims.end(claim)


# -- inductions -------------------------------------------------------------------------------------------


def grant_induction(*, item_id: int, resident_id: int, actor_id: int, now: datetime) -> Induction:
    """Somebody was shown how to use it: by a coordinator of the hub where it is kept, or by its owner at home.
    Granted for all objects that ask for the same."""
    item = db.session.get(Item, item_id)
    if item is None or item.induction is None or item.status == "retired":
        raise NotFound("items.unknown")
    _may_grant(item, actor_id)
    learner = accounts.resident(resident_id)
    held = db.session.get(Induction, (learner.id, item.induction))
    if held is None:
        held = Induction(resident_id=learner.id, name=item.induction, granted_at=now, granted_by_id=actor_id)
        db.session.add(held)
        audit.note(
            "items.induction",
            now=now,
            actor_id=actor_id,
            subject_kind="resident",
            subject_id=learner.id,
            hub_id=item.hub_id,
            item_id=item.id,
            induction=item.induction,
        )
    return held


def _may_grant(item: Item, actor_id: int) -> None:
    if item.hub_id is None:
        if item.owner_resident_id != actor_id:
            raise Forbidden("items.only_the_owner")
        return
    held = hubs.membership(actor_id, item.hub_id)
    if held is None or "coordinator" not in held.roles:
        raise Forbidden("hubs.not_coordinator")


# -- before posting ---------------------------------------------------------------------------------------


def faults_in(**fields: Unpack[Fields]) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """What posting would find wrong with these facts by themselves, by field; empty where all is well. Which shelf and
    which hub is known to the database alone: leave them out."""
    checks = Checks()
    _checked(fields, checks)
    return Invalid(checks.faults).errors
