"""What whoever carries money can be asked, and what it answers. No answer is not a failure: it is `unknown`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

LAPSED = "lapsed"
"""The code of what cannot be captured any more: its bank has let go of it, or it was called off."""

Outcome = Literal["succeeded", "requires_action", "declined", "processing", "unknown"]


@dataclass(frozen=True)
class Card:
    """What tells its owner which card it is, and the provider's number for it."""

    reference: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True)
class Answer:
    """What came back. `code`: why it was declined, in the provider's word. `secret` opens the provider's own form for
    this one thing, and is never kept. `lapses_at`: until when an authorisation holds. `moved`: cents that have moved,
    where the provider says so."""

    outcome: Outcome
    reference: str | None = None
    code: str | None = None
    secret: str | None = field(default=None, repr=False)
    customer: str | None = None
    card: Card | None = None
    lapses_at: datetime | None = None
    moved: int | None = None


@dataclass(frozen=True)
class Told:
    """A provider's word on its own account: its number, its kind, and what to look at again."""

    id: str
    kind: str
    reference: str


@dataclass(frozen=True)
class Movement:
    """Money that has moved at a provider, by its own books: cents that came with a payment, or went back. `key`: under
    which it was asked for, where it was asked by a program like ours."""

    kind: Literal["payment", "refund"]
    reference: str
    key: str
    cents: int


class Gateway(Protocol):
    """One provider. Each act is asked under a `key`: said again with the same words, it is the same act. Sums in the
    least unit of their currency."""

    @property
    def takes_cards(self) -> bool:
        """Whether a member can leave a card here."""

    def save_method(self, *, key: str, resident: int, customer: str | None) -> Answer:
        """Make ready to keep a card for later; she gives it on the provider's own form."""

    def authorize(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        """Hold a sum on a kept card, its owner not being there."""

    def charge(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        """Take a sum from a kept card, its owner not being there."""

    def capture(self, *, key: str, intent: str, cents: int) -> Answer:
        """Take what is held, or a part of it; the rest is free."""

    def release(self, *, key: str, intent: str) -> Answer:
        """Let go of what is held, or call off what waits for its owner."""

    def refund(self, *, key: str, intent: str, cents: int) -> Answer:
        """Give back some of what was taken."""

    def forget(self, *, key: str, method: str) -> Answer:
        """Keep a card no longer."""

    def fetch(
        self, kind: str, *, key: str, parameters: Mapping[str, Any], reference: str | None
    ) -> Answer | None:
        """What has become of an act; None where the provider knows of none under this key."""

    def movements(self, *, since: datetime | None) -> Sequence[Movement] | None:
        """All money that has moved in what was begun since then (None: ever); None where the provider does not answer."""

    def parse_webhook(self, payload: bytes, signature: str) -> Told:
        """Read what the provider tells on its own; `Malformed` where it is not its hand, or too old."""
