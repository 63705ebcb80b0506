"""What can be seen of the ledger: what an account holds, what somebody owes for something, how a subject stands."""

from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction
from app.payments.ledger.rules import Account

_SUM = func.coalesce(func.sum(MoneyEntry.amount), 0)
_ENTRIES = select(_SUM).join(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)


def balance(account: Account, currency: str = "EUR") -> int:
    """What it holds, in cents; zero where nothing was ever written."""
    return _sum(_ENTRIES.where(*_is(account), MoneyAccount.currency == currency))


def owed(*, subject: str, resident_id: int, currency: str = "EUR") -> int:
    """What she still owes for this, in cents; below zero it is hers."""
    return _sum(
        _ENTRIES.join(MoneyTransaction, MoneyTransaction.id == MoneyEntry.transaction_id).where(
            MoneyTransaction.subject == subject,
            MoneyTransaction.currency == currency,
            *_is(Account.member(resident_id)),
        )
    )


def standing_of(subject: str, currency: str = "EUR") -> dict[Account, int]:
    """What every account gained for this subject, in cents; those that are even are there too. They sum to zero."""
    return _by_account(MoneyTransaction.subject == subject, MoneyTransaction.currency == currency)


def lines_of(transaction_id: int) -> dict[Account, int]:
    """A transaction as it was posted."""
    return _by_account(MoneyTransaction.id == transaction_id)


def count_of(subject: str) -> int:
    """How many transactions there are for it."""
    return _sum(select(func.count()).select_from(MoneyTransaction).where(MoneyTransaction.subject == subject))


def transaction_of(source: str, kind: str) -> MoneyTransaction | None:
    """What was posted from there, if it was."""
    return db.session.scalar(
        select(MoneyTransaction).where(MoneyTransaction.source == source, MoneyTransaction.kind == kind)
    )


def _by_account(*conditions: Any) -> dict[Account, int]:
    rows = db.session.execute(
        select(MoneyAccount.kind, MoneyAccount.holder, _SUM.label("cents"))
        .select_from(MoneyTransaction)
        .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .join(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
        .where(*conditions)
        .group_by(MoneyAccount.kind, MoneyAccount.holder)
    )
    return {Account(row.kind, row.holder): int(row.cents) for row in rows}


def _is(account: Account) -> tuple[Any, Any]:
    return MoneyAccount.kind == account.kind, MoneyAccount.holder == account.holder


def _sum(query: Any) -> int:
    return int(db.session.scalars(query).one())
