"""What can be done with money by hand: take what is owed, give back what is hers, reverse a receipt that was wrong.

`take` and `pay_out` are called by the room whose subject it is; that room has asked who may. Each holds the member's
account first, then the till: of two volunteers who take the same payment at once, the second is told that it is paid.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import audit, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import checked
from app.events.payments import PaymentReceived, PaymentReversed, RefundMade
from app.hubs import services as hubs
from app.payments.cash import rules
from app.payments.cash.models import OPEN, CashBox, Receipt
from app.payments.ledger import accounts
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from app.payments.ledger.services import post

WHY_LONGEST = 300


def take(
    *,
    key: str,
    hub_id: int,
    resident_id: int,
    subject: str,
    cents: int,
    means: str,
    currency: str = "EUR",
    actor_id: int,
    now: datetime,
) -> Receipt:
    """She pays, at most what she owes for this subject. Once for each key: said again, the same receipt; with other
    words `Conflict` cash.said_otherwise. Raises `Conflict` payments.not_owed, with `cents`: what she still owes."""
    return _write(
        "in", key=key, hub_id=hub_id, resident_id=resident_id, subject=subject, cents=cents, means=means,
        currency=currency, actor_id=actor_id, now=now,
    )  # fmt: skip


def pay_out(
    *,
    key: str,
    hub_id: int,
    resident_id: int,
    subject: str,
    cents: int,
    means: str,
    currency: str = "EUR",
    actor_id: int,
    now: datetime,
) -> Receipt:
    """She is given back, at most what is hers under this subject; nobody gives to herself. Once for each key, as
    `take`. Raises `Conflict` payments.not_hers, with `cents`: what is hers."""
    if actor_id == resident_id:
        raise Conflict("cash.not_to_oneself")
    return _write(
        "out", key=key, hub_id=hub_id, resident_id=resident_id, subject=subject, cents=cents, means=means,
        currency=currency, actor_id=actor_id, now=now,
    )  # fmt: skip


def reverse(*, receipt_id: int, actor_id: int, why: str, now: datetime) -> Receipt:
    """The receipt was a mistake: its contrary is written, with why, and she owes again. For the hub's volunteers while
    it is fresh, then for its coordination. Said again: the same receipt."""
    known = db.session.get(Receipt, receipt_id)
    if known is None:
        raise NotFound("cash.unknown")
    hubs.require_role("volunteer", actor_id=actor_id, hub_id=known.hub_id)
    accounts.hold(Account.member(known.resident_id), known.currency)
    receipt = locked_one(Receipt, receipt_id) or known
    if receipt.reversed_at is not None:
        return receipt
    if not rules.is_fresh(receipt.at, now=now):
        hubs.require_looking_after(actor_id=actor_id, hub_id=receipt.hub_id)
    if receipt.way == "out" and actor_id == receipt.resident_id:
        raise Conflict("cash.not_to_oneself")
    accounts.hold(rules.till(receipt.means, receipt.hub_id), receipt.currency)
    receipt.reversed_why = checked("why", why, longest=WHY_LONGEST, shortest=3, lines=True)
    receipt.reversed_at, receipt.reversed_by_id = now, actor_id
    _post(
        receipt,
        "receipt_reversed",
        -receipt.gained_cents,
        actor_id=actor_id,
        note=receipt.reversed_why,
        now=now,
    )
    outbox.record(PaymentReversed(*_told(receipt)), now=now)
    audit.note(
        "cash.reversed", now=now, actor_id=actor_id, subject_kind="receipt", subject_id=receipt.id,
        hub_id=receipt.hub_id, why=receipt.reversed_why,
    )  # fmt: skip
    return receipt


def _write(
    way: str,
    *,
    key: str,
    hub_id: int,
    resident_id: int,
    subject: str,
    cents: int,
    means: str,
    currency: str,
    actor_id: int,
    now: datetime,
) -> Receipt:
    _refuse_odd(cents, means)
    accounts.hold(Account.member(resident_id), currency)
    same = (way, hub_id, resident_id, subject, cents, means, currency)
    known = db.session.scalar(
        select(Receipt).where(Receipt.key == key, Receipt.reversed_at.is_(None)),
        execution_options={"populate_existing": True},
    )
    if known is not None:
        if _said(known) != same:
            raise Conflict("cash.said_otherwise")
        return known
    owed = ledger.owed(subject=subject, resident_id=resident_id, currency=currency)
    there = max(0, owed if way == "in" else -owed)
    if cents > there:
        raise Conflict(
            f"payments.{'not_owed' if way == 'in' else 'not_hers'}", cents=there, currency=currency
        )
    accounts.hold(rules.till(means, hub_id), currency)
    receipt = Receipt(
        key=key, way=way, hub_id=hub_id, box_id=_box(hub_id, means, currency), resident_id=resident_id, subject=subject,
        means=means, cents=cents, currency=currency, actor_id=actor_id, at=now,
    )  # fmt: skip
    db.session.add(receipt)
    db.session.flush()
    _post(receipt, "receipt" if way == "in" else "paid_out", receipt.gained_cents, actor_id=actor_id, now=now)
    told = _told(receipt)
    happened = PaymentReceived(*told) if way == "in" else RefundMade(receipt.source, *told[1:])
    outbox.record(happened, now=now)
    return receipt


def _post(receipt: Receipt, kind: str, gained: int, *, actor_id: int, note: str = "", now: datetime) -> None:
    post(
        source=receipt.source,
        kind=kind,
        subject=receipt.subject,
        lines=[
            (rules.till(receipt.means, receipt.hub_id), gained),
            (Account.member(receipt.resident_id), -gained),
        ],
        currency=receipt.currency,
        actor_id=actor_id,
        note=note,
        now=now,
    )


def _box(hub_id: int, means: str, currency: str) -> int | None:
    """The open box that cash goes into, if there is one. While the till is held nobody counts it."""
    if means != "cash":
        return None
    return db.session.scalar(
        select(CashBox.id).where(CashBox.hub_id == hub_id, CashBox.currency == currency, OPEN)
    )


def _said(receipt: Receipt) -> tuple[object, ...]:
    return (
        receipt.way,
        receipt.hub_id,
        receipt.resident_id,
        receipt.subject,
        receipt.cents,
        receipt.means,
        receipt.currency,
    )


def _told(receipt: Receipt) -> tuple[int, str, int, int, str, str]:
    return (
        receipt.id,
        receipt.subject,
        receipt.resident_id,
        receipt.cents,
        receipt.currency,
        receipt.means,
    )


def _refuse_odd(cents: int, means: str) -> None:
    wrong: dict[str, str | tuple[str, dict[str, Any]]] = {}
    if means not in rules.MEANS:
        wrong["means"] = "cash.no_such_means"
    if not 1 <= cents <= rules.MOST:
        wrong["cents"] = ("core.out_of_range", {"min": 1, "max": rules.MOST})
    if wrong:
        raise Invalid(wrong)
