"""What can be seen of a member's money. Cents as she reads them: above zero is hers, below zero she owes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app.core.db import db
from app.core.paging import Page, after, page_of
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyNote, MoneyTransaction
from app.payments.ledger.rules import Account


class Open(NamedTuple):
    """What is not even: so much for one subject."""

    subject: str
    cents: int
    currency: str


class Line(NamedTuple):
    """An entry of hers; `balance` is what she had in this currency after it."""

    transaction_id: int
    source: str
    kind: str
    subject: str
    at: datetime
    cents: int
    currency: str
    balance: int
    note: str

    @property
    def receipt_id(self) -> int | None:
        """Of a receipt, its number."""
        what, _colon, number = self.source.partition(":")
        return int(number) if what == "receipt" else None


def open_of(resident_id: int) -> Sequence[Open]:
    """What she owes and what is hers, subject by subject, the oldest first; nothing that is even."""
    cents = -func.sum(MoneyEntry.amount)
    rows = db.session.execute(
        select(MoneyTransaction.subject, MoneyTransaction.currency, cents.label("cents"))
        .select_from(MoneyAccount)
        .join(MoneyEntry, MoneyEntry.account_id == MoneyAccount.id)
        .join(MoneyTransaction, MoneyTransaction.id == MoneyEntry.transaction_id)
        .where(*_hers(resident_id))
        .group_by(MoneyTransaction.subject, MoneyTransaction.currency)
        .having(func.sum(MoneyEntry.amount) != 0)
        .order_by(func.min(MoneyTransaction.id))
    )
    return [Open(row.subject, int(row.cents), row.currency) for row in rows]


def lines_of(resident_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[Line]:
    """What was written, the newest first, in one statement."""
    start = after("money", cursor, length=1)
    written = _written(resident_id)
    query = select(written).order_by(written.c.id.desc()).limit(limit + 1)
    if start is not None:
        query = query.where(written.c.id < start[0])
    lines = [_line(row) for row in db.session.execute(query)]
    return page_of("money", lines, limit=limit, key=lambda line: (line.transaction_id,))


def all_lines(resident_id: int) -> Iterator[Line]:
    """All of it, the newest first."""
    written = _written(resident_id)
    return map(_line, db.session.execute(select(written).order_by(written.c.id.desc())))


def _written(resident_id: int) -> Any:
    running = func.sum(MoneyEntry.amount).over(
        partition_by=MoneyEntry.account_id, order_by=MoneyEntry.transaction_id
    )
    return (
        select(
            MoneyTransaction.id, MoneyTransaction.source, MoneyTransaction.kind, MoneyTransaction.subject,
            MoneyTransaction.at, MoneyTransaction.currency, MoneyEntry.amount, running.label("running"),
            func.coalesce(MoneyNote.text, "").label("note"),
        )
        .select_from(MoneyAccount)
        .join(MoneyEntry, MoneyEntry.account_id == MoneyAccount.id)
        .join(MoneyTransaction, MoneyTransaction.id == MoneyEntry.transaction_id)
        .outerjoin(MoneyNote, MoneyNote.transaction_id == MoneyTransaction.id)
        .where(*_hers(resident_id))
        .subquery()
    )  # fmt: skip


def _hers(resident_id: int) -> tuple[Any, Any]:
    account = Account.member(resident_id)
    return MoneyAccount.kind == account.kind, MoneyAccount.holder == account.holder


def _line(row: Any) -> Line:
    return Line(
        row.id,
        row.source,
        row.kind,
        row.subject,
        row.at,
        -row.amount,
        row.currency,
        -int(row.running),
        row.note,
    )
