"""One loan by hand, on a phone: found, reserved, handed out with two scans, taken back with one. On both databases."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts import services as accounts
from app.core import clock
from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.harness.databases import KINDS
from tests.harness.web import WebServer

PASSWORD = "trois mots simples"


def log_in(page: Page, email: str) -> None:
    page.get_by_label("Votre adresse e-mail").fill(email)
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Me connecter").or_(
        page.locator("main form button[type=submit]").first
    ).first.click()


def scan(page: Page, code: str) -> None:
    """What a keyboard scanner does: fast keys, then Enter, wherever the cursor stands."""
    page.wait_for_load_state("networkidle")  # a person looks before she scans; the script is there by then
    page.keyboard.type(code, delay=2)
    page.keyboard.press("Enter")


def the_loan() -> Loan:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Loan)).one()


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_one_loan_on_a_phone(app: Flask, pages: Any, live_server: WebServer) -> None:
    secret = accounts.hashed_password(PASSWORD)
    hub = factories.hub("Maison des Tilleuls")
    factories.verified_member(hub, "Anna B.", email="anna@example.org", password_hash=secret)
    vera = factories.volunteer(hub, "Véra K.", email="vera@example.org", password_hash=secret)
    drill = factories.item(
        "Perceuse-visseuse 18 V", hub=hub, shelf="B3", parts=(("Foret", 8), ("Batterie", 2))
    )
    factories.item("Tente 4 places", hub=hub)

    # Anna finds it before she logs in, and comes back to the same days afterwards.
    anna: Page = pages.open(live_server.url)
    anna.goto("/items")
    anna.get_by_role("searchbox").fill("perceuse")
    anna.get_by_role("searchbox").press("Enter")
    anna.get_by_role("link", name="Perceuse-visseuse 18 V").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Perceuse-visseuse 18 V")
    dock = anna.get_by_role("region", name="Votre choix")
    dock.get_by_role("link", name="Réserver").click()
    log_in(anna, "anna@example.org")
    expect(anna.get_by_role("heading", level=1)).to_have_text("Perceuse-visseuse 18 V")
    dock.get_by_role("button", name="Réserver").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("C’est réservé, Anna")
    loan = the_loan()
    assert (loan.status, loan.item_id) == ("reserved", drill.id)
    anna.get_by_role("link", name="Mes prêts").first.click()
    expect(anna.locator("main")).to_contain_text(re.compile("Réservé, dès|À prendre"))

    # Véra holds the counter on her phone: a card, a label, ten parts to look at.
    volunteer: Page = pages.open(live_server.url)
    volunteer.goto("/log-in")
    log_in(volunteer, "vera@example.org")
    volunteer.get_by_role("link", name="Comptoir de Maison des Tilleuls").first.click()
    expect(volunteer.locator(".said .word")).to_have_text(re.compile("Bonjour"))
    scan(volunteer, loan.borrower.code)
    expect(volunteer.locator("#who")).to_have_text("Anna B.")
    scan(volunteer, drill.code)
    expect(volunteer.locator(".said .word")).to_have_text("Vérifiez ensemble")
    assert the_loan().status == "reserved"
    volunteer.get_by_role("button", name="Tout cocher").click()
    volunteer.locator(f'[data-row="{drill.code}"]').get_by_role("button", name="Prêter").click()
    expect(volunteer.locator(".said .word")).to_have_text("Prêté")
    assert (the_loan().status, the_loan().checked_out_by_id) == ("checked_out", vera.id)

    # Anna sees it at home, and keeps it longer.
    anna.goto("/loans")
    anna.get_by_role("button", name="Prolonger : Perceuse-visseuse 18 V").click()
    expect(anna.get_by_role("status").filter(has_text="Prolongé jusqu’au")).to_be_visible()
    assert the_loan().renewals == 1

    # One scan, nobody needed; then a slip of the hand is undone, and done again.
    volunteer.get_by_role("link", name="Terminer").click()
    expect(volunteer.locator("#who")).to_have_count(0)
    scan(volunteer, f"{live_server.url}/c/{drill.code}")
    expect(volunteer.locator(".said .word")).to_have_text("Rendu")
    expect(volunteer.locator(".said")).to_contain_text("étagère B3")
    volunteer.get_by_role("button", name="Défaire : Perceuse-visseuse 18 V").first.click()
    expect(volunteer.locator(".said .word")).to_have_text("Défait")
    assert the_loan().status == "checked_out"
    scan(volunteer, drill.code)
    expect(volunteer.locator(".said .word")).to_have_text("Rendu")
    assert the_loan().status == "returned"

    anna.goto("/loans")
    expect(anna.locator("main")).to_contain_text("Rendu")
    assert anna.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert volunteer.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_same_without_a_script(app: Flask, pages: Any, live_server: WebServer) -> None:
    secret = accounts.hashed_password(PASSWORD)
    hub = factories.hub("Maison des Tilleuls")
    anna = factories.verified_member(hub, "Anna B.")
    factories.volunteer(hub, "Véra K.", email="vera@example.org", password_hash=secret)
    drill = factories.item("Perceuse", hub=hub, shelf="B3")
    factories.loan(drill, anna, due=clock.now().date() + timedelta(days=5))
    page: Page = pages.open(live_server.url, javascript=False)
    page.goto("/log-in")
    log_in(page, "vera@example.org")
    page.goto("/counter")
    for code, word in ((anna.code, "À vous deux"), (drill.code, "Prêté")):
        page.locator("#scan").fill(code)
        page.locator("#scan").press("Enter")
        expect(page.locator(".said .word")).to_contain_text(word)
    page.get_by_role("link", name="Terminer").click()
    page.locator("#scan").fill(drill.code)
    page.locator("#scan").press("Enter")
    expect(page.locator(".said .word")).to_have_text("Rendu")
    assert the_loan().status == "returned"
