"""Taking an object's days: the only functions that write `ItemClaim`, and the reads that go with them.

Whoever takes or moves days holds the object's row first (`app.core.db.locked_one(Item, item_id)`), so that two
who want the same days wait for one another; the database refuses an overlap all the same. Each function writes at
once, in the order it is called: a claim that is ended makes room for the next one.
"""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select

from app.core.db import db
from app.items.models import ItemClaim


def take(item_id: int, kind: str, first_day: date, end_day: date, uncertain: bool = False) -> ItemClaim:
    """Take the days from `first_day` up to `end_day` (not included). An overlap ends the transaction with
    `Conflict("lending.already_reserved")`: look at `live_claims` first to say more than that."""
    claim = ItemClaim(item_id=item_id, kind=kind, first_day=first_day, end_day=end_day, uncertain=uncertain)
    db.session.add(claim)
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
    claim.first_day = first_day or claim.first_day
    claim.end_day = end_day or claim.end_day
    claim.uncertain = claim.uncertain if uncertain is None else uncertain
    claim.live = True
    db.session.flush()


def end(claim: ItemClaim) -> None:
    """Give the days back; the row stays, as what was taken once."""
    claim.live = False
    claim.uncertain = False
    db.session.flush()


def push(claim: ItemClaim, today: date) -> bool:
    """Nobody knows its end: it takes today too, up to the next claim. Whether anything changed."""
    following = next_claim(claim.item_id, after_day=claim.first_day, besides=claim.id)
    end = max(claim.end_day, today + timedelta(days=1))
    if following is not None:
        end = max(claim.end_day, min(end, following.first_day))
    if end == claim.end_day and claim.uncertain:
        return False
    change(claim, end_day=end, uncertain=True)
    return True


def live_claims(item_id: int, *, from_day: date) -> list[ItemClaim]:
    """The claims that still take days from `from_day` on, in order."""
    query = (
        select(ItemClaim)
        .where(ItemClaim.item_id == item_id, ItemClaim.live, ItemClaim.end_day > from_day)
        .order_by(ItemClaim.first_day)
    )
    return list(db.session.scalars(query))


def live_claims_of(item_ids: Collection[int], *, from_day: date) -> dict[int, list[ItemClaim]]:
    """`live_claims` of several objects in one statement; an object without any has an empty list."""
    found: dict[int, list[ItemClaim]] = {item_id: [] for item_id in item_ids}
    query = (
        select(ItemClaim)
        .where(ItemClaim.item_id.in_(found), ItemClaim.live, ItemClaim.end_day > from_day)
        .order_by(ItemClaim.item_id, ItemClaim.first_day)
    )
    for claim in db.session.scalars(query) if found else ():
        found[claim.item_id].append(claim)
    return found


def next_claim(item_id: int, *, after_day: date, besides: int | None = None) -> ItemClaim | None:
    """The first live claim that begins after `after_day`; `besides`: the id of one that does not count."""
    query = (
        select(ItemClaim)
        .where(ItemClaim.item_id == item_id, ItemClaim.live, ItemClaim.first_day > after_day)
        .order_by(ItemClaim.first_day)
        .limit(2)
    )
    return next((claim for claim in db.session.scalars(query) if claim.id != besides), None)
