"""What tests of pledges do, each in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.core.outbox import StoredEvent
from app.notifications.models import Notification
from app.payments.cards import services as cards
from app.payments.cards.models import SavedCard
from app.payments.gateways.protocol import Answer, Card
from app.payments.ledger.models import MoneyTransaction
from app.purchases.models import Campaign, Product
from app.purchases.pledging import closing, services
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.pledging.rules import Wish
from app.purchases.pledging.services import Pledged
from tests import factories

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CLOSES = NOW + timedelta(days=10)
SAVED = Answer(
    "succeeded",
    reference="seti_1",
    customer="cus_1",
    card=Card(reference="pm_1", brand="visa", last4="4242", exp_month=12, exp_year=2030),
)


def campaign(**values: Any) -> Campaign:
    """Open since two days, until in ten; pays at the counter, no minimum."""
    return factories.campaign(
        **{
            "opens_at": NOW - timedelta(days=2),
            "closes_at": CLOSES,
            "delivery_day": (CLOSES + timedelta(days=5)).date(),
            "created_at": NOW - timedelta(days=3),
            **values,
        }
    )


def wish(product: Product, want: int, tolerance: int = 0) -> Wish:
    return Wish(product.id, want, tolerance)


def pledge(one: Campaign, who: Resident, *wishes: Wish, now: datetime = NOW, **more: Any) -> Pledged:
    with transaction():
        return services.pledge(campaign_id=one.id, actor_id=who.id, wishes=wishes, now=now, **more)


def withdraw(one: Campaign, who: Resident, *, now: datetime = NOW) -> Pledge | None:
    with transaction():
        return services.withdraw(campaign_id=one.id, actor_id=who.id, now=now)


def close(one: Campaign, *, now: datetime = CLOSES, actor: Resident | None = None) -> Campaign:
    with transaction():
        return closing.close(campaign_id=one.id, actor_id=actor.id if actor else None, now=now)


def fresh(one: Any) -> Any:
    """The row as it is stored now."""
    db.session.rollback()
    return db.session.get_one(type(one), one.id, populate_existing=True)


def given(one: Campaign) -> dict[tuple[int, int], int]:
    """What was given: (resident, product) to units."""
    db.session.rollback()
    rows = db.session.execute(
        select(Pledge.resident_id, Allotment.product_id, Allotment.quantity)
        .join(Pledge, Pledge.id == Allotment.pledge_id)
        .where(Pledge.campaign_id == one.id)
    )
    return {(resident, product): units for resident, product, units in rows}


def totals(one: Campaign) -> dict[int, int | None]:
    """What each pays, by resident."""
    db.session.rollback()
    rows = db.session.execute(
        select(Pledge.resident_id, Pledge.total_cents).where(Pledge.campaign_id == one.id)
    )
    return {row.resident_id: row.total_cents for row in rows}


def events(kind: str) -> int:
    """How often this was recorded."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(StoredEvent.kind == kind)) or 0


def dues() -> int:
    """How many dues stand in the ledger."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(MoneyTransaction.kind == "due")) or 0


def deliver(*, now: datetime = NOW, again: bool = False) -> None:
    """Tell the handlers what happened; `again`: as somebody would who died before it was written down."""
    if again:
        with transaction() as session:
            for stored in session.scalars(select(StoredEvent)):
                stored.delivered_at, stored.next_try_at = None, now
    outbox.deliver(outbox.due(now=now + timedelta(minutes=1), limit=1000), now=now)


def told(who: Resident, kind: str) -> Sequence[Notification]:
    db.session.rollback()
    return db.session.scalars(
        select(Notification).where(Notification.resident_id == who.id, Notification.kind == kind)
    ).all()


def cards_taken(app: Flask, monkeypatch: pytest.MonkeyPatch, *, taken: bool = True) -> None:
    """As if this installation could ask for cards, or no more."""
    monkeypatch.setitem(app.extensions, "movilab.gateway", SimpleNamespace(takes_cards=taken))


def card_comes(attempt_id: int, *, now: datetime = NOW) -> SavedCard:
    """She left her card with the provider; what follows from it is told afterwards."""
    with transaction():
        answer = replace(SAVED, reference=f"seti_{attempt_id}")  # the provider never gives a name twice
        attempt = cards.take_in(attempt_id=attempt_id, answer=answer, now=now)
    return db.session.scalars(select(SavedCard).where(SavedCard.attempt_id == attempt.id)).one()
