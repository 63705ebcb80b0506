"""Work that belongs to the whole house: events that nobody has finished telling, and what is kept no longer."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.sql.elements import ColumnElement

from app.accounts.models import BrowserSession, MailedLink, Resident
from app.core import outbox
from app.core.db import Base, db
from app.core.errors import Conflict
from app.core.idempotency import KEPT as KEYS_KEPT
from app.core.idempotency import IdempotencyKey
from app.core.jobs import in_one, keep_going, until_empty
from app.core.outbox import StoredEvent
from app.hubs.models import Membership
from app.notifications import jobs as notifications_jobs
from app.payments.cards.models import WebhookEvent

EVENTS_AT_ONCE = 100
ROWS_AT_ONCE = 1000

EVENTS_KEPT = timedelta(days=30)
LINKS_KEPT = timedelta(days=7)
"""After they are over, so that an old link still says that it is old."""
UNCONFIRMED_KEPT = timedelta(days=7)
NEWS_KEPT = timedelta(days=90)
"""News of the provider of cards that was read. Stripe sends the same again for three days by itself, for thirty by hand
(docs.stripe.com/webhooks); only what is still here is known as a repetition."""


def deliver_events(*, now: datetime) -> int:
    """Tell the rooms what the web server did not get to tell them; how many events are now told."""
    delivered = 0
    while keep_going() and (ids := outbox.due(now=now, limit=EVENTS_AT_ONCE)):
        delivered += outbox.deliver(ids, now=now)
    return delivered


def purge(*, now: datetime) -> int:
    """Forget what is kept no longer: answers to programs, told events, sessions and links that are over, mail that
    left, news of the provider of cards, accounts whose address never answered; how many rows."""
    return (
        _forget(IdempotencyKey, IdempotencyKey.created_at < now - KEYS_KEPT)
        + _forget(StoredEvent, StoredEvent.delivered_at < now - EVENTS_KEPT)
        + _forget(BrowserSession, BrowserSession.expires_at < now)
        + _forget(MailedLink, MailedLink.expires_at < now - LINKS_KEPT)
        + _forget(WebhookEvent, WebhookEvent.read_at < now - NEWS_KEPT)
        + notifications_jobs.forget_old(now=now)
        + _forget_unconfirmed(now - UNCONFIRMED_KEPT)
    )


def _forget(model: type[Base], over: ColumnElement[bool]) -> int:
    key: Any = model.__mapper__.primary_key[0]

    def batch() -> int:
        old = select(key).where(over).limit(ROWS_AT_ONCE)
        return len(db.session.execute(delete(model).where(key.in_(old)).returning(key)).all())

    return until_empty(batch, ROWS_AT_ONCE)


def _forget_unconfirmed(before: datetime) -> int:
    """Accounts made before then whose address never answered, that nobody verified in person and that nothing is
    tied to: the database itself refuses to let go of one that has a loan, an object, a message."""
    forgotten, last = 0, 0
    while keep_going():
        ids = db.session.scalars(
            select(Resident.id)
            .where(Resident.id > last, _never_answered(before))
            .order_by(Resident.id)
            .limit(ROWS_AT_ONCE)
        ).all()
        for resident_id in ids:
            forgotten += _forget_resident(resident_id, before)
        if len(ids) < ROWS_AT_ONCE:
            break
        last = ids[-1]
    return forgotten


def _never_answered(before: datetime) -> ColumnElement[bool]:
    return (
        Resident.email.is_not(None)
        & Resident.email_confirmed_at.is_(None)
        & Resident.verified_in_person_at.is_(None)
        & Resident.is_steward.is_(False)
        & (Resident.created_at < before)
    )


def _forget_resident(resident_id: int, before: datetime) -> int:
    def once() -> int:
        session = db.session
        session.execute(
            delete(Membership).where(Membership.resident_id == resident_id, Membership.status == "pending")
        )
        gone = session.execute(
            delete(Resident).where(Resident.id == resident_id, _never_answered(before)).returning(Resident.id)
        )
        return len(gone.all())

    try:
        return in_one(once)
    except Conflict:
        return 0
