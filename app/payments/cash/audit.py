"""Receipts and counts compared with the ledger: each says what the other says."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, and_, case, cast, func, literal, or_, select

from app.core.db import db
from app.payments.cash.models import CashBox, Receipt
from app.payments.ledger.audit import Fault
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction

TILLS = ("cash", "bank")


def faults() -> Iterator[Fault]:
    """All of them."""
    yield from _receipts()
    yield from _without_receipt()
    yield from _counts()


def _receipts() -> Iterator[Fault]:
    """What a receipt says the hub gained is what the ledger says; one that was reversed comes to nothing."""
    gained = (
        select(MoneyTransaction.source, func.sum(MoneyEntry.amount).label("cents"))
        .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .join(MoneyAccount, and_(MoneyAccount.id == MoneyEntry.account_id, MoneyAccount.kind.in_(TILLS)))
        .where(MoneyTransaction.source.like("receipt:%"))
        .group_by(MoneyTransaction.source)
        .subquery()
    )
    says = case(
        (Receipt.reversed_at.is_not(None), 0), (Receipt.way == "in", Receipt.cents), else_=-Receipt.cents
    )
    rows = db.session.execute(
        select(Receipt.id, says.label("says"), gained.c.cents)
        .outerjoin(gained, gained.c.source == _source("receipt:", Receipt.id))
        .where(or_(gained.c.cents.is_(None), gained.c.cents != says))
        .order_by(Receipt.id)
    )
    for row in rows:
        written = "nothing" if row.cents is None else row.cents
        yield Fault(f"receipt:{row.id}", f"it says {row.says}, the ledger {written}")


def _without_receipt() -> Iterator[Fault]:
    """No money is in a till by a receipt that is gone."""
    rows = db.session.execute(
        select(MoneyTransaction.id, MoneyTransaction.source)
        .outerjoin(Receipt, MoneyTransaction.source == _source("receipt:", Receipt.id))
        .where(MoneyTransaction.source.like("receipt:%"), Receipt.id.is_(None))
        .order_by(MoneyTransaction.id)
    )
    for row in rows:
        yield Fault(f"transaction {row.id}", f"{row.source} is gone")


def _counts() -> Iterator[Fault]:
    """What a count found more or less is what the ledger gave the hub."""
    for kind, difference in (
        ("box_opened", CashBox.opened_cents - CashBox.found_cents),
        ("box_closed", func.coalesce(CashBox.closed_cents - CashBox.expected_cents, 0)),
    ):
        written = (
            select(MoneyTransaction.source, MoneyEntry.amount)
            .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
            .join(MoneyAccount, and_(MoneyAccount.id == MoneyEntry.account_id, MoneyAccount.kind == "cash"))
            .where(MoneyTransaction.kind == kind)
            .subquery()
        )
        cents = func.coalesce(written.c.amount, 0)
        rows = db.session.execute(
            select(CashBox.id, difference.label("says"), cents.label("cents"))
            .outerjoin(written, written.c.source == _source("box:", CashBox.id))
            .where(cents != difference)
            .order_by(CashBox.id)
        )
        for row in rows:
            yield Fault(
                f"box:{row.id} ({kind})", f"the count differed by {row.says}, the ledger says {row.cents}"
            )


def _source(what: str, number: Any) -> Any:
    """Its name in the ledger: "receipt:8"."""
    return literal(what) + cast(number, String)
