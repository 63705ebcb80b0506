"""Taking an object's days: the only functions that write `ItemClaim`, and the reads that go with them.

Whoever takes or moves days holds the object's row first (`held`), so that two who want the same days wait for one
another; the database refuses an overlap all the same. Each function writes at once, in the order it is called: a claim
that is ended makes room for the next one.

A kit takes its objects along: its claim is followed by one for each of them (`kit_claim_id`), and what is said here of
the kit's claim is done to them too, all or nothing. Read the other way round, a kit's days are also those on which
somebody has one of its objects alone.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from app.core.db import db, locked
from app.items.models import Item, ItemClaim, Part

_kit_claim = aliased(ItemClaim)

ALONE = ("repair",)
"""What a kit is taken for without its objects: each of them can still be lent by itself."""


# -- holding ----------------------------------------------------------------------------------------------


def held(*item_ids: int) -> list[Item]:
    """These objects and those that kits among them are made of, fresh, in order of ids, nobody else's until the
    transaction ends. Kits are held before anything else, so that two who hold some of the same never wait for each
    other in a ring."""
    kits = {row.item_id for row in _made_of(item_ids)}
    found = locked(Item, *kits) if kits else []
    objects = {row.object_id for row in _made_of(kits)}  # again: now nobody changes what they are made of
    return sorted([*found, *locked(Item, *({*item_ids} | objects) - kits)], key=lambda item: item.id)


def held_one(item_id: int) -> Item | None:
    """One object, as `held`; None where there is none."""
    return next((item for item in held(item_id) if item.id == item_id), None)


def _made_of(item_ids: Collection[int]) -> Sequence[Any]:
    of = select(Part.item_id, Part.object_id).where(Part.item_id.in_(item_ids), Part.object_id.is_not(None))
    return db.session.execute(of).all() if item_ids else []


def objects_of(item_id: int) -> list[int]:
    """The objects that this kit is made of, in order of ids; none for what is no kit."""
    return sorted(row.object_id for row in _made_of([item_id]))


# -- writing ----------------------------------------------------------------------------------------------


def take(item_id: int, kind: str, first_day: date, end_day: date, uncertain: bool = False) -> ItemClaim:
    """Take the days from `first_day` up to `end_day` (not included), of a kit with all its objects. An overlap ends the
    transaction with `Conflict("lending.already_reserved")`: look at `live_claims` first to say more than that."""
    claim = ItemClaim(item_id=item_id, kind=kind, first_day=first_day, end_day=end_day, uncertain=uncertain)
    db.session.add(claim)
    db.session.flush()
    for object_id in objects_of(item_id) if kind not in ALONE else ():
        follower = ItemClaim(
            item_id=object_id,
            kind=kind,
            first_day=first_day,
            end_day=end_day,
            uncertain=uncertain,
            kit_claim_id=claim.id,
        )
        db.session.add(follower)
        db.session.flush()
    return claim


def change(
    claim: ItemClaim,
    *,
    first_day: date | None = None,
    end_day: date | None = None,
    uncertain: bool | None = None,
) -> None:
    """Move what is given, leave the rest; a claim that was ended lives again."""
    for one in (claim, *_followers(claim)):
        one.first_day = first_day or one.first_day
        one.end_day = end_day or one.end_day
        one.uncertain = one.uncertain if uncertain is None else uncertain
        one.live = True
        db.session.flush()


def end(claim: ItemClaim) -> None:
    """Give the days back; the row stays, as what was taken once."""
    end_all([claim, *_followers(claim)])


def end_all(ending: Collection[ItemClaim]) -> None:
    """Give the days of exactly these back."""
    for one in ending:
        one.live = False
        one.uncertain = False
    db.session.flush()


def push(claim: ItemClaim, today: date) -> bool:
    """Nobody knows its end: it takes today too, each object of a kit up to its own next claim. Whether anything
    changed."""
    pushed = [_push(one, today) for one in (claim, *_followers(claim))]
    return any(pushed)


def _push(claim: ItemClaim, today: date) -> bool:
    following = _next(ItemClaim.item_id == claim.item_id, claim.first_day, besides=claim.id)
    end = max(claim.end_day, today + timedelta(days=1))
    if following is not None:
        end = max(claim.end_day, min(end, following.first_day))
    if end == claim.end_day and claim.uncertain:
        return False
    claim.end_day, claim.uncertain, claim.live = end, True, True
    db.session.flush()
    return True


def _followers(claim: ItemClaim) -> Sequence[ItemClaim]:
    if claim.kit_claim_id is not None:
        return []
    query = select(ItemClaim).where(ItemClaim.kit_claim_id == claim.id).order_by(ItemClaim.item_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


# -- reading ----------------------------------------------------------------------------------------------


def live_claims(item_id: int, *, from_day: date) -> list[ItemClaim]:
    """The claims that still take days from `from_day` on, in order."""
    query = (
        select(ItemClaim)
        .where(in_the_way_of(item_id), ItemClaim.live, ItemClaim.end_day > from_day)
        .order_by(ItemClaim.first_day)
    )
    return list(db.session.scalars(query))


def live_claims_of(item_ids: Collection[int], *, from_day: date) -> dict[int, list[ItemClaim]]:
    """`live_claims` of several objects in two statements; an object without any has an empty list."""
    found: dict[int, list[ItemClaim]] = {item_id: [] for item_id in item_ids}
    kits: dict[int, list[int]] = defaultdict(list)
    for row in _made_of(found):
        kits[row.object_id].append(row.item_id)
    query = (
        select(ItemClaim, _kit_claim.item_id.label("kit_id"))
        .outerjoin(_kit_claim, _kit_claim.id == ItemClaim.kit_claim_id)
        .where(ItemClaim.item_id.in_({*found, *kits}), ItemClaim.live, ItemClaim.end_day > from_day)
        .order_by(ItemClaim.first_day)
    )
    for claim, kit_id in db.session.execute(query) if found else ():
        for item_id in (claim.item_id, *(kit for kit in kits[claim.item_id] if kit != kit_id)):
            if item_id in found:
                found[item_id].append(claim)
    return found


def next_claim(item_id: int, *, after_day: date, besides: int | None = None) -> ItemClaim | None:
    """The first live claim that begins after `after_day`; `besides`: the id of one that does not count."""
    return _next(in_the_way_of(item_id), after_day, besides=besides)


def _next(of: ColumnElement[bool], after_day: date, *, besides: int | None) -> ItemClaim | None:
    query = (
        select(ItemClaim)
        .where(of, ItemClaim.live, ItemClaim.first_day > after_day)
        .order_by(ItemClaim.first_day)
        .limit(2)
    )
    return next((claim for claim in db.session.scalars(query) if claim.id != besides), None)


def in_the_way_of(item_id: int) -> ColumnElement[bool]:
    """Of the claims of an object, and of a kit also those of its objects; not those that only follow its own."""
    own = select(Item.id.label("id")).where(Item.id == item_id)
    objects = select(Part.object_id).where(Part.item_id == item_id, Part.object_id.is_not(None))
    follows = exists().where(_kit_claim.id == ItemClaim.kit_claim_id, _kit_claim.item_id == item_id)
    return and_(
        ItemClaim.item_id.in_(union_all(own, objects)), or_(ItemClaim.kit_claim_id.is_(None), ~follows)
    )
