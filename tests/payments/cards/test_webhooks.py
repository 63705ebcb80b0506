"""What the provider tells on its own: believed only by its hand, heard once, and looked up rather than believed."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Resident
from app.core.db import db
from app.payments.cards.models import WebhookEvent
from tests import factories
from tests.harness.provider import ASKS_OWNER, REFUSED_LATER, Provider, event, signed
from tests.payments.cards import acts

DOOR = "/payments/stripe/webhook"


@pytest.fixture
def client(card_app: Flask) -> FlaskClient:
    found = card_app.test_client()
    found.forged = True  # type: ignore[attr-defined]  # a program: no form, no token of ours
    return found


@pytest.fixture
def anna(card_app: Flask) -> Resident:
    return factories.resident("Anna")


def tell(client: FlaskClient, body: bytes, signature: str | None = None) -> int:
    headers = {"Stripe-Signature": signed(body) if signature is None else signature}
    return client.post(DOOR, data=body, headers=headers, content_type="application/json").status_code


SUCCEEDED = event("payment_intent.succeeded", "pi_1")
FORGED: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "of nothing": lambda: "t=1,v1=00",
    "no signature": lambda: "not a signature",
    "another's": lambda: signed(SUCCEEDED, secret="whsec_other"),
    "stale": lambda: signed(SUCCEEDED, at=time.time() - 301),
    "of other news": lambda: signed(event("payment_intent.succeeded", "pi_2")),
}
"""Signed when the test runs: news that was signed before it would be refused as stale, whatever it is."""


@pytest.mark.parametrize("forged", FORGED)
def test_forged_or_stale_is_refused(client: FlaskClient, forged: str) -> None:
    assert tell(client, SUCCEEDED, FORGED[forged]()) == 400
    assert db.session.query(WebhookEvent).count() == 0


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"{}", b'{"id": "evt_1", "type": "x", "data": 3}'])
def test_what_cannot_be_read_is_refused(client: FlaskClient, body: bytes) -> None:
    assert tell(client, body, signed(body)) == 400


def test_twice_is_once(client: FlaskClient, provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna, ASKS_OWNER)
    hold = acts.asked("authorize", anna, 700)
    assert hold.reference is not None
    provider.answer_bank(hold.reference)
    body = event("payment_intent.amount_capturable_updated", hold.reference)
    assert [tell(client, body) for _ in range(3)] == [200, 200, 200]
    acts.run_jobs()
    assert acts.fresh(hold).status == "succeeded"
    assert tell(client, body) == 200
    acts.run_jobs(minutes=1)
    assert db.session.query(WebhookEvent).count() == 1
    assert len(acts.told("AttemptEnded")) == 2


def test_out_of_order_is_looked_up(client: FlaskClient, provider: Provider, anna: Resident) -> None:
    """The news of a failure comes after that of the success: what counts is how it stands."""
    acts.card(provider, anna, ASKS_OWNER)
    hold = acts.asked("authorize", anna, 700)
    assert hold.reference is not None
    provider.answer_bank(hold.reference)
    for number, kind in enumerate(("payment_intent.succeeded", "payment_intent.payment_failed")):
        assert tell(client, event(kind, hold.reference, number=f"evt_{number}")) == 200
    acts.run_jobs()
    assert acts.fresh(hold).status == "succeeded"


def test_an_old_decline_after_a_new_card_changes_nothing(
    client: FlaskClient, provider: Provider, anna: Resident
) -> None:
    """The news that her first card was refused come when her second one has paid."""
    acts.card(provider, anna, REFUSED_LATER)
    refused = acts.asked("authorize", anna, 700)
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    acts.asked("capture", anna, 700, of=hold.id)
    (number,) = (
        one["id"] for one in provider.all("payment_intents") if one["metadata"]["attempt"] == refused.key
    )
    factories.changed(refused, reference=number)  # the provider names it as it refuses, its double does not
    assert tell(client, event("payment_intent.payment_failed", number)) == 200
    acts.run_jobs()
    assert db.session.query(WebhookEvent).one().known
    assert [acts.fresh(one).status for one in (refused, hold)] == ["declined", "succeeded"]
    assert provider.taken() == {hold.key: 700}
    assert acts.posted() == ["capture"]
    assert [news["why"] for news in acts.told("CardNeedsAttention")] == ["declined"]


def test_early_news_wait_for_our_own_answer(client: FlaskClient, provider: Provider, anna: Resident) -> None:
    """It happened, its answer was lost, and the news of it are here first: nobody knows that number yet."""
    acts.card(provider, anna)
    provider.fault("unanswered", "/payment_intents$")
    hold = acts.asked("authorize", anna, 700)
    (intent,) = provider.all("payment_intents")
    tell(client, event("payment_intent.amount_capturable_updated", intent["id"]))
    acts.jobs.read_webhooks(now=acts.later())
    assert acts.fresh(hold).status == "unknown"
    acts.run_jobs(minutes=1)
    acts.run_jobs(minutes=2)
    assert acts.fresh(hold).status == "succeeded"
    assert db.session.query(WebhookEvent).one().known


def test_a_bank_that_lets_go_is_heard(client: FlaskClient, provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    assert hold.reference is not None
    provider.let_go(hold.reference)
    tell(client, event("payment_intent.canceled", hold.reference))
    acts.run_jobs()
    assert acts.fresh(hold).over_at is not None
    assert acts.told("AttemptEnded")[-1]["outcome"] == "lapsed"


def test_news_of_somebody_else_end(client: FlaskClient, provider: Provider) -> None:
    """Another site on the same account: asked after for a while, then left."""
    tell(client, event("payment_intent.succeeded", "pi_of_others"))
    for hours in range(1, 12):
        acts.run_jobs(hours=hours)
    heard = db.session.query(WebhookEvent).one()
    assert (heard.read_at is None, heard.known) == (False, False)


def test_nobody_is_believed_without_a_key(app: Flask) -> None:
    client = app.test_client()
    body = event("payment_intent.succeeded", "pi_1")
    assert tell(client, body) == 400
