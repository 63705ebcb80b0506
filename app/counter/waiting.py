"""The desk, for later: whoever cannot have an object now stands in line for it, or reserves its next free days."""

from datetime import date

from flask import g
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import Blocked, Conflict, Invalid, NotFound
from app.counter import queries
from app.counter.handing_out import blocked, refused
from app.counter.pages import Stand, act
from app.counter.queries import Person
from app.counter.said import Said
from app.items.forms import day as day_in
from app.items.models import Item
from app.lending import queries as lending_queries
from app.lending import services as lending
from app.lending.models import Loan
from app.lending.waiting import services, shown


@act("stand-in-line")
def stand_in_line(stand: Stand) -> Said:
    """The person at the desk waits for this object; she is told when it is her turn."""
    item, person = _whom_and_what(stand)
    with transaction():
        place = services.join(item_id=item.id, actor_id=current_user.id, for_id=person.id, now=g.now)
    (wait,) = shown.waits(person.id, now=g.now, item_id=place.item_id)
    return Said("in_line", "keep", item=queries.item(place.item_id), wait=wait)


@act("reserve")
def reserve(stand: Stand) -> Said:
    """The person at the desk has it on other days; tapped twice, it is reserved once."""
    item, person = _whom_and_what(stand)
    first_day, due = day_in(stand.form.get("from")), day_in(stand.form.get("to"))
    if first_day is None or due is None:
        raise Invalid({"from": "core.not_a_date"})
    loan = _hers(item, person, first_day, due)
    try:
        if loan is None:
            with transaction():
                loan = lending.reserve(
                    item_id=item.id,
                    actor_id=current_user.id,
                    for_id=person.id,
                    first_day=first_day,
                    due=due,
                    now=g.now,
                )
    except Blocked as problem:
        return blocked(problem, item, person)
    except Conflict as problem:
        return refused(problem, item)
    return Said("reserved", "keep", item=queries.item(loan.item_id), loan=loan)


def _hers(item: Item, person: Person, first_day: date, due: date) -> Loan | None:
    loan = lending_queries.current_loan(item.id, person.id)
    same = loan is not None and (loan.first_day, loan.due) == (first_day, due)
    return loan if same else None


def _whom_and_what(stand: Stand) -> tuple[Item, Person]:
    item = queries.item_by_code(str(codes.read(stand.form.get("code", ""))))
    if item is None or item.hub_id != stand.hub.id or stand.person is None:
        raise NotFound
    return item, stand.person
