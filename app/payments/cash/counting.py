"""What can be done with a hub's cash box: open it and close it with a count, and bring money to the bank.

The ledger knows what should be in it. What a count finds more or less is the hub's, so that after each count ledger and
box say the same; the row keeps what was expected, for whoever asks.
"""

from datetime import datetime

from sqlalchemy import select

from app.core import audit
from app.core.db import db, locked_one
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import checked
from app.hubs import services as hubs
from app.payments.cash import rules
from app.payments.cash.models import OPEN, CashBox
from app.payments.ledger import accounts
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from app.payments.ledger.services import post

NOTE_LONGEST = 300


def open_box(
    *, hub_id: int, counted_cents: int, currency: str = "EUR", actor_id: int, now: datetime
) -> CashBox:
    """The day begins: so much is in it. Raises `Conflict` cash.open_already."""
    hubs.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    _refuse_odd("counted_cents", counted_cents, lowest=0)
    found = _held(hub_id, currency)
    if open_one(hub_id, currency) is not None:
        raise Conflict("cash.open_already")
    box = CashBox(
        hub_id=hub_id, currency=currency, opened_at=now, opened_by_id=actor_id, opened_cents=counted_cents,
        found_cents=found,
    )  # fmt: skip
    db.session.add(box)
    db.session.flush()
    _post_difference(box, "box_opened", counted_cents - found, actor_id=actor_id, now=now)
    return box


def close_box(*, box_id: int, counted_cents: int, note: str = "", actor_id: int, now: datetime) -> CashBox:
    """The day ends: so much is in it. A difference asks for a word. Said again with the same count: the same box; with
    another `Conflict` cash.closed_already."""
    known = db.session.get(CashBox, box_id)
    if known is None:
        raise NotFound("cash.unknown")
    hubs.require_role("volunteer", actor_id=actor_id, hub_id=known.hub_id)
    _refuse_odd("counted_cents", counted_cents, lowest=0)
    expected = _held(known.hub_id, known.currency)
    box = locked_one(CashBox, box_id) or known
    if box.closed_at is not None:
        if box.closed_cents != counted_cents:
            raise Conflict("cash.closed_already")
        return box
    difference = counted_cents - expected
    box.note = checked("note", note, longest=NOTE_LONGEST, shortest=3 if difference else 0, lines=True)
    box.closed_at, box.closed_by_id = now, actor_id
    box.closed_cents, box.expected_cents = counted_cents, expected
    db.session.flush()
    _post_difference(box, "box_closed", difference, actor_id=actor_id, note=box.note, now=now)
    if difference:
        audit.note(
            "cash.difference", now=now, actor_id=actor_id, subject_kind="cash_box", subject_id=box.id,
            hub_id=box.hub_id, cents=difference, why=box.note,
        )  # fmt: skip
    return box


def bring_to_bank(
    *, key: str, hub_id: int, cents: int, currency: str = "EUR", actor_id: int, now: datetime
) -> None:
    """Notes leave the box for the bank, at most what is in it. Once for each key."""
    hubs.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    _refuse_odd("cents", cents, lowest=1)
    there = _held(hub_id, currency)
    if ledger.transaction_of(key, "brought_to_bank") is None and cents > there:
        raise Conflict("cash.not_in_box", cents=max(0, there), currency=currency)
    post(
        source=key,
        kind="brought_to_bank",
        subject=f"hub:{hub_id}",
        lines=[(Account.bank(hub_id), cents), (Account.cash(hub_id), -cents)],
        currency=currency,
        actor_id=actor_id,
        now=now,
    )


def open_one(hub_id: int, currency: str = "EUR") -> CashBox | None:
    """The box that is open now."""
    return db.session.scalar(
        select(CashBox).where(CashBox.hub_id == hub_id, CashBox.currency == currency, OPEN)
    )


def _held(hub_id: int, currency: str) -> int:
    """What should be in the box; nobody takes or gives cash there until this is done."""
    accounts.hold(Account.cash(hub_id), currency)
    return ledger.balance(Account.cash(hub_id), currency)


def _post_difference(
    box: CashBox, kind: str, difference: int, *, actor_id: int, note: str = "", now: datetime
) -> None:
    if difference:
        post(
            source=f"box:{box.id}",
            kind=kind,
            subject=f"hub:{box.hub_id}",
            lines=[(Account.cash(box.hub_id), difference), (Account.hub(box.hub_id), -difference)],
            currency=box.currency,
            actor_id=actor_id,
            note=note,
            now=now,
        )


def _refuse_odd(field: str, cents: int, *, lowest: int) -> None:
    if not lowest <= cents <= rules.MOST:
        raise Invalid({field: ("core.out_of_range", {"min": lowest, "max": rules.MOST})})
