"""What somebody who waits can do: stand in line, leave it, take what is kept aside, pass it on. A volunteer does it for
somebody at the counter, and both names are kept."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import audit, outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, NotFound
from app.events.waiting import PlaceAnswered
from app.items.models import Item
from app.lending import queries as lending
from app.lending import rules as lending_rules
from app.lending.models import Loan
from app.lending.services import asking
from app.lending.services.ground import item_held, resident_held
from app.lending.waiting import line, queries, rules
from app.lending.waiting.models import PlaceInLine
from app.lending.wording import SpokenBlocker

MOST_PLACES = 20
"""Lines that one person may stand in at once."""


def join(*, item_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> PlaceInLine:
    """Stand in line for an object, for oneself or, as a volunteer of its hub, `for_id`. What is free now is kept aside
    at once, on the terms of a reservation. Said twice, it holds once. `Blocked` for what waiting does not settle."""
    person = resident_held(for_id or actor_id)
    item = item_held(item_id)
    asking.refuse_hidden(item, actor_id=actor_id)
    asking.refuse_meddling(item, actor_id=actor_id, resident_id=person.id)
    place = queries.place_of(item.id, person.id)
    if place is not None:
        return place
    found = _refuse(item, person, now=now)
    place = PlaceInLine(
        item_id=item.id, resident_id=person.id, turn=line.last_turn(item.id) + 1, joined_at=now
    )
    db.session.add(place)
    db.session.flush()
    line.serve(item.id, now=now)
    if place.status == "ready" and found:
        raise Blocked(found)
    _write_on_behalf("lending.line_joined", place, actor_id=actor_id, now=now)
    return place


def _refuse(item: Item, person: Resident, *, now: datetime) -> list[SpokenBlocker]:
    """What stands against waiting at all; what only stands against having it now is returned."""
    asking.refuse_object(item, person)
    if lending.current_loan(item.id, person.id) is not None:
        raise Conflict("lending.already_yours")
    found = lending.blockers(item, person, hub=item.hub, now=now)
    lasting = [blocker for blocker in found if blocker.code not in rules.MAY_PASS]
    if lasting:
        raise Blocked(lasting)
    places = select(func.count()).where(PlaceInLine.resident_id == person.id, PlaceInLine.ended_at.is_(None))
    if (db.session.scalar(places) or 0) >= MOST_PLACES:
        raise Conflict("lending.too_many_places", max=MOST_PLACES)
    return found


def leave(*, item_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> None:
    """Wait no longer; what was kept aside goes to the next one. Who does not stand in line leaves it as well."""
    place = _place_held(item_id, actor_id, for_id)
    if place is None:
        return
    _answered(place, now=now)
    line.end(place, "dropped", now=now)
    _write_on_behalf("lending.line_left", place, actor_id=actor_id, now=now)
    line.serve(item_id, now=now)


def pass_on(*, item_id: int, actor_id: int, for_id: int | None = None, now: datetime) -> PlaceInLine:
    """Not this time: the next one gets it now, and one keeps one's turn for when it comes back. Said twice, it holds
    once."""
    place = _place_held(item_id, actor_id, for_id)
    if place is None:
        raise NotFound("lending.not_in_line")
    if place.status != "ready":
        if place.passed_at is None:
            raise Conflict("lending.not_your_turn")
        return place
    _answered(place, now=now)
    line.wait_again(place)
    place.passed_at = now
    db.session.flush()
    _write_on_behalf("lending.line_passed", place, actor_id=actor_id, now=now)
    line.serve(item_id, now=now)
    return place


def take(*, item_id: int, actor_id: int, now: datetime) -> Loan:
    """Yes: what is kept aside becomes a reservation of the usual length from the next open day, and is kept as long as
    it would have been. A neighbour who wants to be asked is asked. `Blocked` for reasons in the borrower."""
    borrower = resident_held(actor_id)
    item = item_held(item_id)
    place = queries.place_of(item_id, actor_id)
    if place is None:
        loan = lending.current_loan(item_id, actor_id)
        if loan is None:
            raise NotFound("lending.not_in_line")
        return loan  # tapped twice
    if place.status != "ready" or place.ready_until is None:
        raise Conflict("lending.not_your_turn")
    terms = lending.terms_of(item, item.hub)
    today = terms.days.today(now)
    chance = lending_rules.pick_up(terms.days, first_day=today, due=place.ready_until, since=now)
    if chance is None:
        raise Conflict("lending.not_your_turn")
    asking.refuse_object(item, borrower)
    found = lending.blockers(item, borrower, hub=item.hub, now=now)
    if found:
        raise Blocked(found)
    kept_until = place.ready_until
    line.make_room(item_id, actor_id)
    following = next((one.first_day for one in lending.taken(item_id, today=today)), None)
    due = lending_rules.due_day(
        terms,
        first_day=chance.first,
        wished=chance.first + timedelta(days=terms.usual_days),
        today=today,
        next_claim=following,
    )
    if due is None:
        raise Conflict("lending.not_your_turn")
    loan = asking.write(
        item, borrower, terms, lending_rules.Period(chance.first, due), actor_id=actor_id, now=now
    )
    if loan.status == "reserved":
        loan.pick_up_until = min(kept_until, due)
    line.collect(place, loan, now=now)
    return loan


def _place_held(item_id: int, actor_id: int, for_id: int | None) -> PlaceInLine | None:
    person = resident_held(for_id or actor_id)
    item = item_held(item_id)
    asking.refuse_meddling(item, actor_id=actor_id, resident_id=person.id)
    return queries.place_of(item_id, person.id)


def _answered(place: PlaceInLine, *, now: datetime) -> None:
    if place.status == "ready":
        outbox.record(PlaceAnswered(place.id), now=now)


def _write_on_behalf(act: str, place: PlaceInLine, *, actor_id: int, now: datetime) -> None:
    if actor_id == place.resident_id:
        return
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=place.resident_id,
        subject_kind="item",
        subject_id=place.item_id,
        hub_id=place.item.hub_id,
    )
