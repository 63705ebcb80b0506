"""A deposit by card from the reservation to the last cent: left on the provider's own field, seen at the counter, asked for
what was broken, contested, and settled by somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core.db import db
from app.lending.models import RepairTicket
from tests import factories
from tests.browser.test_card_journey import leave_card
from tests.browser.test_mending_journey import opened
from tests.harness.browser import DESK
from tests.harness.provider import GOOD, Provider
from tests.harness.web import WebServer
from tests.lending.card_deposits.scene import Scene


@pytest.fixture
def server(gunicorn_server: Callable[..., WebServer], provider: Provider) -> WebServer:
    return gunicorn_server(workers=1, **provider.environ)


def test_from_a_card_to_what_was_settled(
    card_app: Flask, provider: Provider, pages: Any, server: WebServer
) -> None:
    scene = Scene(provider, notices=["Sécher avant de plier"])
    other = factories.coordinator(scene.hub)
    phone = opened(card_app, pages, server, scene.anna)
    phone.goto(f"/loans/{scene.id}")
    phone.get_by_role("button", name="Laisser la caution par carte").click()
    leave_card(phone, GOOD)
    expect(phone.locator("body")).to_contain_text("Votre carte est gardée.")
    scene.time_passes(times=3)
    phone.goto(f"/loans/{scene.id}")
    expect(phone.locator("#deposit-box")).to_contain_text("Somme réservée")

    desk = opened(card_app, pages, server, scene.volunteer, size=DESK)
    desk.goto(f"/counter?hub={scene.hub.slug}&member={scene.anna.code}")
    desk.locator("input[name=code]:visible").first.fill(scene.tent.code)
    desk.keyboard.press("Enter")
    row = desk.locator(f"form[data-row='{scene.tent.code}']")
    expect(row).to_contain_text("par carte •4242")
    expect(row.locator("[name=deposit_paid]")).to_have_count(0)
    row.locator("[name=acknowledged]").check()
    row.get_by_role("button", name="Prêter").click()
    expect(desk.locator("main")).to_contain_text("Prêté")

    scene.check_in(condition="damaged", now=scene.later(minutes=1))
    ticket = db.session.query(RepairTicket).filter_by(loan_id=scene.id).one()
    boss = opened(card_app, pages, server, scene.boss, size=DESK)
    boss.goto(f"/repairs/{ticket.id}")
    boss.locator("#claim summary").click()
    boss.locator("#claim [name=cents]").fill("21")
    boss.locator("#claim [name=why]").fill("Un arceau est cassé, le neuf coûte 12 €.")
    boss.locator("#claim button").click()
    expect(boss.locator("#deposit-box")).to_contain_text("Entre un centime et la caution")
    boss.locator("#claim [name=cents]").fill("12")
    boss.locator("#claim button").click()
    expect(boss.locator("#deposit-box")).to_contain_text("Sans réponse")

    phone.goto(f"/loans/{scene.id}")
    phone.locator("#contest summary").click()
    phone.locator("#contest textarea").fill("L’arceau était déjà fendu.")
    phone.locator("#contest button").click()
    expect(phone.locator("#deposit-box")).to_contain_text("Rien n’est pris d’ici là.")

    third = opened(card_app, pages, server, other)
    third.goto(f"/loans/{scene.id}/deposit")
    third.locator("#settle [name=cents]").fill("5")
    third.get_by_role("button", name="Confirmer cette somme").click()
    expect(third.locator("body")).to_contain_text("C’est confirmé.")
    scene.time_passes()
    assert scene.money() == (500, 0, 500)
    phone.goto(f"/loans/{scene.id}")
    expect(phone.locator("#deposit-box")).to_contain_text("Payée")
