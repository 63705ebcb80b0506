"""What tests of cards do: leave one, ask it for money, look what the provider and the ledger know."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, transaction
from app.core.outbox import StoredEvent
from app.payments.cards import carrying, jobs, queries, services
from app.payments.cards.models import PaymentAttempt, SavedCard
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction
from tests.harness.provider import ASKS_OWNER, GOOD, Provider

SUBJECT = "pledge:1"


def plan(kind: str, who: Resident, cents: int = 0, **more: Any) -> PaymentAttempt:
    now = more.pop("now", None) or clock.now()
    with transaction():
        return services.plan(
            kind=kind,
            subject=more.pop("subject", SUBJECT),
            resident_id=who.id,
            cents=cents,
            now=now,
            **more,
        )


def asked(kind: str, who: Resident, cents: int = 0, **more: Any) -> PaymentAttempt:
    """Planned, and carried out at once."""
    now = more.get("now") or clock.now()
    attempt = plan(kind, who, cents, **more)
    return carrying.carry_out(attempt.id, now=now) or attempt


def card(provider: Provider, who: Resident, number: str = GOOD, *, subject: str = SUBJECT) -> SavedCard:
    """Left on the provider's form, and kept."""
    save = asked("save", who, subject=subject)
    assert save.status == "requires_action"
    assert save.reference is not None
    provider.leave_card(save.reference, number)
    if number == ASKS_OWNER:
        provider.ask("POST", f"/v1/setup_intents/{save.reference}/confirm", {})
    carrying.carry_out(save.id, now=clock.now())
    kept = queries.card_of(subject)
    assert kept is not None
    return kept


def later(**span: float) -> datetime:
    return clock.now() + timedelta(**span)


def run_jobs(**span: float) -> None:
    now = later(**span)
    jobs.carry_out(now=now)
    jobs.read_webhooks(now=now)
    jobs.carry_out(now=now)


def fresh(attempt: PaymentAttempt) -> PaymentAttempt:
    db.session.rollback()
    return db.session.get_one(PaymentAttempt, attempt.id)


def held_in(kind: str) -> int:
    """What all accounts of a kind hold."""
    db.session.rollback()
    return (
        db.session.scalar(
            select(func.sum(MoneyEntry.amount))
            .join(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
            .where(MoneyAccount.kind == kind)
        )
        or 0
    )


def posted() -> list[str]:
    """The kinds of the ledger's transactions, in order."""
    db.session.rollback()
    return list(db.session.scalars(select(MoneyTransaction.kind).order_by(MoneyTransaction.id)))


def told(kind: str) -> list[dict[str, Any]]:
    """What was recorded to have happened, of one kind."""
    db.session.rollback()
    found = db.session.scalars(
        select(StoredEvent.payload).where(StoredEvent.kind == kind).order_by(StoredEvent.id)
    )
    return list(found)
