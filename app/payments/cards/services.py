"""What can be done with cards: plan what is to be asked of one, take in what was answered, let go of a card, give back.

Nothing here speaks with the provider. A plan is a row of the caller's own transaction; `carrying.carry_out` speaks it
after the commit, and the job does for all that were left. Attempts are held before the ledger's accounts are.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core import outbox
from app.core.db import db, inserting, locked, locked_one
from app.core.errors import Conflict, NotFound
from app.events.payments import AttemptEnded, CardNeedsAttention
from app.payments import rules as sums
from app.payments.cards import queries, rules, taking_in
from app.payments.cards.models import PaymentAttempt, SavedCard, WebhookEvent
from app.payments.gateways import choosing
from app.payments.gateways.protocol import LAPSED, Answer, Told

NO_CARD, TOO_SMALL, CALLED_OFF, ABANDONED = "no_card", "too_small", "called_off", "abandoned"


def plan(
    *,
    kind: str,
    subject: str,
    resident_id: int,
    cents: int,
    currency: str = "EUR",
    of: int | None = None,
    now: datetime,
) -> PaymentAttempt:
    """Write down what is to be asked of a card: save one, authorize or charge the one kept for this subject; capture or
    release an authorisation (`of`), refund what was taken by one (`of`).

    Planned again while it stands, it is the same attempt; a new one follows only what was declined or is over, except
    for refunds, of which there may be several. Raises `Conflict` nothing_held, more_than_held, refund_too_much (`left`),
    already_asked (with another sum). Without a card, or below the least sum, it is declined at once."""
    base = _held_base(kind, of)
    earlier = _standing(kind, subject, of)
    if earlier is not None:
        if earlier.cents != cents:
            raise Conflict("cards.already_asked")
        return earlier
    if base is not None:
        _refuse_beyond(kind, base, cents)
        currency = base.currency
    card = queries.card_of(subject) if kind in rules.TAKING else None
    attempt = _write(kind, subject, resident_id, cents, currency, of, _words(kind, base, card), now=now)
    if kind in rules.TAKING:
        _decline_at_once(attempt, card, now=now)
    return attempt


def _held_base(kind: str, of: int | None) -> PaymentAttempt | None:
    if (kind in ("capture", "release", "refund")) != (of is not None):
        raise ValueError(f"{kind} of {of}")
    if of is None:
        return None
    base = locked_one(PaymentAttempt, of)
    if base is None:
        raise NotFound
    return base


def _standing(kind: str, subject: str, of: int | None) -> PaymentAttempt | None:
    """The attempt that says this already."""
    if kind == "refund":
        return None
    last = queries.latest(subject, kind)
    if last is None or last.status == "declined" or last.of_id != of or last.unwanted:
        return None
    over = last.over_at is not None or (kind in ("save", "forget") and last.status == "succeeded")
    return None if over else last


def _refuse_beyond(kind: str, base: PaymentAttempt, cents: int) -> None:
    """Whether what it stands on bears it. Of what was taken, no more goes back than has not gone back yet."""
    if kind == "refund":
        left = queries.refundable(base) if base.kind in ("capture", "charge") else 0
        if cents > left:
            raise Conflict("cards.refund_too_much", left=left, currency=base.currency)
        return
    waits = base.status == "requires_action" and kind == "release"
    holds = base.kind == "authorize" and base.status == "succeeded" and base.over_at is None
    if not (waits or holds):
        raise Conflict("cards.nothing_held")
    if kind == "capture" and cents > base.cents:
        raise Conflict("cards.more_than_held", held=base.cents, currency=base.currency)


def _words(kind: str, base: PaymentAttempt | None, card: SavedCard | None) -> dict[str, Any]:
    """What the provider will be told besides the sum."""
    if base is not None:
        return {"intent": base.parameters.get("intent") or base.reference}
    if card is not None and kind in rules.TAKING:
        return {"customer": card.customer, "method": card.reference}
    return {}


def _write(
    kind: str,
    subject: str,
    resident_id: int,
    cents: int,
    currency: str,
    of: int | None,
    words: dict[str, Any],
    *,
    now: datetime,
) -> PaymentAttempt:
    seq = 1 + (
        db.session.scalar(
            select(func.max(PaymentAttempt.seq)).where(
                PaymentAttempt.subject == subject, PaymentAttempt.kind == kind
            )
        )
        or 0
    )
    attempt = PaymentAttempt(
        kind=kind,
        subject=subject,
        seq=seq,
        key=f"{choosing.installation()}:{subject}:{kind}:{seq}",
        resident_id=resident_id,
        cents=cents,
        currency=currency,
        of_id=of,
        parameters=_with_sum(kind, words, resident_id, cents, currency),
        created_at=now,
        next_try_at=now,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _with_sum(
    kind: str, words: dict[str, Any], resident_id: int, cents: int, currency: str
) -> dict[str, Any]:
    if kind == "save":
        return {"resident": resident_id, "customer": taking_in.customer_of(resident_id)}
    if kind in rules.TAKING:
        return {**words, "cents": cents, "currency": currency}
    return {**words, "cents": cents} if kind in ("capture", "refund") else words


def _decline_at_once(attempt: PaymentAttempt, card: SavedCard | None, *, now: datetime) -> None:
    code = NO_CARD if card is None else TOO_SMALL
    if card is None or not sums.chargeable(attempt.cents, attempt.currency):
        take_in(attempt_id=attempt.id, answer=Answer("declined", code=code), now=now)


def take_in(*, attempt_id: int, answer: Answer, now: datetime) -> PaymentAttempt:
    """Write down what was answered, with all that follows from it: money in the ledger, a card that is kept, who is to
    be told. States only go forward: what is heard late, twice, or out of order changes nothing."""
    attempt = _held_with_base(attempt_id)
    attempt.leased_until = None
    if answer.reference and attempt.kind not in ("capture", "release"):
        attempt.reference = answer.reference
    if rules.abandoned(attempt.kind, answer.outcome, attempt.created_at, now=now):
        answer = replace(answer, outcome="declined", code=ABANDONED)
    if _lapsed(attempt, answer):
        attempt.over_at = now
        _ended(attempt, "lapsed", now=now)
    elif rules.goes_forward(attempt.status, answer.outcome):
        attempt.status, attempt.code = answer.outcome, answer.code
        attempt.ended_at = now if answer.outcome in rules.ENDED else None
        attempt.next_try_at = rules.next_try(attempt.status, attempt.tries, now=now)
        _follow(attempt, answer, now=now)
    elif attempt.status not in rules.ENDED:
        attempt.code = answer.code
        attempt.next_try_at = rules.next_try(attempt.status, attempt.tries, now=now)
    db.session.flush()
    return attempt


def _held_with_base(attempt_id: int) -> PaymentAttempt:
    attempt = db.session.get(PaymentAttempt, attempt_id)
    if attempt is None:
        raise NotFound
    ids = [attempt_id] if attempt.of_id is None else [attempt.of_id, attempt_id]
    return next(row for row in locked(PaymentAttempt, *ids) if row.id == attempt_id)


def _lapsed(attempt: PaymentAttempt, answer: Answer) -> bool:
    """The bank has let go of an authorisation by itself."""
    holds = attempt.kind == "authorize" and attempt.status == "succeeded" and attempt.over_at is None
    return holds and answer.outcome == "declined"


def _follow(attempt: PaymentAttempt, answer: Answer, *, now: datetime) -> None:
    if attempt.status == "succeeded":
        taking_in.DONE[attempt.kind](attempt, answer, now=now)
    if attempt.status in ("succeeded", "requires_action") and attempt.unwanted:
        _undo(attempt, now=now)
    elif attempt.status in ("declined", "requires_action") and attempt.kind in rules.TAKING:
        _attention(attempt, now=now)
    elif attempt.status == "declined" and attempt.kind == "capture":
        _stand_uncaptured(attempt, now=now)
    if attempt.status in rules.ENDED:
        _ended(attempt, attempt.status, now=now)


def _stand_uncaptured(attempt: PaymentAttempt, *, now: datetime) -> None:
    """What was to be captured has lapsed; or it is still held, and goes back where nobody wants it any more."""
    if attempt.code == LAPSED:
        taking_in.not_captured(attempt, now=now)
    if attempt.unwanted:
        give_back(subject=attempt.subject, now=now)


def _ended(attempt: PaymentAttempt, outcome: str, *, now: datetime) -> None:
    outbox.record(AttemptEnded(attempt.id, attempt.subject, attempt.kind, outcome, attempt.cents), now=now)


def _attention(attempt: PaymentAttempt, *, now: datetime) -> None:
    if attempt.unwanted:
        return
    why = "declined" if attempt.status == "declined" else "action"
    outbox.record(CardNeedsAttention(attempt.id, attempt.subject, attempt.resident_id, why), now=now)


def give_back(*, subject: str, now: datetime) -> list[int]:
    """Whatever cards hold, have paid or are just about to pay for this subject goes back to them, and nothing more is
    taken. What is in flight is given back as soon as it has arrived. The numbers of the attempts that do it."""
    ids = db.session.scalars(select(PaymentAttempt.id).where(PaymentAttempt.subject == subject)).all()
    planned: list[int] = []
    for attempt in reversed(locked(PaymentAttempt, *ids)):  # captures before what they stand on
        if attempt.kind in ("save", "authorize", "charge", "capture"):
            planned += _unwant(attempt, now=now)
    return list(dict.fromkeys(planned))


def _unwant(attempt: PaymentAttempt, *, now: datetime) -> list[int]:
    if attempt.status == "planned" and attempt.first_sent_at is None:
        attempt.unwanted = True
        take_in(attempt_id=attempt.id, answer=Answer("declined", code=CALLED_OFF), now=now)
        return []
    if attempt.status == "declined":
        return []
    attempt.unwanted = True
    undone = _undo(attempt, now=now)
    return [] if undone is None else [undone.id]


def _undo(attempt: PaymentAttempt, *, now: datetime) -> PaymentAttempt | None:
    """Let go of what an unwanted attempt holds or has taken, once; of a card that was kept nothing is to give back."""
    about: dict[str, Any] = {"subject": attempt.subject, "resident_id": attempt.resident_id, "now": now}
    waits = attempt.kind in rules.TAKING and attempt.status == "requires_action"
    holds = attempt.kind == "authorize" and attempt.status == "succeeded" and attempt.over_at is None
    if waits or (holds and not _being_captured(attempt)):
        return plan(kind="release", cents=0, of=attempt.id, **about)
    if attempt.kind in ("capture", "charge") and (left := queries.refundable(attempt)):
        return plan(kind="refund", cents=left, of=attempt.id, **about)
    return None


def _being_captured(attempt: PaymentAttempt) -> bool:
    """It is being captured at this moment: the capture's own end decides what is to be given back."""
    capture = queries.latest(attempt.subject, "capture")
    return capture is not None and capture.of_id == attempt.id and capture.status not in rules.ENDED


