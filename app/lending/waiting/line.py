"""How a line moves: one call after whatever happened to its object, and what follows when somebody gets it.

Whoever calls holds the object's row (`claims.held_one`): it guards the whole line.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core import outbox
from app.core.db import db
from app.events.waiting import PlaceAnswered, PlaceEnded, PlaceReady, PlaceStoodBack
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import queries as lending
from app.lending.models import Loan
from app.lending.rules import ONE_DAY
from app.lending.waiting import queries, rules
from app.lending.waiting.models import PlaceInLine


def serve(item_id: int, *, now: datetime) -> PlaceInLine | None:
    """Bring the line in accord with where its object is: call it whenever the object comes into the house, leaves it,
    breaks, is mended, lost or found, or days of it become free. At hand and free, it is kept aside for whose turn it
    is; not at hand, nobody's turn has come; gone for good, the line ends. Who has it kept aside now; said twice, it
    holds once."""
    place = _serve(item_id, now=now)
    for object_id in claims.objects_of(item_id):
        _serve(object_id, now=now)  # a kit that comes or goes takes its objects along
    return place


def _serve(item_id: int, *, now: datetime) -> PlaceInLine | None:
    item = db.session.get_one(Item, item_id)
    standing = queries.line(item)
    if not standing:
        return None
    if item.status != "active":
        _end_all(standing, now=now)
        return None
    since = lending.in_house_since(item_id, besides=0)
    ready = next((one for one in standing if one.ready), None)
    if ready is not None:
        if since is not None and not ready.skipped:
            return db.session.get_one(PlaceInLine, ready.id)
        stand_back(item_id, now=now)
    if since is None:
        return None
    turn = next(iter(rules.awake(standing, in_house_since=since)), None)
    return _keep_aside(item, turn, now=now) if turn is not None else None


def _keep_aside(item: Item, turn: rules.Standing, *, now: datetime) -> PlaceInLine | None:
    terms = lending.terms_of(item, item.hub)
    today = terms.days.today(now)
    until = rules.kept_until(terms, lending.taken(item.id, today=today), today=today)
    if until is None:
        return None
    place = db.session.get_one(PlaceInLine, turn.id)
    place.claim_id = claims.take(item.id, "hold", today, until + ONE_DAY).id
    place.status, place.ready_at, place.ready_until, place.passed_at = "ready", now, until, None
    db.session.flush()
    outbox.record(PlaceReady(place.id, until), now=now)
    return place


def stand_back(item_id: int, *, now: datetime) -> None:
    """The object is not at hand after all: for whom it was kept aside waits again, where she was. Call it before other
    days are taken in place of these."""
    place = queries.ready_place(item_id)
    if place is None or place.ready_at is None:
        return
    wait_again(place)
    outbox.record(PlaceStoodBack(place.id, place.ready_at), now=now)


def wait_again(place: PlaceInLine) -> None:
    """It is not kept aside for this place any more."""
    _give_days_back(place)
    place.status = "waiting"
    db.session.flush()


def end(place: PlaceInLine, status: str, *, now: datetime) -> None:
    """This place is over; what was kept aside for it is free."""
    if place.status == "ready":
        _give_days_back(place)
    place.status, place.ended_at = status, now
    db.session.flush()


def _give_days_back(place: PlaceInLine) -> None:
    claim = db.session.get(ItemClaim, place.claim_id) if place.claim_id is not None else None
    if claim is not None and claim.live:
        claims.end(claim)


def _end_all(standing: list[rules.Standing], *, now: datetime) -> None:
    for one in standing:
        end(db.session.get_one(PlaceInLine, one.id), "dropped", now=now)
        outbox.record(PlaceEnded(one.id), now=now)


def last_turn(item_id: int) -> int:
    """The number behind which the next one stands."""
    return db.session.scalar(select(func.max(PlaceInLine.turn)).where(PlaceInLine.item_id == item_id)) or 0


# -- somebody gets it -------------------------------------------------------------------------------------


def make_room(item_id: int, resident_id: int) -> PlaceInLine | None:
    """The place of somebody who now wants days of her own: what was kept aside for her is free for them."""
    place = queries.place_of(item_id, resident_id)
    if place is not None and place.status == "ready":
        _give_days_back(place)
    return place


def collect(place: PlaceInLine, loan: Loan, *, now: datetime) -> dict[str, Any]:
    """She got what she waited for, by this loan; what an undo needs to put her back."""
    if place.status == "ready":
        outbox.record(PlaceAnswered(place.id), now=now)
    place.status, place.loan_id, place.ended_at = "collected", loan.id, now
    db.session.flush()
    return {"id": place.id}


def put_back(before: Mapping[str, Any], *, now: datetime) -> None:
    """She did not get it after all: she stands where she stood, and it is kept aside for her once more."""
    place = db.session.get_one(PlaceInLine, before["id"])
    place.status, place.loan_id, place.ended_at = "waiting", None, None
    db.session.flush()
    serve(place.item_id, now=now)
