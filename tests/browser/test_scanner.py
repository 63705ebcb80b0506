"""The counter under a keyboard scanner: keys that come fast and end with Enter, wherever the cursor stands."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.harness.browser import DESK
from tests.harness.web import WebServer


class Counter:
    """A volunteer's browser at the counter of a hub with two objects."""

    def __init__(self, app: Flask, pages: Any, server: WebServer) -> None:
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3")
        self.tent = factories.item("Tente", hub=self.hub, deposit_cents=4000)
        self.page: Page = pages.open(server.url, size=DESK)
        self.page.context.add_cookies([self._cookie(app, server)])

    def _cookie(self, app: Flask, server: WebServer) -> Any:
        client = factories.log_in(app.test_client(), self.vera)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return {"name": cookie.key, "value": cookie.value, "url": server.url}

    def open(self) -> Page:
        self.page.goto("/counter")
        expect(self.word).to_contain_text("Bonjour")
        return self.page

    def scan(self, *codes: str) -> None:
        """As fast as a scanner, one after another, without waiting for any answer."""
        for code in codes:
            self.page.keyboard.type(code, delay=1)
            self.page.keyboard.press("Enter")

    @property
    def word(self) -> Any:
        return self.page.locator(".said .word")

    @property
    def chime(self) -> str | None:
        return self.page.locator("#desk").get_attribute("data-played")


@pytest.fixture
def counter(app: Flask, pages: Any, live_server: WebServer) -> Counter:
    return Counter(app, pages, live_server)


def loans() -> list[Loan]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Loan).order_by(Loan.id)))


def test_scans_that_follow_fast_are_taken_in_order(counter: Counter) -> None:
    counter.open()
    other = factories.item("Diable", hub=counter.hub)
    counter.scan(counter.anna.code, counter.drill.code, other.code)
    expect(counter.page.locator("#rest .thing")).to_have_count(2)
    expect(counter.word).to_have_text("Prêté")
    assert [(loan.item_id, loan.borrower_id) for loan in loans()] == [
        (counter.drill.id, counter.anna.id),
        (other.id, counter.anna.id),
    ]
    assert counter.chime == "lent"


def test_a_scan_is_heard_wherever_the_cursor_stands(counter: Counter) -> None:
    page = counter.open()
    page.locator("h2").first.click()
    counter.scan(counter.anna.code)
    expect(page.locator("#who")).to_have_text("Anna B.")
    page.get_by_role("link", name="Terminer").focus()  # Enter would follow the link
    counter.scan(counter.drill.code)
    expect(counter.word).to_have_text("Prêté")
    page.keyboard.press("Escape")
    expect(page.locator("#who")).to_have_count(0)
    counter.scan(counter.drill.code)
    expect(counter.word).to_have_text("Rendu")
    note = page.get_by_label("Un mot pour la suite")
    note.fill("Mandrin un peu dur")
    counter.scan(counter.anna.code)  # into the note, as the scanner knows no better
    expect(page.locator("#who")).to_have_text("Anna B.")
    assert all(loan.status == "returned" for loan in loans())


def test_what_a_scanner_typed_into_a_field_is_taken_out_again(counter: Counter) -> None:
    page = counter.open()
    counter.scan(counter.anna.code, counter.tent.code)
    expect(counter.word).to_have_text("Caution à recevoir")
    amount = page.get_by_label("Somme reçue, en euros")
    amount.focus()
    page.context.set_offline(True)
    counter.scan(counter.drill.code)
    expect(amount).to_have_count(0)
    expect(counter.word).to_have_text("Noté")
    assert loans() == []


def test_hands_that_type_are_not_taken_for_a_scanner(counter: Counter) -> None:
    page = counter.open()
    page.keyboard.type("anna", delay=180)
    expect(page.locator("#scan")).to_have_value("anna")
    page.keyboard.press("Enter")
    expect(counter.word).to_contain_text("Qui, ou quoi")
    page.get_by_role("button", name="Choisir Anna B.").click()
    expect(page.locator("#who")).to_have_text("Anna B.")


def test_each_answer_has_its_sound_and_silence_is_remembered(counter: Counter) -> None:
    page = counter.open()
    counter.scan("I-0000000")
    expect(counter.word).to_have_text("Étiquette inconnue")
    assert counter.chime == "stop"
    counter.scan(counter.anna.code, counter.drill.code)
    expect(counter.word).to_have_text("Prêté")
    assert counter.chime == "lent"
    sounds = page.get_by_role("button", name="Sons")
    expect(sounds).to_have_attribute("aria-pressed", "true")
    sounds.click()
    page.reload()
    expect(sounds).to_have_attribute("aria-pressed", "false")
    counter.scan("I-0000000")
    expect(counter.word).to_have_text("Étiquette inconnue")
    assert counter.chime is None


def test_a_us_scanner_on_an_azerty_computer(counter: Counter) -> None:
    page = counter.open()
    keys = dict(zip("1234567890-", "&é\"'(-è_çà)", strict=True)) | {"M": "?"}
    swapped = {"A": "Q", "Q": "A", "Z": "W", "W": "Z"}
    typed = "".join(keys.get(sign, swapped.get(sign, sign)) for sign in counter.anna.code)
    counter.scan(typed)
    expect(page.locator("#who")).to_have_text("Anna B.")


def test_nobody_s_name_stays_on_the_screen(counter: Counter) -> None:
    page = counter.page
    page.clock.install()
    counter.open()
    counter.scan(counter.anna.code, counter.drill.code)
    expect(counter.word).to_have_text("Prêté")
    page.clock.fast_forward(59_000)
    expect(page.locator("#who")).to_have_text("Anna B.")
    page.clock.fast_forward(3_000)
    expect(page.locator("#who")).to_have_count(0)
    expect(counter.word).to_contain_text("Bonjour")
    expect(page.locator("#rest .thing")).to_contain_text("Perceuse")
    expect(page.get_by_text("Anna B.")).to_be_hidden()
    page.mouse.move(300, 300)
    expect(page.get_by_text("Anna B.")).to_be_visible()


def test_without_network_it_goes_on_and_what_cannot_is_said(counter: Counter) -> None:
    page = counter.open()
    counter.scan(counter.anna.code)
    expect(page.locator("#who")).to_have_text("Anna B.")
    page.context.set_offline(True)
    counter.scan(counter.drill.code)
    expect(counter.word).to_have_text("Noté")
    page.keyboard.type("karim", delay=180)
    page.keyboard.press("Enter")
    expect(counter.word).to_have_text("Pas sans réseau")
    assert (counter.chime, loans()) == ("stop", [])
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_contain_text("C’est envoyé : 1 passage.")
    assert len(loans()) == 1
