"""What can be done with minutes: promise them, let go of a promise, move what was promised or what was not, and put a
mistake right by its contrary.

Both accounts are held (`accounts.held`) before anything is read that is gone by. A caller that holds residents or hubs
too holds them before.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.core import audit, outbox
from app.core.db import db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import checked
from app.events.time import MinutesMoved, MinutesReversed
from app.skills.ledger import accounts, policy, queries, rules
from app.skills.ledger.models import (
    EARNING,
    TimeAccount,
    TimeEntry,
    TimeNote,
    TimeReservation,
    TimeTransfer,
    VolunteerShift,
)
from app.skills.ledger.rules import Party

NOTE_LONGEST = 300


def reserve(*, key: str, payer: Party, payee: Party, minutes: int, now: datetime) -> None:
    """Promise minutes: from now on they count against both limits, until they move or the promise ends. Raises
    `Conflict` limit_reached for the payer, giver_full for the payee, with `room_minutes`: what would still fit."""
    _refuse_odd(minutes)
    paying, receiving = held = accounts.held(payer, payee)
    if _reservation(key) is not None or _transfer(key) is not None:
        raise Conflict("ledger.reserved_already")
    before = [accounts.standing(account) for account in held]
    accounts.refuse_beyond(paying, receiving, minutes, before)
    paying.going_out += minutes
    receiving.coming_in += minutes
    db.session.add(
        TimeReservation(key=key, payer_id=paying.id, payee_id=receiving.id, minutes=minutes, at=now)
    )
    db.session.flush()
    accounts.warn(held, before, now=now)


def release(*, key: str, now: datetime) -> None:  # noqa: ARG001 -- every service is told when it is
    """Let go of a promise; of one that is gone already, nothing."""
    promised = _held_reservation(key)
    if promised is not None:
        _let_go(*promised)


def settle(*, key: str, minutes: int, kind: str, note: str = "", now: datetime) -> TimeTransfer:
    """Move the minutes of a promise; what is left of it is free. What was promised always passes, more has to fit.
    Once for each key: said again, the same transfer."""
    _refuse_odd(minutes)
    promised = _held_reservation(key)
    if promised is None:
        done = _transfer(key)
        if done is None:
            raise Conflict("ledger.not_reserved")
        return done
    reservation, paying, receiving = promised
    before = [accounts.standing(account) for account in (paying, receiving)]
    more = rules.more_than_reserved(minutes, reservation.minutes)
    if more:
        accounts.refuse_beyond(paying, receiving, more, before)
    _let_go(reservation, paying, receiving)
    transfer = _move(paying, receiving, key=key, kind=kind, minutes=minutes, note=note, now=now)
    accounts.warn((paying, receiving), before, now=now)
    return transfer


@dataclass(frozen=True)
class Paid:
    """What was moved, if anything, and the minutes that no account could take or give."""

    transfer: TimeTransfer | None
    unpaid: int


def pay(
    *,
    key: str,
    payer: Party,
    payee: Party,
    minutes: int,
    kind: str,
    actor_id: int | None,
    note: str = "",
    now: datetime,
    up_to_limit: bool = False,
) -> Paid:
    """Move minutes that were not promised before; with `up_to_limit` as many as fit. Once for each key: said again,
    the same answer."""
    _refuse_odd(minutes)
    paying, receiving = held = accounts.held(payer, payee)
    done = _transfer(key)
    if done is not None:
        return Paid(done, max(0, minutes - done.minutes))
    before = [accounts.standing(account) for account in held]
    fits = minutes
    if up_to_limit:
        fits = max(0, min(minutes, before[0].can_pay, before[1].can_receive))
    if not fits:
        return Paid(None, minutes)
    accounts.refuse_beyond(paying, receiving, fits, before)
    transfer = _move(
        paying, receiving, key=key, kind=kind, minutes=fits, actor_id=actor_id, note=note, now=now
    )
    accounts.warn(held, before, now=now)
    return Paid(transfer, minutes - fits)


def reverse(*, transfer_id: int, actor_id: int, note: str, now: datetime) -> TimeTransfer:
    """A coordinator puts a mistake right: the contrary is written, with why, and both are told. It passes whatever the
    limits, since the mistake should never have counted. Said again: the same contrary."""
    sides, actor = queries.sides(transfer_id), queries.actor(actor_id)
    if not policy.sees(sides, actor):
        raise NotFound("ledger.unknown")
    for reason in policy.why_not_reverse(sides, actor):
        raise Forbidden(reason)
    why = checked("note", note, longest=NOTE_LONGEST, shortest=3, lines=True)
    wrong = db.session.get_one(TimeTransfer, transfer_id)
    if wrong.kind == "reversal":
        raise Conflict("ledger.is_reversal")
    held = accounts.by_number((sides.payer.account_id, sides.payee.account_id))
    gave, took = held[sides.payer.account_id], held[sides.payee.account_id]
    key = f"reversal:{wrong.id}"
    contrary = _transfer(key)
    if contrary is None:
        contrary = _move(
            took, gave, key=key, kind="reversal", minutes=wrong.minutes, actor_id=actor_id, note=why,
            reverses_id=wrong.id, now=now,
        )  # fmt: skip
        took.given -= wrong.minutes if wrong.kind in EARNING else 0
        _note_reversal(wrong, sides, actor_id=actor_id, why=why, now=now)
    return contrary


# -- how it is written ------------------------------------------------------------------------------------


def _move(
    paying: TimeAccount,
    receiving: TimeAccount,
    *,
    key: str,
    kind: str,
    minutes: int,
    note: str,
    now: datetime,
    actor_id: int | None = None,
    reverses_id: int | None = None,
) -> TimeTransfer:
    """One transfer with its two entries, and both balances after it."""
    transfer = TimeTransfer(
        key=key, kind=kind, minutes=minutes, actor_id=actor_id, reverses_id=reverses_id, at=now
    )
    db.session.add(transfer)
    db.session.flush()
    for account, side in ((paying, -1), (receiving, 1)):
        account.balance += side * minutes
        account.entries += 1
        db.session.add(
            TimeEntry(
                transfer_id=transfer.id,
                side=side,
                amount=minutes,
                account_id=account.id,
                number=account.entries,
                balance=account.balance,
            )
        )
    if kind in EARNING:
        receiving.given += minutes
    if note:
        db.session.add(TimeNote(transfer_id=transfer.id, text=note))
    db.session.flush()
    happened = MinutesReversed(transfer.id) if reverses_id else MinutesMoved(transfer.id)
    outbox.record(happened, now=now)
    return transfer


def _held_reservation(key: str) -> tuple[TimeReservation, TimeAccount, TimeAccount] | None:
    """A promise with both its accounts held; None where it is gone."""
    seen = _reservation(key)
    if seen is None:
        return None
    held = accounts.by_number((seen.payer_id, seen.payee_id))
    still = _reservation(key)  # another one may have moved it while this one waited
    return (still, held[still.payer_id], held[still.payee_id]) if still is not None else None


def _let_go(reservation: TimeReservation, paying: TimeAccount, receiving: TimeAccount) -> None:
    paying.going_out -= reservation.minutes
    receiving.coming_in -= reservation.minutes
    db.session.delete(reservation)
    db.session.flush()


def _reservation(key: str) -> TimeReservation | None:
    return db.session.scalar(
        select(TimeReservation).where(TimeReservation.key == key), execution_options=_FRESH
    )


def _transfer(key: str) -> TimeTransfer | None:
    return db.session.scalar(select(TimeTransfer).where(TimeTransfer.key == key))


_FRESH = {"populate_existing": True}


def _refuse_odd(minutes: int) -> None:
    if not 1 <= minutes <= rules.MOST:
        raise Invalid({"minutes": ("core.out_of_range", {"min": 1, "max": rules.MOST})})


def _note_reversal(
    wrong: TimeTransfer, sides: policy.Sides, *, actor_id: int, why: str, now: datetime
) -> None:
    if wrong.kind == "shift":  # so that it can be recorded anew, as it was
        db.session.execute(
            update(VolunteerShift).where(VolunteerShift.transfer_id == wrong.id).values(undone_at=now)
        )
    audit.note(
        "ledger.reversed",
        now=now,
        actor_id=actor_id,
        subject_kind="time_transfer",
        subject_id=wrong.id,
        hub_id=sides.payer.hub_id or sides.payee.hub_id,
        why=why,
    )
