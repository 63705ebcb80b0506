"""The desk and the waiting list: whoever cannot have an object now stands in line for it."""

from flask import g
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import NotFound
from app.counter import queries
from app.counter.pages import Stand, act
from app.counter.said import Said
from app.lending.waiting import services, shown


@act("stand-in-line")
def stand_in_line(stand: Stand) -> Said:
    """The person at the desk waits for this object; she is told when it is her turn."""
    item = queries.item_by_code(str(codes.read(stand.form.get("code", ""))))
    if item is None or stand.person is None:
        raise NotFound
    with transaction():
        place = services.join(item_id=item.id, actor_id=current_user.id, for_id=stand.person.id, now=g.now)
    (wait,) = shown.waits(stand.person.id, now=g.now, item_id=place.item_id)
    return Said("in_line", "keep", item=queries.item(place.item_id), wait=wait)
