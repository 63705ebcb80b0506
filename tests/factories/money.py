"""Money for tests: what somebody owes, what she paid, what does not add up. Rows, as by the other factories."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.payments.cash.models import Receipt
from app.payments.differences.models import MoneyDifference
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction
from app.payments.ledger.rules import OF_HUB, OF_RESIDENT, Account, Line, entries_of, seal
from tests.factories import stored


def moved(
    lines: Sequence[Line],
    source: str,
    *,
    kind: str = "due",
    subject: str = "pledge:1",
    at: datetime | None = None,
) -> MoneyTransaction:
    """A transaction with its entries, in euros."""
    at, entries = at or clock.now(), entries_of(lines)
    about = {
        "source": source,
        "kind": kind,
        "subject": subject,
        "currency": "EUR",
        "actor_id": None,
        "at": at,
    }
    written = MoneyTransaction(**about, entries=len(entries), rest=0, seal=seal(**about, lines=lines))  # type: ignore[arg-type]
    with transaction() as session:
        session.add(written)
        session.flush()
        for entry in entries:
            session.add(
                MoneyEntry(
                    transaction_id=written.id,
                    number=entry.number,
                    entries=len(entries),
                    previous=entry.number - 1 or None,
                    account_id=_number(entry.account),
                    currency="EUR",
                    amount=entry.amount,
                    before=entry.before,
                    after=entry.after,
                )
            )
            session.flush()
    return written


def _number(account: Account) -> int:
    """Its row, opened where there is none."""
    whose = (MoneyAccount.kind == account.kind, MoneyAccount.holder == account.holder)
    known = db.session.scalar(select(MoneyAccount).where(*whose, MoneyAccount.currency == "EUR"))
    if known is None:
        known = MoneyAccount(
            kind=account.kind,
            holder=account.holder,
            currency="EUR",
            resident_id=int(account.holder) if account.kind in OF_RESIDENT else None,
            hub_id=int(account.holder) if account.kind in OF_HUB else None,
        )
        db.session.add(known)
        db.session.flush()
    return known.id


def paid(resident: Resident, hub: Hub, volunteer: Resident, cents: int = 1250) -> Receipt:
    """She owed twice as much for something, and paid a half of it in cash."""
    receipt = stored(
        Receipt(
            key=f"paid:{resident.id}:{cents}", way="in", hub_id=hub.id, resident_id=resident.id, subject="other:1",
            means="cash", cents=cents, currency="EUR", actor_id=volunteer.id, at=clock.now(),
        )
    )  # fmt: skip
    member, about = Account.member(resident.id), {"subject": "other:1"}
    moved([(member, 2 * cents), (Account.campaign("other:1"), -2 * cents)], f"other:{receipt.id}", **about)  # type: ignore[arg-type]
    moved([(Account.cash(hub.id), cents), (member, -cents)], receipt.source, kind="receipt", **about)  # type: ignore[arg-type]
    return receipt


def difference() -> MoneyDifference:
    """Something that does not add up, seen today."""
    now = clock.now()
    return stored(
        MoneyDifference(
            place="receipt:8", what="it says 1250, the ledger nothing", first_seen_at=now, last_seen_at=now
        )
    )
