"""Three neighbours leave cards on the provider's own field; it closes; one card's bank asks back, one is refused, one
answer is lost after it worked. The organizer goes on without the refused one, and every cent is where it belongs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core import clock
from app.payments.cards import queries as cards
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.browser import DESK
from tests.harness.provider import ASKS_OWNER, GOOD, REFUSED_LATER, Provider
from tests.harness.web import WebServer
from tests.purchases.collecting.scene import Scene
from tests.purchases.pledging import acts


@pytest.fixture
def server(gunicorn_server: Callable[..., WebServer], provider: Provider) -> WebServer:
    return gunicorn_server(workers=1, **provider.environ)


def leave_card(phone: Page, number: str) -> None:
    """As one types it: the fake provider's field is five plain ones, in our page."""
    for name, value in (("number", number), ("exp_month", "12"), ("exp_year", "31"), ("cvc", "123")):
        phone.get_by_placeholder(name).fill(value)
    phone.get_by_role("button", name="Garder cette carte").click()


def pledge_by_card(phone: Page, scene: Scene, number: str) -> None:
    phone.goto(f"/purchases/{scene.campaign.id}/pledge")
    phone.locator(f"input[name=want_{scene.box.id}]").fill("2")
    phone.get_by_label(re.compile("carte", re.IGNORECASE)).first.press("Space")  # the sums above it move
    phone.locator(".dock button[type=submit]").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Laisser une carte")
    leave_card(phone, number)
    if number == ASKS_OWNER:
        phone.get_by_role("button", name="Complete authentication").click()
    expect(phone.locator("body")).to_contain_text("Votre carte est gardée.")


def test_from_cards_to_the_last_cent(
    card_app: Flask, provider: Provider, pages: Any, server: WebServer
) -> None:
    scene = Scene(provider, [], minimum=2000)
    anna, bob, cleo = scene.people = [factories.resident(name) for name in ("Anna B.", "Bob C.", "Cléo D.")]
    phones = {who.id: opened(card_app, pages, server, who) for who in scene.people}
    for who, number in ((anna, GOOD), (bob, REFUSED_LATER), (cleo, ASKS_OWNER)):
        pledge_by_card(phones[who.id], scene, number)
    scene.time_passes(times=1)
    scene.close()
    provider.fault("unanswered", "/payment_intents$")
    scene.time_passes(minutes=1)

    phone = phones[cleo.id]
    phone.goto("/notifications")
    phone.get_by_role("button", name=re.compile("votre banque veut confirmer")).click()
    phone.get_by_role("button", name="Confirmer avec ma banque").click()
    phone.get_by_role("button", name="Complete authentication").click()
    expect(phone.locator("body")).to_contain_text("C’est confirmé avec votre banque.")

    desk = opened(card_app, pages, server, scene.organizer, size=DESK)
    scene.time_passes(minutes=2, times=2)
    desk.goto(f"/purchases/{scene.campaign.id}/cards")
    expect(desk.locator("main")).to_contain_text("2 cartes sur 3 ont dit oui.")
    desk.locator("li", has_text="Recompter sans eux").get_by_role("button").click()
    expect(desk.locator("body")).to_contain_text("C’est décidé")
    scene.time_passes(minutes=3)

    assert scene.status == "succeeded"
    assert scene.totals() == [2300, 0, 2300]
    assert scene.at_provider() == scene.in_ledger() == 4600
    assert set(scene.owed().values()) == {0}
    assert [cards.cards_of(who.id) for who in scene.people] == [[], [], []]
    assert acts.told(bob, "collecting.left_out")


def test_only_the_paying_page_lets_the_provider_in(
    card_app: Flask, provider: Provider, server: WebServer, pages: Any
) -> None:
    """And without JavaScript it says what else there is to do."""
    scene = Scene(provider, [])
    anna = factories.resident("Anna B.")
    wish = acts.wish(scene.box, 2)
    pledged = acts.pledge(scene.campaign, anna, wish, payment="card", now=clock.now())
    phone = opened(card_app, pages, server, anna, javascript=False)
    phone.goto(f"/payments/{pledged.attempt_id}/card?path=/purchases")
    phone.get_by_role("button", name="Regarder maintenant").click()
    expect(phone.locator("main")).to_contain_text("choisissez de payer au comptoir")
    browser = factories.log_in(card_app.test_client(), anna)
    paying = browser.get(f"/payments/{pledged.attempt_id}/card").headers["Content-Security-Policy"]
    assert f"script-src 'self' {provider.url}" in paying
    assert "unsafe-" not in paying
    for path in ("/", "/payments/cards", f"/purchases/{scene.campaign.id}/pledge"):
        assert provider.url not in browser.get(path).headers["Content-Security-Policy"]
