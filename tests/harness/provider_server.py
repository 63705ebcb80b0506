"""localstripe as tests need it: on 127.0.0.1 only, nothing kept on disk, faithful where it is not, and faulty on demand.

`python -m tests.harness.provider_server PORT`. What it takes wrongly, as its own notes of what is missing say, is refused
here as Stripe does; what differs from Stripe in kind (which parameters, which cards) is left as it is.
"""

import hashlib
import re
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web
from localstripe import resources, webhooks
from localstripe.errors import UserError
from localstripe.resources import PaymentIntent, Refund, SetupIntent, Store, store

answers: dict[str, tuple[str, int, bytes]] = {}
in_flight: set[str] = set()
faults: list[dict[str, Any]] = []
Handler = Callable[[web.Request], Any]


@web.middleware
async def faithful(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The same key and words answer the same, once done; a key in flight is 409, other words under it 400."""
    fate = _fate(request)
    if fate == "lost":
        return _dropped(request)
    if fate.isdigit():
        return _error(int(fate), "api_error", "it was asked for")
    key = request.headers.get("Idempotency-Key", "")
    words = hashlib.sha256(request.path.encode() + await request.read()).hexdigest()
    if key in in_flight:
        return _error(409, "idempotency_error", "in flight")
    if key in answers and answers[key][0] != words:
        return _error(400, "idempotency_error", "other words under the same key")
    if key not in answers:
        in_flight.add(key)
        try:
            done = await handler(request)
        finally:
            in_flight.discard(key)
        if not key or done.status >= 500:
            return _dropped(request) if fate == "unanswered" else done
        answers[key] = (words, done.status, done.body)
    if fate == "unanswered":
        return _dropped(request)
    return web.Response(status=answers[key][1], body=answers[key][2], content_type="application/json")


def _fate(request: web.Request) -> str:
    """lost: it never came; unanswered: it was done, and nobody hears of it; or a status to answer with."""
    for fault in faults:
        if fault["times"] and request.method == fault["method"] and re.search(fault["path"], request.path):
            fault["times"] -= 1
            return str(fault["fate"])
    return ""


def _dropped(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"error": {"type": kind, "message": message}}, status=status)


async def set_fault(request: web.Request) -> web.Response:
    faults.append(await request.json())
    return web.Response()


async def forget(_request: web.Request) -> web.Response:
    """Between two tests."""
    store.clear()
    for kept in (answers, in_flight, faults, webhooks._webhooks):
        kept.clear()
    return web.Response()


async def forget_keys(_request: web.Request) -> web.Response:
    """A day has passed."""
    answers.clear()
    return web.Response()


async def let_go(request: web.Request) -> web.Response:
    """A bank lets go of what it held."""
    store[f"payment_intent:{request.match_info['id']}"]._canceled = True
    return web.Response()


def be_faithful() -> None:
    """What localstripe would let pass, and Stripe does not."""
    capture, refund, attach = PaymentIntent._api_capture, Refund.__init__, SetupIntent._attach_pm

    def captured(id: str, amount_to_capture: Any = None, **rest: Any) -> Any:  # noqa: A002
        intent = PaymentIntent._api_retrieve(id)
        if intent.status != "requires_capture":
            raise UserError(400, "not now", {"code": "payment_intent_unexpected_state"})
        intent.amount_received = int(amount_to_capture or intent.amount)
        return capture(id, amount_to_capture, **rest)

    def refunded(self: Any, charge: Any = None, payment_intent: Any = None, **rest: Any) -> None:
        if payment_intent is not None:
            intent = PaymentIntent._api_retrieve(payment_intent)
            back = [one.amount for one in intent.latest_charge.refunds._list]
            if int(rest["amount"]) > intent.latest_charge.amount - sum(back):
                raise UserError(400, "more than was taken", {"code": "charge_already_refunded"})
        refund(self, charge=charge, payment_intent=payment_intent, **rest)

    def attached(self: Any, method: Any) -> None:
        attach(self, method)
        method.customer = self.customer

    resources.extra_apis[:] = [
        (method, url, captured if found == capture else found) for method, url, found in resources.extra_apis
    ]
    Refund.__init__ = refunded
    SetupIntent._attach_pm = attached


def list_by_date() -> None:
    """Payments and refunds, by customer and by when they were begun."""
    all_refunds = Refund._api_list_all

    def payments(url: str, customer: str | None = None, created: Any = None, **rest: Any) -> Any:
        found = super(PaymentIntent, PaymentIntent)._api_list_all(url, **rest)
        found._list = [one for one in since(created, found._list) if customer in (None, one.customer)]
        for one in found._list:
            if one.status == "succeeded" and not getattr(one, "amount_received", 0):
                one.amount_received = one.amount  # taken at once, without a capture
        return found

    def refunds(url: str, created: Any = None, **rest: Any) -> Any:
        found = all_refunds(url, **rest)
        found._list = since(created, found._list)
        return found

    def since(created: Any, them: list[Any]) -> list[Any]:
        return [one for one in them if one.created >= int((created or {}).get("gte", 0))]

    PaymentIntent._api_list_all, Refund._api_list_all = payments, refunds


def main(port: int) -> None:
    Store.dump_to_disk = Store.try_load_from_disk = lambda self: None
    be_faithful()
    list_by_date()
    from localstripe import server  # noqa: PLC0415 -- its routes take the functions as they are when it is imported

    server.app.middlewares.insert(0, faithful)
    for name, act in (("faults", set_fault), ("forget", forget), ("forget_keys", forget_keys)):
        server.app.router.add_post(f"/_config/{name}", act)
    server.app.router.add_post("/_config/let_go/{id}", let_go)
    web.run_app(server.app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
