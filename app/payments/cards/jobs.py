"""What cards do when time passes: what waits is spoken, what was heard is looked at. No transaction is open while the
provider is asked, and each may be killed between any two of its steps."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.db import db, retrying, transaction
from app.core.jobs import in_one, keep_going
from app.payments.cards import carrying, queries
from app.payments.cards.models import WebhookEvent

BATCH = 50
TRIES = 8
"""So often one looks for what the provider speaks of; then it is somebody else's, or long gone."""
FIRST_WAIT = timedelta(seconds=10)


def carry_out(*, now: datetime) -> int:
    """Ask the provider all that waits to be asked; how many were answered."""
    done = 0
    while keep_going() and (ids := queries.due(now=now, limit=BATCH)):
        db.session.rollback()
        answered = [carrying.carry_out(attempt_id, now=now) for attempt_id in ids if keep_going()]
        done += sum(attempt is not None for attempt in answered)
        if not any(answered):
            break
    return done


def read_webhooks(*, now: datetime) -> int:
    """Look at all that the provider has spoken of; how many were read."""
    done = 0
    while keep_going() and (heard := in_one(lambda: _unread(now=now))):
        for event_id, reference in heard:
            done += _read(event_id, reference, now=now)
    return done


def _unread(*, now: datetime) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(WebhookEvent.id, WebhookEvent.reference)
        .where(WebhookEvent.read_at.is_(None), WebhookEvent.next_try_at <= now)
        .order_by(WebhookEvent.next_try_at, WebhookEvent.id)
        .limit(BATCH)
    )
    return [(row.id, row.reference) for row in rows]


def _read(event_id: str, reference: str, *, now: datetime) -> int:
    """What it speaks of may not be known here yet: its number comes with our own answer, which may be on its way. Nor is
    it ticked off while somebody is asking: what he hears may be older."""
    about, in_hand = in_one(lambda: queries.about(reference, now=now))
    for attempt_id in about:
        carrying.look_again(attempt_id, now=now)
    return retrying(lambda: _tick_off(event_id, bool(about) and not in_hand, now=now))


def _tick_off(event_id: str, known: bool, *, now: datetime) -> int:
    with transaction() as session:
        event = session.get_one(WebhookEvent, event_id)
        event.tries += 1
        if known or event.tries >= TRIES:
            event.read_at, event.known = now, known
            return 1
        event.next_try_at = now + FIRST_WAIT * 2**event.tries
        return 0
