"""The ledger proved: what the database and the services promise is counted again from the entries alone.

The faults are told to whoever keeps the installation, in plain English, as by the other proofs.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.core.db import db
from app.payments.ledger import rules
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction
from app.payments.ledger.rules import Account

BATCH = 1000


@dataclass(frozen=True)
class Fault:
    """What does not hold, and where: "transaction 12", "receipt:8". The same fault has the same words each time."""

    where: str
    what: str


@dataclass
class Counted:
    """What was looked at."""

    transactions: int = 0
    sums: Counter[str] = field(default_factory=Counter)


def faults(counted: Counted) -> Iterator[Fault]:
    """All of them; `counted` is filled on the way."""
    yield from _transactions(counted)
    yield from _entries_of_nothing()
    yield from _accounts()
    yield from _at_rest()


def _transactions(counted: Counted) -> Iterator[Fault]:
    """Each is a whole chain that ends at zero, under the seal it was written with."""
    for _number, group in groupby(_written(), key=lambda row: row.id):
        rows = list(group)
        counted.transactions += 1
        counted.sums[rows[0].currency] += sum(row.amount or 0 for row in rows)
        if fault := _fault_of(rows):
            yield Fault(f"transaction {rows[0].id} ({rows[0].source}, {rows[0].kind})", fault)
    for currency, total in sorted(counted.sums.items()):
        if total:
            yield Fault("all accounts", f"in {currency} they sum to {total}, not to zero")


def _written() -> Iterator[Any]:
    """Transactions with their entries, in order; one without any has one row without a number."""
    query = (
        select(
            MoneyTransaction.id, MoneyTransaction.source, MoneyTransaction.kind, MoneyTransaction.subject,
            MoneyTransaction.currency, MoneyTransaction.actor_id, MoneyTransaction.at, MoneyTransaction.seal,
            MoneyTransaction.entries, MoneyEntry.number, MoneyEntry.amount, MoneyEntry.before, MoneyEntry.after,
            MoneyEntry.currency.label("entry_currency"), MoneyAccount.kind.label("account"), MoneyAccount.holder,
        )
        .outerjoin(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .outerjoin(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
        .order_by(MoneyTransaction.id, MoneyEntry.number)
    )  # fmt: skip
    yield from db.session.execute(query.execution_options(yield_per=BATCH))


def _fault_of(rows: list[Any]) -> str | None:
    first = rows[0]
    if [row.number for row in rows] != list(range(1, first.entries + 1)):
        return f"it does not have its {first.entries} entries"
    total = sum(row.amount for row in rows)
    if total:
        return f"its entries sum to {total}, not to zero"
    before = 0
    for row in rows:
        if row.before != before or row.after != before + row.amount:
            return f"its chain is broken at entry {row.number}"
        before = row.after
    if any(row.entry_currency != first.currency for row in rows):
        return "its entries are in another currency"
    if _seal(first, rows) != first.seal:
        return "it is not what was written: its seal is another"
    return None


def _seal(first: Any, rows: list[Any]) -> str | None:
    at: datetime = first.at
    try:
        lines = [(Account(row.account, row.holder), row.amount) for row in rows]
    except (TypeError, ValueError):  # an account that is none any more
        return None
    return rules.seal(
        source=first.source,
        kind=first.kind,
        subject=first.subject,
        currency=first.currency,
        actor_id=first.actor_id,
        at=at,
        lines=lines,
    )


def _entries_of_nothing() -> Iterator[Fault]:
    """No entry stands without its transaction or its account."""
    rows = db.session.execute(
        select(MoneyEntry.transaction_id, MoneyEntry.number, MoneyEntry.account_id)
        .outerjoin(MoneyTransaction, MoneyTransaction.id == MoneyEntry.transaction_id)
        .outerjoin(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
        .where(or_(MoneyTransaction.id.is_(None), MoneyAccount.id.is_(None)))
        .order_by(MoneyEntry.transaction_id, MoneyEntry.number)
    )
    for row in rows:
        yield Fault(
            f"transaction {row.transaction_id}",
            f"entry {row.number} of account {row.account_id} belongs to nothing",
        )


def _accounts() -> Iterator[Fault]:
    """Each is of whom it says."""
    holder = func.coalesce(MoneyAccount.resident_id, MoneyAccount.hub_id)
    rows = db.session.execute(
        select(MoneyAccount.id, MoneyAccount.kind, MoneyAccount.holder, holder.label("of"))
        .where(or_(MoneyAccount.resident_id.is_not(None), MoneyAccount.hub_id.is_not(None)))
        .order_by(MoneyAccount.id)
    )
    for row in rows:
        if str(row.of) != row.holder:
            yield Fault(f"account {row.id} ({row.kind} {row.holder})", f"it is kept for {row.of}")


def _at_rest() -> Iterator[Fault]:
    """What was carried from one subject to another has arrived."""
    rows = db.session.execute(
        select(MoneyAccount.currency, func.sum(MoneyEntry.amount).label("cents"))
        .join(MoneyEntry, and_(MoneyEntry.account_id == MoneyAccount.id, MoneyAccount.kind == "carried"))
        .group_by(MoneyAccount.currency)
        .order_by(MoneyAccount.currency)
    )
    for row in rows:
        if row.cents:
            yield Fault(
                "account carried", f"in {row.currency} {row.cents} are on their way and did not arrive"
            )
