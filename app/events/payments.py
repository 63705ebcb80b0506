"""What happens to money: attempts with a card, cards that are kept, receipts at the counter. `subject` is what it was for
("pledge:34", "loan:5"); sums are whole cents."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class AttemptEnded(Event):
    """Something tried with a card came to an end. `kind` is what was tried (save, authorize, charge, capture, release,
    refund, forget); `outcome`: succeeded, declined, or lapsed (an authorisation that nobody captured in time)."""

    attempt_id: int
    subject: str
    kind: str
    outcome: str
    cents: int


@dataclass(frozen=True)
class CardSaved(Event):
    """A card is kept for a subject; from now on it can be asked for money."""

    card_id: int
    subject: str
    resident_id: int


@dataclass(frozen=True)
class CardNeedsAttention(Event):
    """A card waits for its owner. `why`: action (her bank wants to hear from herself), declined, removed (she took it
    away while it was needed)."""

    attempt_id: int
    subject: str
    resident_id: int
    why: str


@dataclass(frozen=True)
class RefundMade(Event):
    """Money went back to a member. `source` says by what ("attempt:9", "receipt:4"); `means`: card, cash, cheque or
    transfer."""

    source: str
    subject: str
    resident_id: int
    cents: int
    currency: str
    means: str


@dataclass(frozen=True)
class PaymentReceived(Event):
    """A hub took money at its counter. `means`: cash, cheque or transfer."""

    receipt_id: int
    subject: str
    resident_id: int
    cents: int
    currency: str
    means: str


@dataclass(frozen=True)
class PaymentReversed(Event):
    """A receipt was a mistake, and its contrary is written; the sum is the receipt's own."""

    receipt_id: int
    subject: str
    resident_id: int
    cents: int
    currency: str
    means: str
