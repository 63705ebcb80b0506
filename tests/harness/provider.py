"""A provider of cards for tests: localstripe in a process of its own, asked by the real library, and by members as their
browsers would."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from config import PROJECT_ROOT
from scripts.processes import make_sure_gone, start, wait_until
from tests.harness.web import free_port

GOOD = "4242424242424242"
REFUSED_LATER = "4000000000000341"
"""Can be left, and is refused whenever it is asked for money."""
ASKS_OWNER = "4000002500003155"
"""Its bank wants to hear from its owner each time."""
SECRET = "sk_test_movilab"
WEBHOOK_SECRET = "whsec_movilab"


class Provider:
    """`environ` is what an installation is told of it; `forget()` between two tests."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "STRIPE_SECRET_KEY": SECRET,
            "STRIPE_PUBLISHABLE_KEY": "pk_test_movilab",
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": self.url,
            "STRIPE_JS_URL": f"{self.url}/js.stripe.com/v3/",
        }
        self.process: subprocess.Popen[bytes] = start(
            [sys.executable, "-m", "tests.harness.provider_server", str(self.port)],
            environ={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
            cwd=PROJECT_ROOT,
            quiet=True,
        )
        if not wait_until(self._answers, seconds=30):
            self.stop()
            raise RuntimeError("localstripe did not answer")

    def stop(self) -> None:
        self.process.terminate()
        make_sure_gone(self.process, seconds=10)

    def _answers(self) -> bool:
        try:
            self.ask("GET", "/v1/balance")
        except (OSError, urllib.error.HTTPError):
            return False
        return True

    def ask(self, method: str, path: str, given: dict[str, Any] | None = None) -> Any:
        """As a program with the secret key."""
        asked = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if given is None else json.dumps(given).encode(),
            headers={"Authorization": f"Bearer {SECRET}"},
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    # -- what tests ask of it ------------------------------------------------------------------------------

    def forget(self) -> None:
        self.ask("POST", "/_config/forget", {})

    def forget_keys(self) -> None:
        """A day later it knows no key any more."""
        self.ask("POST", "/_config/forget_keys", {})

    def let_go(self, intent: str) -> None:
        """The bank takes back what it held."""
        self.ask("POST", f"/_config/let_go/{intent}", {})

    def fault(self, fate: str, path: str, *, times: int = 1, method: str = "POST") -> None:
        """`lost`, `unanswered`, or a status: for the next requests whose path matches."""
        self.ask("POST", "/_config/faults", {"fate": fate, "path": path, "times": times, "method": method})

    def tell(self, url: str) -> None:
        """Send what happens to this address, signed, a second later."""
        self.ask("POST", "/_config/webhooks/movilab", {"url": url, "secret": WEBHOOK_SECRET})

    # -- what members do in their browsers -----------------------------------------------------------------

    def leave_card(self, setup: str, number: str = GOOD) -> Any:
        """A member types her card into the provider's form."""
        card = {"number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123"}
        return self.ask(
            "POST",
            f"/v1/setup_intents/{setup}/confirm",
            {"payment_method_data": {"type": "card", "card": card}},
        )

    def answer_bank(self, intent: str, *, yes: bool = True) -> Any:
        """A member says yes to her bank, or no."""
        secret = self.ask("GET", f"/v1/payment_intents/{intent}")["client_secret"]
        return self.ask(
            "POST",
            f"/v1/payment_intents/{intent}/_authenticate",
            {"client_secret": secret, "success": yes},
        )

    # -- what it knows -------------------------------------------------------------------------------------

    def all(self, what: str, **query: str) -> list[Any]:
        found: list[Any] = []
        while True:
            more = {**query, "limit": "100"} | ({"starting_after": found[-1]["id"]} if found else {})
            page = self.ask("GET", f"/v1/{what}?{urlencode(more)}")
            found += page["data"]
            if not page["has_more"]:
                return found

    def taken(self) -> dict[str, int]:
        """What each payment has brought, refunds counted; by the key of the attempt that asked for it."""
        return {
            intent["metadata"]["attempt"]: charge["amount"] - charge["amount_refunded"]
            for intent in self.all("payment_intents")
            if (charge := intent["latest_charge"]) and charge["captured"] and charge["status"] == "succeeded"
        }


def signed(payload: bytes, *, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """The provider's signature on these bytes."""
    moment = int(time.time() if at is None else at)
    mark = hmac.new(secret.encode(), b"%d." % moment + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mark}"


def event(kind: str, reference: str, *, number: str = "evt_1") -> bytes:
    """What the provider says when something happens to an object of its own."""
    what = re.sub(r"\..*", "", kind)
    about = {"id": reference, "object": what}
    return json.dumps({"id": number, "object": "event", "type": kind, "data": {"object": about}}).encode()
