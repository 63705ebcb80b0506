"""What tests of the ledger do, each in a transaction of its own."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.core.db import db, transaction
from app.skills.ledger import services
from app.skills.ledger.models import TimeAccount, TimeTransfer
from app.skills.ledger.rules import Party
from tests import factories

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def somebody(**values: Any) -> Party:
    return Party(resident_id=factories.resident(**values).id)


def account(party: Party) -> TimeAccount:
    db.session.rollback()
    return db.session.scalars(
        select(TimeAccount).where(
            TimeAccount.resident_id == party.resident_id
            if party.resident_id
            else TimeAccount.hub_id == party.hub_id
        )
    ).one()


def reserve(payer: Party, payee: Party, minutes: int, key: str = "session:1") -> None:
    with transaction():
        services.reserve(key=key, payer=payer, payee=payee, minutes=minutes, now=NOW)


def release(key: str = "session:1") -> None:
    with transaction():
        services.release(key=key, now=NOW)


def settle(minutes: int, key: str = "session:1") -> TimeTransfer:
    with transaction():
        return services.settle(key=key, minutes=minutes, kind="session", now=NOW)


def pay(
    payer: Party, payee: Party, minutes: int, key: str = "gift:1", kind: str = "gift", **values: Any
) -> services.Paid:
    with transaction():
        return services.pay(
            key=key, payer=payer, payee=payee, minutes=minutes, kind=kind, actor_id=None, now=NOW, **values
        )


def reverse(transfer: TimeTransfer | None, actor: Any, note: str = "Séance notée deux fois") -> TimeTransfer:
    assert transfer is not None
    with transaction():
        return services.reverse(transfer_id=transfer.id, actor_id=actor.id, note=note, now=NOW)


def with_balance(minutes: int) -> Party:
    """Somebody who has earned that much, or owes it."""
    party, other = somebody(), Party(hub_id=factories.hub().id)
    if minutes >= 0:
        pay(other, party, minutes, key=f"workshop:of-{other.hub_id}", kind="workshop")
    else:
        pay(other, party, 60, key=f"workshop:of-{other.hub_id}", kind="workshop")
        pay(party, other, 60 - minutes, key=f"gift:of-{other.hub_id}")
    return party
