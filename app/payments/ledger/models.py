"""The ledger of money: accounts, transactions, and their entries.

The database keeps the promise itself. The entries of a transaction form a chain: each says the sum `before` it and
`after` it and stands on the one before; the transaction points at its last one, after which the sum is zero (looked at
when the database transaction ends). None fits behind the last, and triggers refuse to change or delete what is written
(migration 0021). So no transaction can stand that does not sum to zero, whoever writes it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.payments.ledger.rules import OF_HUB, OF_RESIDENT, Account


def _one_of(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


class MoneyAccount(Base):
    """An account in one currency, opened when it is first needed. `holder` is the resident's or the hub's number, or
    the subject whose account it is. It holds no balance: that is the sum of its entries."""

    __tablename__ = "money_account"
    __table_args__ = (
        UniqueConstraint("kind", "holder", "currency"),
        UniqueConstraint("id", "currency"),
        CheckConstraint(f"(kind IN ({_one_of(OF_RESIDENT)})) = (resident_id IS NOT NULL)", name="resident"),
        CheckConstraint(f"(kind IN ({_one_of(OF_HUB)})) = (hub_id IS NOT NULL)", name="hub"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    holder: Mapped[str]
    currency: Mapped[str]
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"), index=True)

    @property
    def account(self) -> Account:
        """Whose it is."""
        return Account(self.kind, self.holder)


class MoneyTransaction(Base):
    """Money that moved, once for each source and kind. `subject` is what it was for; `entries` how many there are, the
    last of which leaves `rest`, always zero; `seal` is what all of it comes to (`rules.seal`)."""

    __tablename__ = "money_transaction"
    __table_args__ = (
        UniqueConstraint("source", "kind"),
        UniqueConstraint("id", "entries", "currency"),
        CheckConstraint("entries > 1", name="entries"),
        CheckConstraint("rest = 0", name="rest"),
        Index("ix_money_transaction_subject", "subject", "id"),
        ForeignKeyConstraint(
            ["id", "entries", "rest"],
            ["money_entry.transaction_id", "money_entry.number", "money_entry.after"],
            name="fk_money_transaction_last",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    currency: Mapped[str]
    entries: Mapped[int]
    rest: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    at: Mapped[datetime]
    seal: Mapped[str]


class MoneyEntry(Base):
    """One line of a transaction: what its account gains, below zero what it gives. It is number `number` of `entries`,
    and stands on the one before, `previous`."""

    __tablename__ = "money_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transaction_id", "entries", "currency"],
            ["money_transaction.id", "money_transaction.entries", "money_transaction.currency"],
            name="fk_money_entry_transaction",
        ),
        ForeignKeyConstraint(
            ["transaction_id", "previous", "before"],
            ["money_entry.transaction_id", "money_entry.number", "money_entry.after"],
            name="fk_money_entry_previous",
        ),
        ForeignKeyConstraint(
            ["account_id", "currency"],
            ["money_account.id", "money_account.currency"],
            name="fk_money_entry_account",
        ),
        UniqueConstraint("transaction_id", "number", "after"),
        UniqueConstraint("transaction_id", "account_id"),
        CheckConstraint("number BETWEEN 1 AND entries", name="number"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("after = before + amount", name="after"),
        CheckConstraint("(number = 1) = (previous IS NULL) AND previous = number - 1", name="previous"),
        CheckConstraint("number > 1 OR before = 0", name="first"),
        Index("ix_money_entry_account", "account_id", "transaction_id", "amount"),
    )

    transaction_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entries: Mapped[int]
    previous: Mapped[int | None]
    account_id: Mapped[int]
    currency: Mapped[str]
    amount: Mapped[int]
    before: Mapped[int]
    after: Mapped[int]


class MoneyNote(Base):
    """The words that go with a transaction. They stand beside the ledger, because they may have to be forgotten."""

    __tablename__ = "money_note"

    transaction_id: Mapped[int] = mapped_column(ForeignKey("money_transaction.id"), primary_key=True)
    text: Mapped[str]