def another_card(*, attempt_id: int, actor_id: int, now: datetime) -> PaymentAttempt:
    """She leaves another card for the purpose of an attempt of hers: one that was refused, as a rule. The one before it is
    kept until the new one is there."""
    subject = queries.attempt_of(attempt_id, viewer_id=actor_id).subject
    return plan(kind="save", subject=subject, resident_id=actor_id, cents=0, now=now)


def remove_card(*, card_id: int, actor_id: int, now: datetime) -> SavedCard:
    """She takes her card away. What still needs one will say so when it is asked for money."""
    card = locked_one(SavedCard, card_id)
    if card is None or card.resident_id != actor_id:
        raise NotFound
    if card.removed_at is None:
        taking_in.let_go_of(card, now=now)
        outbox.record(CardNeedsAttention(card.attempt_id, card.subject, card.resident_id, "removed"), now=now)
    return card


def forget_card(*, subject: str, now: datetime) -> None:
    """What it was kept for is over: the card goes, here and at the provider."""
    card = queries.card_of(subject)
    if card is not None:
        taking_in.let_go_of(card, now=now)


def hear(*, told: Told, now: datetime) -> bool:
    """The provider tells us something; whether it is new. It is read later, by looking ourselves."""
    fresh = (
        inserting(WebhookEvent)
        .values(
            id=told.id, kind=told.kind, reference=told.reference, received_at=now, next_try_at=now,
            tries=0, known=True,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(WebhookEvent.id)
    )  # fmt: skip
    return db.session.scalar(fresh) is not None
