"""The comparison itself. The database is looked at as it stands at one moment; the provider is asked afterwards, while no
transaction is open."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.payments.cards import carrying, queries
from app.payments.cards.models import PaymentAttempt
from app.payments.cards.rules import BLIND
from app.payments.cash import audit as receipts
from app.payments.gateways import choosing
from app.payments.ledger import audit as ledger
from app.payments.ledger.audit import Counted, Fault
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction

MOVING = ("charge", "capture", "refund")
"""What an attempt with a card moves money by; the rest only holds it, or lets go."""

BEGUN_BEFORE = timedelta(days=8)
"""How much earlier a payment may have been begun than its money moved: no card is held longer."""
AT_ONCE = 400


@dataclass(frozen=True)
class Compared:
    """How much was looked at, and all that differs. `asked`: how many attempts the provider was asked about; `unheard`:
    how many of its answers, its own list among them, did not come."""

    transactions: int
    asked: int
    faults: Sequence[Fault]
    unheard: int = 0


class Unheard(Exception):
    """The provider did not answer: nothing is concluded."""


def compare(*, since: datetime | None, now: datetime) -> Compared:
    """The whole ledger, and at the provider what has moved since then (None: everything)."""
    counted = Counted()
    faults = _at_one_moment(counted, now=now)
    if not queries.enabled():
        return Compared(counted.transactions, 0, faults)
    asked, unheard = _moved(since), 0
    questions: list[partial[Iterator[Fault]]] = [partial(_not_from_here, since)]
    questions += [partial(_at_provider, attempt_id) for attempt_id in asked]
    for question in questions:
        try:
            faults += question()
        except Unheard:
            unheard += 1
    return Compared(counted.transactions, len(asked), faults, unheard)


def _at_one_moment(counted: Counted, *, now: datetime) -> list[Fault]:
    """Whoever writes meanwhile."""
    db.session.rollback()
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = list(
        chain(ledger.faults(counted), receipts.faults(), _attempts(), _without_attempt(), _stuck(now))
    )
    db.session.rollback()
    return found


def _attempts() -> Iterator[Fault]:
    """What a card has paid or got back stands in the ledger, and nothing else does."""
    collected = (
        select(MoneyTransaction.source, func.sum(MoneyEntry.amount).label("cents"))
        .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .join(MoneyAccount, and_(MoneyAccount.id == MoneyEntry.account_id, MoneyAccount.kind == "stripe"))
        .where(MoneyTransaction.source.like("attempt:%"))
        .group_by(MoneyTransaction.source)
    )
    written = {row.source: int(row.cents) for row in db.session.execute(collected)}
    rows = db.session.execute(
        select(PaymentAttempt.id, PaymentAttempt.kind, PaymentAttempt.cents, PaymentAttempt.status)
        .where(PaymentAttempt.kind.in_(MOVING))
        .order_by(PaymentAttempt.id)
    )
    for row in rows:
        moved = 0 if row.status != "succeeded" else -row.cents if row.kind == "refund" else row.cents
        cents = written.get(f"attempt:{row.id}", 0)
        if cents != moved:
            yield Fault(
                f"attempt:{row.id} ({row.kind}, {row.status})", f"it moved {moved}, the ledger says {cents}"
            )


def _without_attempt() -> Iterator[Fault]:
    known = {f"attempt:{number}" for number in db.session.scalars(select(PaymentAttempt.id))}
    rows = db.session.execute(
        select(MoneyTransaction.id, MoneyTransaction.source)
        .where(MoneyTransaction.source.like("attempt:%"))
        .order_by(MoneyTransaction.id)
    )
    for row in rows:
        if row.source not in known:
            yield Fault(f"transaction {row.id}", f"{row.source} is gone")


def _stuck(now: datetime) -> Iterator[Fault]:
    """An attempt whose end nobody knows, though the provider should have said it long ago."""
    rows = db.session.execute(
        select(PaymentAttempt.id, PaymentAttempt.kind)
        .where(PaymentAttempt.status == "unknown", PaymentAttempt.first_sent_at < now - BLIND)
        .order_by(PaymentAttempt.id)
    )
    for row in rows:
        yield Fault(f"attempt:{row.id} ({row.kind})", "for a day nobody has known what became of it")


# -- at the provider --------------------------------------------------------------------------------------


def _moved(since: datetime | None) -> list[int]:
    """Attempts that have ended and may have moved money."""
    ended = PaymentAttempt.ended_at.is_not(None)
    return list(
        db.session.scalars(
            select(PaymentAttempt.id)
            .where(
                PaymentAttempt.kind.in_(MOVING),
                ended if since is None else PaymentAttempt.ended_at >= since,
                or_(PaymentAttempt.status == "succeeded", PaymentAttempt.reference.is_not(None)),
            )
            .order_by(PaymentAttempt.id)
        )
    )


def _not_from_here(since: datetime | None) -> Iterator[Fault]:
    """Money that the provider moved for us and that nothing here knows of, as after an old copy of the database was put
    back. What others do on the same account is theirs. The provider is asked first: what it then knows was written down
    here before."""
    db.session.rollback()
    moved = choosing.gateway().movements(since=since and since - BEGUN_BEFORE)
    if moved is None:
        raise Unheard
    mark = f"{choosing.installation()}:"
    ours = [one for one in moved if one.key.startswith(mark)]
    known = _known([one.key for one in ours])
    for one in ours:
        if one.key not in known:
            yield Fault(
                f"{one.reference} ({one.kind})", f"the provider moved {one.cents}, nothing here knows of it"
            )


def _known(keys: Sequence[str]) -> Collection[str]:
    """Of these keys, those under which money was asked for here: at once, or by a capture of what was held."""
    capture = aliased(PaymentAttempt)
    captured = (
        select(capture.id).where(capture.of_id == PaymentAttempt.id, capture.kind == "capture").exists()
    )
    found: set[str] = set()
    for first in range(0, len(keys), AT_ONCE):
        found.update(
            db.session.scalars(
                select(PaymentAttempt.key).where(
                    PaymentAttempt.key.in_(keys[first : first + AT_ONCE]),
                    or_(PaymentAttempt.kind.in_(MOVING), captured),
                )
            )
        )
    return found


def _at_provider(attempt_id: int) -> Iterator[Fault]:
    """What it says has become of it. Where it does not answer, nothing is concluded."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id)
    where, ours, cents = f"attempt:{attempt.id} ({attempt.kind})", attempt.status, attempt.cents
    answer = carrying.glance(attempt_id)
    if answer is None:
        if ours == "succeeded":
            yield Fault(where, "the provider knows nothing of it")
    elif answer.outcome == "unknown":
        raise Unheard
    elif (answer.outcome == "succeeded") != (ours == "succeeded"):
        yield Fault(where, f"here it is {ours}, at the provider {answer.outcome}")
    elif ours == "succeeded" and answer.moved is not None and answer.moved != cents:
        yield Fault(where, f"here it moved {cents}, at the provider {answer.moved}")
