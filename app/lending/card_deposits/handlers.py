"""What follows when a card of a loan's deposit was left, has answered, or waits for its owner."""

from datetime import datetime

from app.events.payments import AttemptEnded, CardNeedsAttention, CardSaved
from app.lending.card_deposits import services, telling
from app.lending.card_deposits.standing import of_loan

SUBJECT = "loan:"


def keep(event: CardSaved | AttemptEnded, *, now: datetime) -> None:
    """Take the next step at once."""
    loan_id = _loan_id(event.subject)
    if loan_id is not None:
        services.keep(loan_id=loan_id, now=now)


def tell_attention(event: CardNeedsAttention, *, now: datetime) -> None:
    """Her bank wants to hear from her, her card was refused, or she took it away while it stands in for cash."""
    loan_id = _loan_id(event.subject)
    found = None if loan_id is None else of_loan(loan_id)
    if found is None or found.deposit.over_at is not None:
        return
    if event.why == "removed":
        if found.card is None and found.loan.status in ("reserved", "checked_out"):
            telling.tell_card(found, "removed", event.attempt_id, now=now)
            if found.loan.status == "checked_out" and found.hold is None:
                telling.tell_unsecured(found, now=now)
        return
    for_damage = found.taken is not None and found.taken.id == event.attempt_id
    if event.why == "action":
        telling.tell_card(found, "pay" if for_damage else "action", event.attempt_id, now=now)
    elif not for_damage:  # what is owed after a refusal is told once it is known to stay so
        telling.tell_card(found, "refused", event.attempt_id, now=now)


def _loan_id(subject: str) -> int | None:
    return int(subject.removeprefix(SUBJECT)) if subject.startswith(SUBJECT) else None
