"""The whole ledger, proved: what the database and the services promise is counted again from the entries alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.skills.ledger.models import EARNING, TimeAccount, TimeEntry, TimeReservation, TimeTransfer

SHOWN = 100
"""So many faults of one sort are named, no more."""


@dataclass(frozen=True)
class Fault:
    """What does not hold, and where: "transfer 12", "account 3"."""

    where: str
    what: str


@dataclass(frozen=True)
class Audit:
    """How much was looked at, and all that does not hold."""

    accounts: int
    transfers: int
    faults: Sequence[Fault]


_MINUTES = TimeEntry.side * TimeEntry.amount


def audit() -> Audit:
    """Look at everything as it stands at one moment, whoever writes meanwhile."""
    db.session.rollback()
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    faults = list(chain.from_iterable(check() for check in CHECKS))
    audited = Audit(
        db.session.scalars(select(func.count()).select_from(TimeAccount)).one(),
        db.session.scalars(select(func.count()).select_from(TimeTransfer)).one(),
        faults,
    )
    db.session.rollback()
    return audited


def _transfers() -> Iterator[Fault]:
    """Each has exactly two entries, of its own minutes, that sum to zero."""
    count, total = func.count(TimeEntry.side), func.coalesce(func.sum(_MINUTES), 0)
    odd = func.coalesce(func.sum(case((TimeEntry.amount != TimeTransfer.minutes, 1), else_=0)), 0)
    query = (
        select(TimeTransfer.id, count.label("count"), total.label("total"), odd.label("odd"))
        .outerjoin(TimeEntry, TimeEntry.transfer_id == TimeTransfer.id)
        .group_by(TimeTransfer.id)
        .having(or_(count != 2, total != 0, odd != 0))
        .order_by(TimeTransfer.id)
    )
    for row in _found(query):
        if row.count != 2:
            yield Fault(f"transfer {row.id}", f"it has {row.count} entries, not two")
        elif row.total:
            yield Fault(f"transfer {row.id}", f"its entries sum to {row.total}, not zero")
        else:
            yield Fault(f"transfer {row.id}", "its entries are of other minutes than it says")


def _orphans() -> Iterator[Fault]:
    """No entry stands without its transfer, or of an account that is none."""
    query = (
        select(TimeEntry.transfer_id, TimeEntry.account_id)
        .outerjoin(TimeTransfer, TimeTransfer.id == TimeEntry.transfer_id)
        .outerjoin(TimeAccount, TimeAccount.id == TimeEntry.account_id)
        .where(or_(TimeTransfer.id.is_(None), TimeAccount.id.is_(None)))
        .order_by(TimeEntry.transfer_id)
    )
    for row in _found(query):
        yield Fault(f"transfer {row.transfer_id}", f"an entry of account {row.account_id} belongs to nothing")


def _running() -> Iterator[Fault]:
    """The entries of an account are counted from one, and each says what the account held after it."""
    whose, order = TimeEntry.account_id, TimeEntry.number
    counted = select(
        TimeEntry.account_id,
        TimeEntry.transfer_id,
        TimeEntry.number,
        TimeEntry.balance,
        func.row_number().over(partition_by=whose, order_by=order).label("place"),
        func.sum(_MINUTES).over(partition_by=whose, order_by=order).label("held"),
    ).subquery()
    query = (
        select(counted)
        .where(or_(counted.c.number != counted.c.place, counted.c.balance != counted.c.held))
        .order_by(counted.c.account_id, counted.c.number)
    )
    for row in _found(query):
        where = f"account {row.account_id}, entry {row.number} (transfer {row.transfer_id})"
        if row.number != row.place:
            yield Fault(where, f"it is the {row.place}th of the account")
        else:
            yield Fault(where, f"it says {row.balance} minutes after it, the entries make {row.held}")


def _accounts() -> Iterator[Fault]:
    """What each account says of itself is what its entries and its promises make."""
    for row in _found(_as_counted()):
        for said, counted, what in (
            (row.balance, row.sum, "balance"),
            (row.entries, row.count, "entries"),
            (row.going_out, row.out, "minutes reserved from it"),
            (row.coming_in, row.into, "minutes reserved for it"),
            (row.given, row.earned, "minutes given"),
        ):
            if said != counted:
                yield Fault(f"account {row.id}", f"{what}: it says {said}, counted {counted}")


def _as_counted() -> Any:
    wrong = aliased(TimeTransfer)
    earned = case(
        (and_(TimeTransfer.kind.in_(EARNING), TimeEntry.side == 1), TimeEntry.amount),
        (and_(wrong.kind.in_(EARNING), TimeEntry.side == -1), -TimeEntry.amount),
        else_=0,
    )
    written = (
        select(
            TimeEntry.account_id,
            func.sum(_MINUTES).label("sum"),
            func.count().label("count"),
            func.sum(earned).label("earned"),
        )
        .join(TimeTransfer, TimeTransfer.id == TimeEntry.transfer_id)
        .outerjoin(wrong, wrong.id == TimeTransfer.reverses_id)
        .group_by(TimeEntry.account_id)
        .subquery()
    )
    promised = [
        select(holder.label("account_id"), func.sum(TimeReservation.minutes).label("minutes"))
        .group_by(holder)
        .subquery()
        for holder in (TimeReservation.payer_id, TimeReservation.payee_id)
    ]
    counted = {
        "sum": written.c.sum,
        "count": written.c.count,
        "out": promised[0].c.minutes,
        "into": promised[1].c.minutes,
        "earned": written.c.earned,
    }
    said = (
        TimeAccount.balance,
        TimeAccount.entries,
        TimeAccount.going_out,
        TimeAccount.coming_in,
        TimeAccount.given,
    )
    counts = [func.coalesce(column, 0).label(name) for name, column in counted.items()]
    query = select(TimeAccount.id, *said, *counts)
    for table in (written, *promised):
        query = query.outerjoin(table, table.c.account_id == TimeAccount.id)
    differs = [one != func.coalesce(other, 0) for one, other in zip(said, counted.values(), strict=True)]
    return query.where(or_(*differs)).order_by(TimeAccount.id)


def _reversals() -> Iterator[Fault]:
    """A reversal is the contrary of what it reverses: who had paid is paid back as much."""
    contrary, wrong = aliased(TimeEntry), aliased(TimeEntry)
    query = (
        select(TimeTransfer.id, TimeTransfer.reverses_id)
        .join(contrary, and_(contrary.transfer_id == TimeTransfer.id, contrary.side == 1))
        .join(wrong, and_(wrong.transfer_id == TimeTransfer.reverses_id, wrong.side == -1))
        .where(or_(contrary.account_id != wrong.account_id, contrary.amount != wrong.amount))
        .order_by(TimeTransfer.id)
    )
    for row in _found(query):
        yield Fault(f"transfer {row.id}", f"it is not the contrary of transfer {row.reverses_id}")


def _whole() -> Iterator[Fault]:
    """All accounts together hold nothing."""
    total = db.session.scalar(select(func.sum(TimeAccount.balance))) or 0
    if total:
        yield Fault("all accounts", f"they sum to {total}, not zero")


def _found(query: Any) -> Sequence[Any]:
    return db.session.execute(query.limit(SHOWN)).all()


CHECKS: Sequence[Callable[[], Iterator[Fault]]] = (
    _transfers,
    _orphans,
    _running,
    _accounts,
    _reversals,
    _whole,
)
