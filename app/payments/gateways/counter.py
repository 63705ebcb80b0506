"""The counter: the way to pay where nothing is configured. Sums are owed in the ledger, and volunteers take and give them
by hand (`app/payments/cash`); cards it cannot use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.errors import Malformed
from app.payments.gateways.protocol import Answer, Movement, Told

AT_THE_COUNTER = Answer("declined", code="at_the_counter")
"""Nothing was asked of any card: what it was to pay is paid by hand."""
NOT_FROM_HERE = Answer("unknown", code="no_key")
"""It stands on what a provider did, and only that provider knows it: it waits until its key is back."""


class CounterGateway:
    """No card can be left here. What was begun with a provider whose key was taken away is not lost: it waits."""

    takes_cards = False

    def save_method(self, *, key: str, resident: int, customer: str | None) -> Answer:
        return AT_THE_COUNTER

    def authorize(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        return AT_THE_COUNTER

    def charge(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        return AT_THE_COUNTER

    def capture(self, *, key: str, intent: str, cents: int) -> Answer:
        return NOT_FROM_HERE

    def release(self, *, key: str, intent: str) -> Answer:
        return NOT_FROM_HERE

    def refund(self, *, key: str, intent: str, cents: int) -> Answer:
        return NOT_FROM_HERE

    def forget(self, *, key: str, method: str) -> Answer:
        return NOT_FROM_HERE

    def fetch(
        self,
        kind: str,
        *,
        key: str,
        parameters: Mapping[str, Any],
        reference: str | None,
    ) -> Answer | None:
        return NOT_FROM_HERE

    def movements(self, *, since: datetime | None) -> Sequence[Movement] | None:
        return None

    def parse_webhook(self, payload: bytes, signature: str) -> Told:
        raise Malformed("cards.off")
