"""Hours that are given without being asked back: to a hub, to a neighbour in need, and by a hub to its volunteers."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import tokens
from app.core.clock import day_at
from app.core.db import db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import Checks, checked
from app.hubs import queries as hub_queries
from app.hubs import services as hubs
from app.hubs.models import Hub
from app.skills.ledger import accounts, rules
from app.skills.ledger.models import TimeTransfer, VolunteerShift
from app.skills.ledger.rules import Party
from app.skills.ledger.services import NOTE_LONGEST, pay

SHIFT_MINUTES = (15, 12 * 60)
SHIFT_DAYS = timedelta(days=60)
"""So long afterwards a shift may still be written down."""
KEY_LONGEST = 64


def give(
    *, to: Party | None, minutes: int | None, note: str | None, actor_id: int, once: str = "", now: datetime
) -> TimeTransfer:
    """Give hours that one has to a hub or to a neighbour, with a word. `once`: the same word for the same gift, so that a
    button pressed twice gives once. Raises `Conflict` more_than_you_have: hours are given, not owed."""
    checks = Checks()
    if to is None:
        checks.fault("to", "core.required")
    elif to.resident_id == actor_id:
        checks.fault("to", "ledger.same_account")
    whole = checks(_minutes, "minutes", minutes)
    words = checks(checked, "note", note, longest=NOTE_LONGEST, lines=True)
    if len(once) > KEY_LONGEST:
        checks.fault("once", "core.too_long", max=KEY_LONGEST)
    checks.done()
    assert to is not None
    _there(to)
    me = Party(resident_id=actor_id)
    key = f"gift:{actor_id}:{once or tokens.new_token()}"
    mine, _theirs = accounts.held(me, to)
    done = db.session.scalar(select(TimeTransfer).where(TimeTransfer.key == key))
    if done is not None:
        return done
    if mine.balance - mine.going_out < whole:
        raise Conflict("ledger.more_than_you_have", room_minutes=max(0, mine.balance - mine.going_out))
    paid = pay(
        key=key, payer=me, payee=to, minutes=whole, kind="gift", actor_id=actor_id, note=words, now=now
    )
    assert paid.transfer is not None
    return paid.transfer


def _minutes(field: str, minutes: int | None) -> int:
    if minutes is None:
        raise Invalid({field: "core.required"})
    if not 1 <= minutes <= rules.MOST:
        raise Invalid({field: ("core.out_of_range", {"min": 1, "max": rules.MOST})})
    return minutes


def _there(to: Party) -> None:
    if to.hub_id is not None:
        hub = db.session.get(Hub, to.hub_id)
        if hub is None or hub.status != "published":
            raise NotFound("hubs.not_found")
    elif db.session.get(Resident, to.resident_id) is None:
        raise NotFound("ledger.nobody")


def record_shift(
    *,
    hub_id: int,
    resident_id: int | None,
    day: date | None,
    begins: time | None,
    minutes: int | None,
    note: str | None = "",
    actor_id: int,
    now: datetime,
) -> VolunteerShift:
    """The hub gives a volunteer the time that she gave it: once for each shift, as far as her account holds it. By the
    hub's coordinators, never to oneself."""
    hubs.require_looking_after(actor_id=actor_id, hub_id=hub_id)
    if resident_id == actor_id:
        raise Forbidden("ledger.not_ones_own_shift")
    hub = db.session.get_one(Hub, hub_id)
    today = day_at(now, hub.timezone)
    words = _check_shift(hub_id, resident_id, day, begins, minutes, note, today=today)
    assert resident_id is not None
    assert day is not None
    assert begins is not None
    assert minutes is not None
    payer, payee = Party(hub_id=hub_id), Party(resident_id=resident_id)
    accounts.held(payer, payee)
    _refuse_overlap(resident_id, day, begins, minutes)
    shift = VolunteerShift(
        hub_id=hub_id, resident_id=resident_id, day=day, begins=begins, minutes=minutes, paid=0, recorded_at=now,
        recorded_by_id=actor_id,
    )  # fmt: skip
    db.session.add(shift)
    db.session.flush()
    paid = pay(
        key=f"shift:{shift.id}", payer=payer, payee=payee, minutes=minutes, kind="shift", actor_id=actor_id,
        note=words, now=now, up_to_limit=True,
    )  # fmt: skip
    if paid.transfer is not None:
        shift.transfer_id, shift.paid = paid.transfer.id, paid.transfer.minutes
    db.session.flush()
    return shift


def _check_shift(
    hub_id: int,
    resident_id: int | None,
    day: date | None,
    begins: time | None,
    minutes: int | None,
    note: str | None,
    *,
    today: date,
) -> str:
    """The clean note; raises `Invalid` for all that is wrong at once."""
    checks = Checks()
    held = hub_queries.membership(resident_id, hub_id) if resident_id is not None else None
    if held is None or not held.holds_counter:
        checks.fault("resident", "ledger.no_volunteer" if resident_id is not None else "core.required")
    if day is None:
        checks.fault("day", "core.required")
    elif not today - SHIFT_DAYS <= day <= today:
        checks.fault("day", "ledger.not_that_day", days=SHIFT_DAYS.days)
    if begins is None:
        checks.fault("begins", "core.required")
    low, high = SHIFT_MINUTES
    if minutes is None:
        checks.fault("minutes", "core.required")
    elif not low <= minutes <= high:
        checks.fault("minutes", "core.out_of_range", min=low, max=high)
    words = checks(checked, "note", note, longest=NOTE_LONGEST, lines=True)
    checks.done()
    return words


def _refuse_overlap(resident_id: int, day: date, begins: time, minutes: int) -> None:
    """Nobody holds two counters at once, nor one twice."""
    first = begins.hour * 60 + begins.minute
    known = db.session.scalars(
        select(VolunteerShift).where(
            VolunteerShift.resident_id == resident_id,
            VolunteerShift.day == day,
            VolunteerShift.undone_at.is_(None),
        )
    )
    for one in known:
        other = one.begins.hour * 60 + one.begins.minute
        if first < other + one.minutes and other < first + minutes:
            raise Conflict("ledger.shift_known")
