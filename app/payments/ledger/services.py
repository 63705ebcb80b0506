"""What can be done with the ledger: write into it. Nothing else in the house does, and nothing is ever taken out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from app.core.db import db, inserting
from app.core.errors import Conflict
from app.payments.ledger import accounts, queries
from app.payments.ledger.models import MoneyEntry, MoneyNote, MoneyTransaction
from app.payments.ledger.rules import Account, Line, entries_of, seal


def post(
    *,
    source: str,
    kind: str,
    subject: str,
    lines: Sequence[Line],
    currency: str = "EUR",
    actor_id: int | None,
    note: str = "",
    now: datetime,
) -> MoneyTransaction:
    """Write a transaction. `source` is what it comes from ("attempt:7", "receipt:8"), `subject` what it is for
    ("pledge:34"); a debit is positive. Lines of one account are added up, and those that move nothing left out.

    Once for each source and kind: said again with the same lines, the same transaction; with others `Conflict`
    posted_otherwise. Lines that do not sum to zero, or all move nothing, are a fault of the caller: `ValueError`.
    """
    entries = entries_of(lines)
    merged = [(entry.account, entry.amount) for entry in entries]
    written: MoneyTransaction | None = db.session.scalar(
        inserting(MoneyTransaction)
        .values(
            source=source,
            kind=kind,
            subject=subject,
            currency=currency,
            entries=len(entries),
            rest=0,
            actor_id=actor_id,
            at=now,
            seal=seal(
                source=source,
                kind=kind,
                subject=subject,
                currency=currency,
                actor_id=actor_id,
                at=now,
                lines=merged,
            ),
        )
        .on_conflict_do_nothing(index_elements=["source", "kind"])
        .returning(MoneyTransaction)
    )
    if written is None:
        return _said_again(source, kind, subject, currency, merged)
    numbers = accounts.numbers([account for account, _cents in merged], currency)
    db.session.execute(
        insert(MoneyEntry),
        [
            {
                "transaction_id": written.id,
                "number": entry.number,
                "entries": len(entries),
                "previous": entry.number - 1 or None,
                "account_id": numbers[entry.account],
                "currency": currency,
                "amount": entry.amount,
                "before": entry.before,
                "after": entry.after,
            }
            for entry in entries
        ],
    )
    if note:
        db.session.add(MoneyNote(transaction_id=written.id, text=note))
        db.session.flush()
    return written


def carry(
    *,
    key: str,
    resident_id: int,
    from_subject: str,
    to_subject: str,
    cents: int,
    currency: str = "EUR",
    actor_id: int | None,
    now: datetime,
) -> None:
    """Pay what she owes for one subject with what is hers under another. Once for each key. Raises `Conflict`
    not_hers, not_owed, with `cents`: what there is."""
    member, carried = Account.member(resident_id), Account.carried()
    accounts.hold(member, currency)
    if queries.transaction_of(key, "carried_from") is None:
        hers = -queries.owed(subject=from_subject, resident_id=resident_id, currency=currency)
        owed = queries.owed(subject=to_subject, resident_id=resident_id, currency=currency)
        if cents > hers:
            raise Conflict("payments.not_hers", cents=max(0, hers), currency=currency)
        if cents > owed:
            raise Conflict("payments.not_owed", cents=max(0, owed), currency=currency)
    for kind, subject, moved in (("carried_from", from_subject, cents), ("carried_to", to_subject, -cents)):
        post(
            source=key,
            kind=kind,
            subject=subject,
            lines=[(member, moved), (carried, -moved)],
            currency=currency,
            actor_id=actor_id,
            now=now,
        )


def _said_again(
    source: str, kind: str, subject: str, currency: str, merged: Sequence[Line]
) -> MoneyTransaction:
    """The transaction that stands for this source and kind, if it says the same."""
    stands = db.session.scalars(
        select(MoneyTransaction).where(MoneyTransaction.source == source, MoneyTransaction.kind == kind)
    ).one()
    if (stands.subject, stands.currency) != (subject, currency) or queries.lines_of(stands.id) != dict(
        merged
    ):
        raise Conflict("payments.posted_otherwise")
    return stands
