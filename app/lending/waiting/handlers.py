"""What is told to those who wait, and what the lines do when something happened elsewhere. Each runs after the commit, in
a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.accounts.models import Resident
from app.core.db import db, locked_one
from app.events.hubs import MembershipSuspended, OpeningDaysChanged
from app.events.items import ItemRetired
from app.events.lending import LoanOverdue
from app.events.waiting import PlaceAnswered, PlaceEnded, PlaceLapsed, PlaceReady, PlaceStoodBack
from app.items import claims
from app.lending.models import Loan
from app.lending.rules import UNDO_FOR
from app.lending.waiting import line, passing, queries, rules
from app.lending.waiting.models import PlaceInLine
from app.notifications import services as notifications


def tell_ready(event: PlaceReady, *, now: datetime) -> None:
    """It is her turn: one message names all that is kept aside for her, and takes the place of one that nobody has
    seen yet. The mail leaves when the scan behind it can no longer be undone."""
    place = _held(event.place_id)
    if place is not None and place.status == "ready" and place.ready_until == event.until:
        _tell_all_ready(place.resident_id, queries.kept_for(place.resident_id), now=now)


def untell_ready(event: PlaceAnswered, *, now: datetime) -> None:
    """She has answered: what was not seen yet speaks only of the rest."""
    place = _held(event.place_id)
    if place is not None:
        _tell_the_rest(place.resident_id, now=now)


def tell_stood_back(event: PlaceStoodBack, *, now: datetime) -> None:
    """It is not there after all: she keeps her turn."""
    place = _held(event.place_id)
    if place is None or place.status != "waiting":
        return
    _tell_the_rest(place.resident_id, now=now)
    _tell(
        place,
        "lending.place_stood_back",
        key=event.ready_at.isoformat(),
        now=now,
        mail=event.ready_at <= now - UNDO_FOR,
    )


def tell_lapsed(event: PlaceLapsed, *, now: datetime) -> None:
    """She did not come for it: she stands at the end now, or has to stand in line anew."""
    place = _held(event.place_id)
    if place is not None:
        kind = "lending.place_lost" if event.lost else "lending.place_lapsed"
        _tell(place, kind, key=event.until.isoformat(), now=now)


def tell_ended(event: PlaceEnded, *, now: datetime) -> None:
    """There is nothing left to wait for."""
    place = _held(event.place_id)
    if place is not None:
        _tell_the_rest(place.resident_id, now=now)
        _tell(place, "lending.place_ended", key="", now=now)


def tell_late(event: LoanOverdue, *, now: datetime) -> None:
    """What she waits for should be back and is not: she can look for another one."""
    loan = db.session.get(Loan, event.loan_id)
    if loan is None or loan.status != "checked_out":
        return
    for one in rules.awake(queries.line(loan.item), in_house_since=None)[:1]:
        place = _held(one.id)
        if place is not None and place.status == "waiting":
            _tell(place, "lending.place_late", key=str(loan.id), now=now)


def end_line(event: ItemRetired, *, now: datetime) -> None:
    """What is not offered any more, nobody waits for."""
    if claims.held_one(event.item_id) is not None:
        line.serve(event.item_id, now=now)


def skip_suspended(event: MembershipSuspended, *, now: datetime) -> None:
    """What was kept aside for somebody who may not borrow goes to the next one."""
    passing.skip_suspended(hub_id=event.hub_id, resident_id=event.resident_id, now=now)


def leave_closed_days(event: OpeningDaysChanged, *, now: datetime) -> None:
    """Days that were open may not be any more: what would be kept aside until one of them is kept until another."""
    passing.leave_closed_days(hub_id=event.hub_id, now=now)


# -- how it is told ---------------------------------------------------------------------------------------


def _held(place_id: int) -> PlaceInLine | None:
    """The place, its holder held, so that two messages to one person are written one after the other."""
    place = db.session.get(PlaceInLine, place_id)
    if place is not None:
        locked_one(Resident, place.resident_id)
        db.session.refresh(place)
    return place


def _ready_key(resident_id: int) -> str:
    return f"lending.place_ready:{resident_id}:"


def _tell_the_rest(resident_id: int, *, now: datetime) -> None:
    """Take back what was not seen yet, and say it again of what is still kept aside, where its mail had not left."""
    rest = queries.kept_for(resident_id)
    fresh = any(place.ready_at is not None and place.ready_at > now - UNDO_FOR for place in rest)
    if fresh:
        _tell_all_ready(resident_id, rest, now=now)
    else:
        notifications.withdraw(key_prefix=_ready_key(resident_id))


def _tell_all_ready(resident_id: int, kept: Sequence[PlaceInLine], *, now: datetime) -> None:
    notifications.withdraw(key_prefix=_ready_key(resident_id))
    first = kept[0]
    notifications.tell(
        resident_id=resident_id,
        kind="lending.place_ready",
        params={
            "items": ", ".join(f"« {place.item.title} »" for place in kept),
            "until": first.ready_until,
            "objects": [{**_words(place), "path": _path(place)} for place in kept],
        },
        path=_path(first) if len(kept) == 1 else "/loans",
        key=f"{_ready_key(resident_id)}{now.isoformat()}:{'-'.join(str(place.id) for place in kept)}",
        now=now,
        not_before=now + UNDO_FOR,
        timezone=_zone(first),
    )


def _tell(place: PlaceInLine, kind: str, *, key: str, now: datetime, mail: bool = True) -> None:
    notifications.tell(
        resident_id=place.resident_id,
        kind=kind,
        params=_words(place),
        path=f"/items/{place.item_id}" if kind != "lending.place_ended" else "/loans",
        key=f"{kind}:{place.id}:{key}",
        now=now,
        mail=mail,
        timezone=_zone(place),
    )


def _path(place: PlaceInLine) -> str:
    """Where it is answered, with one tap."""
    return f"/items/{place.item_id}/line"


def _words(place: PlaceInLine) -> dict[str, Any]:
    item = place.item
    owner = item.owner_resident.name if item.owner_resident else ""
    return {"item": item.title, "place": item.hub.name if item.hub else owner, "until": place.ready_until}


def _zone(place: PlaceInLine) -> str | None:
    return place.item.hub.timezone if place.item.hub else None
