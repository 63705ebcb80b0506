"""Accounts as an act needs them: opened when they are first needed, and held while something is read that is gone by."""

from collections.abc import Collection

from sqlalchemy import select, tuple_

from app.core.db import db, inserting, locked
from app.payments.ledger.models import MoneyAccount
from app.payments.ledger.rules import OF_HUB, OF_RESIDENT, Account


def numbers(accounts: Collection[Account], currency: str) -> dict[Account, int]:
    """The number of each, whether it was there before or not."""
    known = _known(accounts, currency)
    missing = [account for account in accounts if account not in known]
    if missing:
        _open(missing, currency)
        known |= _known(missing, currency)
    return known


def hold(account: Account, currency: str) -> int:
    """Its number; what is gone by may be read of it now, because no other act holds it until the transaction ends. Who
    takes what is owed, or gives back what is hers, holds the member's account first."""
    number = numbers([account], currency)[account]
    locked(MoneyAccount, number)
    return number


def _known(accounts: Collection[Account], currency: str) -> dict[Account, int]:
    rows = db.session.execute(
        select(MoneyAccount.id, MoneyAccount.kind, MoneyAccount.holder).where(
            MoneyAccount.currency == currency,
            tuple_(MoneyAccount.kind, MoneyAccount.holder).in_([(one.kind, one.holder) for one in accounts]),
        )
    )
    return {Account(row.kind, row.holder): row.id for row in rows}


def _open(accounts: Collection[Account], currency: str) -> None:
    """Always in one order, so that two who open the same ones do not wait for each other."""
    db.session.execute(
        inserting(MoneyAccount.__table__).on_conflict_do_nothing(),
        [
            {
                "kind": one.kind,
                "holder": one.holder,
                "currency": currency,
                "resident_id": int(one.holder) if one.kind in OF_RESIDENT else None,
                "hub_id": int(one.holder) if one.kind in OF_HUB else None,
            }
            for one in sorted(accounts, key=str)
        ],
    )
