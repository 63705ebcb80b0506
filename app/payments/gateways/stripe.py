"""Stripe, through its own library. What it says is read here and nowhere else.

A time-out, a fault of theirs (5xx), a key that is still in flight (409), too many requests: `unknown`, to be asked again.
Only a card that was refused, or an act that can no longer be, is `declined`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import stripe

from app.core.errors import Malformed
from app.payments.gateways.protocol import LAPSED, Answer, Card, Movement, Outcome, Told
from config import StripeKeys

WAIT = (5, 25)
"""Seconds to connect, and to hear something."""
NEEDS_OWNER = "authentication_required"
GONE_TOO_FAR = "already_captured"

Plain = dict[str, Any]
T = TypeVar("T")


class StripeGateway:
    """Cards by SetupIntent and PaymentIntent. Each object made carries our key, so that it is found again."""

    takes_cards = True

    def __init__(self, keys: StripeKeys) -> None:
        self._webhook_secret = keys.webhook_secret
        bases: Any = {"api": keys.api_base} if keys.api_base else {}
        self._stripe = stripe.StripeClient(
            keys.secret,
            base_addresses=bases,
            http_client=stripe.RequestsClient(timeout=WAIT),
            max_network_retries=0,  # trying again is ours: it is written down before
        ).v1

    # -- the acts ------------------------------------------------------------------------------------------

    def save_method(self, *, key: str, resident: int, customer: str | None) -> Answer:
        def ask() -> Answer:
            known = customer or self._customer(key, resident)
            intent = self._stripe.setup_intents.create(
                {
                    "customer": known,
                    "usage": "off_session",
                    "metadata": {"attempt": key},
                },
                {"idempotency_key": key},
            )
            return _of_setup(intent.to_dict())

        return _answered(ask)

    def _customer(self, key: str, resident: int) -> str:
        made = self._stripe.customers.create(
            {"metadata": {"resident": str(resident)}}, {"idempotency_key": f"{key}:customer"}
        )
        return made.id

    def authorize(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        return self._ask_card("manual", key, cents, currency, customer, method)

    def charge(self, *, key: str, cents: int, currency: str, customer: str, method: str) -> Answer:
        return self._ask_card("automatic", key, cents, currency, customer, method)

    def _ask_card(
        self,
        capture: Literal["manual", "automatic"],
        key: str,
        cents: int,
        currency: str,
        customer: str,
        method: str,
    ) -> Answer:
        def ask() -> Answer:
            intent = self._stripe.payment_intents.create(
                {
                    "amount": cents,
                    "currency": currency.lower(),
                    "customer": customer,
                    "payment_method": method,
                    "capture_method": capture,
                    "confirm": True,
                    "off_session": True,
                    "metadata": {"attempt": key},
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": key},
            )
            return _of_intent(intent.to_dict(), held=capture == "manual")

        return _answered(ask)

    def capture(self, *, key: str, intent: str, cents: int) -> Answer:
        def ask() -> Answer:
            taken = self._stripe.payment_intents.capture(
                intent,
                {"amount_to_capture": cents, "expand": ["latest_charge"]},
                {"idempotency_key": key},
            )
            return _of_capture(taken.to_dict())

        return _answered(ask, otherwise=lambda: _of_capture(self._intent(intent)))

    def release(self, *, key: str, intent: str) -> Answer:
        def ask() -> Answer:
            gone = self._stripe.payment_intents.cancel(intent, {}, {"idempotency_key": key})
            return _of_release(gone.to_dict())

        return _answered(ask, otherwise=lambda: _of_release(self._intent(intent)))

    def refund(self, *, key: str, intent: str, cents: int) -> Answer:
        def ask() -> Answer:
            back = self._stripe.refunds.create(
                {"payment_intent": intent, "amount": cents, "metadata": {"attempt": key}},
                {"idempotency_key": key},
            )
            return _of_refund(back.to_dict())

        return _answered(ask)

    def forget(self, *, key: str, method: str) -> Answer:
        def ask() -> Answer:
            self._stripe.payment_methods.detach(method, {}, {"idempotency_key": key})
            return Answer("succeeded")

        return _answered(
            ask, otherwise=lambda: Answer("succeeded")
        )  # they do not know it: so it is forgotten

    # -- what has become of them ---------------------------------------------------------------------------

    def fetch(
        self, kind: str, *, key: str, parameters: Mapping[str, Any], reference: str | None
    ) -> Answer | None:
        def ask() -> Answer | None:
            if kind == "save":
                return _of_setup(self._setup(reference)) if reference else None
            if kind in ("authorize", "charge"):
                found = self._intent(reference) if reference else self._made_under(key, parameters)
                return None if found is None else _of_intent(found, held=kind == "authorize")
            if kind == "refund":
                back = self._refund(key, parameters, reference)
                return None if back is None else _of_refund(back)
            if kind == "forget":
                return None
            intent = self._intent(parameters["intent"])
            if intent["status"] in ("requires_capture", "requires_action", "requires_confirmation"):
                return None  # nothing was done to it
            return _of_capture(intent) if kind == "capture" else _of_release(intent)

        return _answered(ask)

    def _setup(self, reference: str) -> Plain:
        found = self._stripe.setup_intents.retrieve(reference, {"expand": ["payment_method"]})
        return found.to_dict()

    def _intent(self, reference: str) -> Plain:
        found = self._stripe.payment_intents.retrieve(reference, {"expand": ["latest_charge"]})
        return found.to_dict()

    def _made_under(self, key: str, parameters: Mapping[str, Any]) -> Plain | None:
        """The one of this customer's payments that carries our key."""
        listed = self._stripe.payment_intents.list(
            {"customer": parameters["customer"], "limit": 100, "expand": ["data.latest_charge"]}
        )
        return _marked(key, listed)

    def _refund(self, key: str, parameters: Mapping[str, Any], reference: str | None) -> Plain | None:
        if reference:
            return self._stripe.refunds.retrieve(reference).to_dict()
        return _marked(key, self._stripe.refunds.list({"payment_intent": parameters["intent"], "limit": 100}))

    def movements(self, *, since: datetime | None) -> Sequence[Movement] | None:
        asked: Any = {"limit": 100} | ({"created": {"gte": int(since.timestamp())}} if since else {})
        try:
            payments = [
                each.to_dict() for each in self._stripe.payment_intents.list(asked).auto_paging_iter()
            ]
            refunds = [each.to_dict() for each in self._stripe.refunds.list(asked).auto_paging_iter()]
        except stripe.StripeError:
            return None
        came = (Movement("payment", each["id"], _key(each), _moved(each) or 0) for each in payments)
        back = (Movement("refund", each["id"], _key(each), _gone_back(each)) for each in refunds)
        return [moved for moved in (*came, *back) if moved.cents]

    # -- what they tell ------------------------------------------------------------------------------------

    def parse_webhook(self, payload: bytes, signature: str) -> Told:
        try:
            event = stripe.Webhook.construct_event(payload, signature, self._webhook_secret).to_dict()
            about = event["data"]["object"]
            return Told(event["id"], event["type"], about.get("payment_intent") or about["id"])
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Malformed("cards.not_from_provider") from error


