"""A group purchase by hand: written and opened by its organizer, pledged by three on their phones (one without
JavaScript), closed, ordered, short by one, packed with ticks that stay, handed out by a scan, settled to the cent."""

import re
from datetime import timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.payments.ledger import queries as money
from app.payments.ledger.models import MoneyEntry
from app.payments.ledger.rules import Account
from app.purchases.delivery.models import Delivery
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.browser import DESK
from tests.harness.web import WebServer


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def write(page: Page, *, pack: str = "6", minimum: str = "", payment: str = "counter") -> str:
    """A campaign with one product, opened; its number."""
    page.goto("/purchases/new")
    page.get_by_label("Titre").fill("Huile de Nyons")
    page.get_by_label("Fournisseur", exact=True).fill("Moulin d’Œuvre")
    day = clock.now() + timedelta(days=9)
    page.get_by_label("Clôture").fill(day.date().isoformat())
    page.get_by_label("À", exact=True).fill("20:00")
    page.get_by_label("Jour de la livraison").fill((day + timedelta(days=4)).date().isoformat())
    page.locator("#minimum_cents").fill(minimum)
    page.locator("#payment").select_option(payment)
    click(page, "Continuer : les produits")
    if "/products/new" not in page.url:
        page.get_by_role("link", name="Ajouter un produit").click()
    for field, text in (
        ("name", "Huile d’olive"),
        ("unit", "bidon de 3 L"),
        ("price_cents", "29,40"),
        ("pack_size", pack),
    ):
        page.locator(f"#{field}").fill(text)
    click(page, "Enregistrer")
    click(page, "Ouvrir maintenant")
    found = re.search(r"/purchases/(\d+)", page.url)
    assert found is not None
    return found.group(1)


def pledge(page: Page, number: str, want: int, *, more: int = 0) -> None:
    page.goto(f"/purchases/{number}/pledge")
    page.locator('input[name^="want_"]').fill(str(want))
    page.locator('input[name^="more_"]').fill(str(more))
    page.locator('button[type="submit"]:visible', has_text="Je m’engage").first.click()
    expect(page.get_by_text("Votre engagement").first).to_be_visible()


def close_early(desk: Page, number: str) -> None:
    desk.goto(f"/purchases/{number}/follow")
    desk.get_by_text("Fermer avant l’heure").click()
    click(desk, "Fermer maintenant")
    expect(desk.get_by_text("C’est clos").first).to_be_visible()


def order_and_count(desk: Page, number: str, *, arrived: str, short: tuple[str, str]) -> None:
    """Ordered; so many came, and the preview says who goes short."""
    desk.goto(f"/purchases/{number}/follow")
    desk.get_by_role("link", name="Passer la commande").click()
    click(desk, "C’est commandé")
    desk.get_by_role("link", name="Compter ce qui arrive").click()
    desk.get_by_label("Arrivé").fill(arrived)
    click(desk, "Voir ce que cela change")
    expect(desk.get_by_role("heading", name="Voici ce que cela change")).to_be_visible()
    expect(desk.get_by_role("row", name=re.compile(short[0]))).to_contain_text(short[1])
    click(desk, "Valider l’arrivage")


def scan(desk: Page, slug: str, card: str) -> None:
    """At the counter: her card, then the purchase that waits for her."""
    desk.goto(f"/counter?hub={slug}")
    desk.locator("#scan").fill(card)
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Huile de Nyons").click()


def settle(desk: Page, number: str) -> Delivery:
    """What it came to in the end."""
    desk.goto(f"/purchases/{number}/settle")
    click(desk, "Régler les comptes")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Compte rendu")
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Delivery)).one()


def test_a_campaign_from_the_draft_to_the_settlement(app: Flask, pages: Any, live_server: WebServer) -> None:
    hub = factories.hub("Maison des Tilleuls")
    organizer = factories.coordinator(hub, "Zoë Lefèvre")
    anna, karim, odile = (
        factories.verified_member(hub, name) for name in ("Anna B.", "Karim S.", "Odile R.")
    )

    desk = opened(app, pages, live_server, organizer, size=DESK)
    number = write(desk)
    pledge(opened(app, pages, live_server, anna), number, 6, more=2)
    pledge(opened(app, pages, live_server, karim, javascript=False), number, 3)
    pledge(opened(app, pages, live_server, odile), number, 2)

    close_early(desk, number)
    order_and_count(desk, number, arrived="11", short=("Anna B", "6 sur 7"))

    phone = opened(app, pages, live_server, organizer)
    phone.goto(f"/purchases/{number}/packing")
    with phone.expect_response("**/packing**"):
        phone.get_by_role("button", name=re.compile("Huile")).first.click()
    phone.reload()
    expect(phone.locator('[aria-pressed="true"]')).to_have_count(1)

    for person in (anna, karim, odile):
        scan(desk, hub.slug, person.code)
        click(desk, "Payé et remis")
        expect(desk.get_by_text(f"Remis à {person.name}")).to_be_visible()

    delivery = settle(desk, number)
    assert (delivery.members_cents, delivery.supplier_cents, delivery.hub_cents) == (32340, 32340, 0)
    assert money.balance(Account.campaign(f"campaign:{number}")) == 0
    assert money.balance(Account.cash(hub.id)) == 32340
    assert db.session.scalar(select(func.sum(MoneyEntry.amount))) == 0
