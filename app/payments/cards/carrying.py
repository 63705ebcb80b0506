"""Speaking with the provider: by entry points after the commit, and by the job for all that waits. Written down that it
is about to be asked, asked outside any transaction, written down what was answered; whoever dies in between leaves a
lease, and is followed with the same key and the same words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from app.core.db import db, locked_one, retrying, transaction
from app.payments.cards import rules, services
from app.payments.cards.models import PaymentAttempt
from app.payments.gateways import choosing
from app.payments.gateways.protocol import Answer, Gateway

log = structlog.get_logger()


@dataclass(frozen=True)
class Asked:
    """An attempt as it is taken in hand. `look`: ask what became of it before anything else."""

    id: int
    kind: str
    key: str
    parameters: Mapping[str, Any]
    reference: str | None
    look: bool


def carry_out(attempt_id: int, *, now: datetime) -> PaymentAttempt | None:
    """Ask the provider, and write down what it answers; None where it has ended, or somebody else is at it. Opens its
    own transactions: never inside one."""
    asked = retrying(lambda: _take_in_hand(attempt_id, now=now))
    return None if asked is None else _ask(asked, now=now)


def look_again(attempt_id: int, *, now: datetime) -> PaymentAttempt | None:
    """The same for somebody who heard that something has happened to it, even where it seemed to have ended."""
    asked = retrying(lambda: _take_in_hand(attempt_id, now=now, heard=True))
    return None if asked is None else _ask(asked, now=now)


def _take_in_hand(attempt_id: int, *, now: datetime, heard: bool = False) -> Asked | None:
    with transaction():
        attempt = locked_one(PaymentAttempt, attempt_id)
        if attempt is None or (attempt.leased_until is not None and attempt.leased_until > now):
            return None
        held = attempt.kind == "authorize" and attempt.status == "succeeded" and attempt.over_at is None
        if attempt.status in rules.ENDED and not (heard and held):
            return None
        sent = attempt.first_sent_at is not None
        look = (
            attempt.status in ("processing", "requires_action", "succeeded")
            or rules.look_first(attempt.first_sent_at, now=now)
            or (sent and not choosing.takes_cards())
        )
        attempt.first_sent_at = attempt.first_sent_at or now
        attempt.leased_until = now + rules.LEASE
        attempt.tries += 1
        return Asked(attempt.id, attempt.kind, attempt.key, attempt.parameters, attempt.reference, look)


def _ask(asked: Asked, *, now: datetime) -> PaymentAttempt:
    answer = answered(choosing.gateway(), asked)
    if answer.outcome in ("unknown", "declined"):
        log.info("card", attempt=asked.id, kind=asked.kind, outcome=answer.outcome, code=answer.code)
    return retrying(lambda: _write_down(asked.id, answer, now=now))


def answered(gateway: Gateway, asked: Asked) -> Answer:
    """What became of it, where one has to look first; else, or where the provider knows nothing of it, the act itself."""
    if asked.look:
        found = gateway.fetch(
            asked.kind, key=asked.key, parameters=asked.parameters, reference=asked.reference
        )
        if found is not None:
            return found
    act = getattr(gateway, "save_method" if asked.kind == "save" else asked.kind)
    said: Answer = act(key=asked.key, **asked.parameters)
    return said


def glance(attempt_id: int) -> Answer | None:
    """How an attempt stands at the provider, with what opens its form, and nothing written down; None where the provider
    does not say, or knows nothing of it. No transaction is open while it is asked."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id)
    about = (attempt.kind, attempt.key, attempt.parameters, attempt.reference)
    db.session.rollback()
    kind, key, parameters, reference = about
    return choosing.gateway().fetch(kind, key=key, parameters=parameters, reference=reference)


def _write_down(attempt_id: int, answer: Answer, *, now: datetime) -> PaymentAttempt:
    with transaction():
        return services.take_in(attempt_id=attempt_id, answer=answer, now=now)