def _marked(key: str, listed: Any) -> Plain | None:
    for found in listed.auto_paging_iter():
        plain: Plain = found.to_dict()
        if _key(plain) == key:
            return plain
    return None


def _key(plain: Plain) -> str:
    """Under which we asked for it; "" for what others have made on the same account."""
    return str((plain.get("metadata") or {}).get("attempt", ""))


def _answered(ask: Callable[[], T], *, otherwise: Callable[[], Answer] | None = None) -> T | Answer:
    """What was answered, or what the library's error means. `otherwise`: how to find out where the act cannot be (any
    more): it may be that it was done before."""
    try:
        return ask()
    except stripe.CardError as refused:
        return _refused(refused)
    except stripe.InvalidRequestError as error:
        if error.http_status == 409:
            return Answer("unknown", code=error.code or "conflict")
        if otherwise is None:
            return Answer("declined", code=error.code or "invalid_request")
        return _answered(otherwise)
    except stripe.StripeError as error:
        return Answer("unknown", code=error.code or type(error).__name__)


def _refused(error: stripe.CardError) -> Answer:
    """The card's bank said no, or wants to hear from its owner. Of the payment it is about we keep the number."""
    body: Any = error.json_body or {}
    intent = (body.get("error") or {}).get("payment_intent") or {}
    outcome: Outcome = "requires_action" if error.code == NEEDS_OWNER else "declined"
    if outcome == "requires_action" and not intent:
        outcome = "declined"  # nothing that she could go on with
    return Answer(outcome, reference=intent.get("id"), code=_why(body.get("error") or {}) or error.code)


