"""Neighbours leave cards on the provider's own field; it closes; one card's bank asks back, one is refused and another
left in its place, one answer is lost after it worked. The organizer goes on without a fourth whose card was refused too;
what was ordered is counted, handed out and settled, and every cent is where it belongs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.payments.cards import queries as cards
from app.payments.ledger import queries as money
from app.payments.ledger.models import MoneyEntry
from app.payments.ledger.rules import Account
from tests import factories
from tests.browser.test_campaign_journey import click, close_early, order_and_count, scan, settle, write
from tests.browser.test_mending_journey import opened
from tests.harness.browser import DESK
from tests.harness.provider import ASKS_OWNER, GOOD, REFUSED_LATER, Provider
from tests.harness.web import WebServer
from tests.purchases.collecting.scene import Scene, time_passes
from tests.purchases.pledging import acts


@pytest.fixture
def server(gunicorn_server: Callable[..., WebServer], provider: Provider) -> WebServer:
    return gunicorn_server(workers=1, **provider.environ)


def leave_card(phone: Page, number: str) -> None:
    """As one types it: the fake provider's field is five plain ones, in our page."""
    for name, value in (("number", number), ("exp_month", "12"), ("exp_year", "31"), ("cvc", "123")):
        phone.get_by_placeholder(name).fill(value)
    phone.get_by_role("button", name="Garder cette carte").click()


def pledge_by_card(phone: Page, number: str, card: str) -> None:
    phone.goto(f"/purchases/{number}/pledge")
    phone.locator('input[name^="want_"]').fill("2")
    phone.get_by_label(re.compile("carte", re.IGNORECASE)).first.press("Space")  # the sums above it move
    phone.locator(".dock button[type=submit]").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Laisser une carte")
    leave_card(phone, card)
    if card == ASKS_OWNER:
        phone.get_by_role("button", name="Complete authentication").click()
    expect(phone.locator("body")).to_contain_text("Votre carte est gardée.")


def answer_bank(phone: Page) -> None:
    """She reads that her bank asks, and says yes on the paying page."""
    phone.goto("/notifications")
    phone.get_by_role("button", name=re.compile("votre banque veut confirmer")).click()
    phone.get_by_role("button", name="Confirmer avec ma banque").click()
    phone.get_by_role("button", name="Complete authentication").click()
    expect(phone.locator("body")).to_contain_text("C’est confirmé avec votre banque.")


def leave_another(phone: Page, number: str) -> None:
    """She looks at her pledge, which says that her card waits for her, and why."""
    phone.goto(f"/purchases/{number}/pledge")
    phone.get_by_role("link", name="Voir ma carte").click()
    expect(phone.locator("main")).to_contain_text("n’a pas accepté. Rien n’a été pris.")
    phone.get_by_role("button", name="Laisser une autre carte").click()
    leave_card(phone, GOOD)
    expect(phone.locator("body")).to_contain_text("Votre carte est gardée.")


def choose_to_go_on(desk: Page, number: str) -> None:
    """Whose card was refused and who does nothing is left out, as the organizer chooses."""
    desk.goto(f"/purchases/{number}/cards")
    expect(desk.locator("main")).to_contain_text("3 cartes sur 4 ont dit oui.")
    desk.locator("li", has_text="Recompter sans eux").get_by_role("button").click()
    expect(desk.locator("body")).to_contain_text("C’est décidé")


def test_from_the_draft_to_the_last_cent(
    card_app: Flask, provider: Provider, pages: Any, server: WebServer
) -> None:
    hub = factories.hub("Maison des Tilleuls")
    desk = opened(card_app, pages, server, factories.coordinator(hub, "Zoë Lefèvre"), size=DESK)
    number = write(desk, pack="2", minimum="100", payment="either")
    names = ("Anna B.", "Bob C.", "Cléo D.", "Dan E.")
    anna, bob, cleo, dan = people = [factories.verified_member(hub, name) for name in names]
    phones = {who.id: opened(card_app, pages, server, who) for who in people}
    for who, card in ((anna, GOOD), (bob, REFUSED_LATER), (cleo, ASKS_OWNER), (dan, REFUSED_LATER)):
        pledge_by_card(phones[who.id], number, card)
    close_early(desk, number)
    provider.fault("unanswered", "/payment_intents$")
    time_passes(minutes=1)
    answer_bank(phones[cleo.id])
    leave_another(phones[bob.id], number)
    time_passes(minutes=2, times=2)
    choose_to_go_on(desk, number)
    time_passes(minutes=3)
    assert acts.told(dan, "collecting.left_out")
    assert sorted(provider.taken().values()) == [5880] * 3
    assert len(provider.all("payment_intents")) == 5, "one for each card, whatever was not heard"
    assert [cards.cards_of(who.id) for who in people] == [[]] * 4

    order_and_count(desk, number, arrived="5", short=("Cléo D", "1 sur 2"))
    for who in (anna, bob, cleo):
        scan(desk, hub.slug, who.code)
        click(desk, "Remis")
        expect(desk.get_by_text(f"C’est remis à {who.name}")).to_be_visible()
    desk.goto(f"/purchases/{number}/hand-out?code={cleo.code}")
    desk.get_by_role("button", name="Rendre 29,40 € sur la carte").click()
    expect(desk.get_by_text("C’est rendu sur sa carte, ou en route.")).to_be_visible()
    delivery = settle(desk, number)
    assert (delivery.members_cents, delivery.supplier_cents, delivery.hub_cents) == (14700, 14700, 0)
    assert sorted(provider.taken().values()) == [2940, 5880, 5880]
    assert money.balance(Account.stripe()) == 14700
    assert [money.balance(Account.member(who.id)) for who in people] == [0] * 4
    assert money.balance(Account.campaign(f"campaign:{number}")) == 0
    assert db.session.scalar(select(func.sum(MoneyEntry.amount))) == 0
    audit = card_app.test_cli_runner().invoke(args=["payments", "audit"])
    assert (audit.exit_code, "all of it holds" in audit.output) == (0, True), audit.output


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