def _why(error: Mapping[str, Any]) -> str | None:
    return error.get("decline_code") or error.get("code")


def _of_setup(intent: Plain) -> Answer:
    common: Plain = {
        "reference": intent["id"],
        "secret": intent.get("client_secret"),
        "customer": intent.get("customer"),
    }
    status = intent["status"]
    if status == "succeeded":
        return Answer("succeeded", **common, card=_card(intent["payment_method"]))
    if status == "canceled":
        return Answer("declined", **common, code="canceled")
    return Answer("processing" if status == "processing" else "requires_action", **common)


def _card(method: Any) -> Card | None:
    if not isinstance(method, dict):
        return None
    card = method["card"]
    return Card(method["id"], card["brand"], card["last4"], card["exp_month"], card["exp_year"])


def _of_intent(intent: Plain, *, held: bool) -> Answer:
    """An authorisation (`held`) is done when the money is held, a charge when it has come."""
    common: Plain = {"reference": intent["id"], "secret": intent.get("client_secret")}
    status = intent["status"]
    if status == "requires_capture" and held:
        return Answer("succeeded", **common, lapses_at=_lapses(intent))
    if status == "succeeded":
        return Answer("succeeded", **common, moved=_moved(intent))
    if status in ("requires_action", "requires_confirmation"):
        return Answer("requires_action", **common)
    if status == "canceled":
        return Answer("declined", **common, code=LAPSED)
    error = intent.get("last_payment_error") or {}
    if status == "requires_payment_method":
        waits = error.get("code") == NEEDS_OWNER
        return Answer("requires_action" if waits else "declined", **common, code=_why(error))
    return Answer("processing", **common)


def _of_capture(intent: Plain) -> Answer:
    status = intent["status"]
    if status == "succeeded":
        return Answer("succeeded", reference=intent["id"], moved=_moved(intent))
    if status == "canceled":
        return Answer("declined", code=LAPSED)
    return Answer("processing" if status == "processing" else "declined", code=status)


def _of_release(intent: Plain) -> Answer:
    status = intent["status"]
    if status == "canceled":
        return Answer("succeeded", reference=intent["id"])
    return Answer("declined", code=GONE_TOO_FAR if status == "succeeded" else status)


def _of_refund(refund: Plain) -> Answer:
    status = refund.get("status")
    known: Mapping[Any, Outcome] = {"succeeded": "succeeded", "failed": "declined", "canceled": "declined"}
    return Answer(
        known.get(status, "processing"),
        reference=refund["id"],
        code=refund.get("failure_reason"),
        moved=refund.get("amount"),
    )


def _moved(intent: Plain) -> int | None:
    """What was taken, refunds not counted."""
    received = intent.get("amount_received")
    return int(received) if received is not None else None


def _gone_back(refund: Plain) -> int:
    return 0 if refund.get("status") in ("failed", "canceled") else int(refund["amount"])


def _lapses(intent: Plain) -> datetime | None:
    charge = intent.get("latest_charge")
    details = charge.get("payment_method_details") if isinstance(charge, dict) else None
    before = ((details or {}).get("card") or {}).get("capture_before")
    return datetime.fromtimestamp(before, UTC) if before else None
