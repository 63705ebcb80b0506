"""The waiting list by hand: two stand in line on their phones, the counter says whose turn it is, one passes with a tap of
the message, the next one takes."""

from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.db import db
from app.lending.models import Loan
from app.lending.waiting.models import PlaceInLine
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.acts import Hands
from tests.harness.browser import DESK
from tests.harness.web import WebServer


def answer(phone: Page, button: str) -> None:
    """Open the latest news and answer with one tap."""
    phone.goto("/notifications")
    phone.get_by_role("button", name="C’est votre tour").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("C’est votre tour")
    phone.get_by_role("button", name=button).click()


def test_a_turn_is_passed_and_taken(app: Flask, pages: Any, live_server: WebServer) -> None:
    hub = factories.hub("Maison des Tilleuls")
    karim, anna, bea = (factories.verified_member(hub, name) for name in ("Karim S.", "Anna B.", "Béa N."))
    drill = factories.item("Perceuse", hub=hub, shelf="B3")
    factories.loan(drill, karim, status="checked_out")

    phones = [opened(app, pages, live_server, anna), opened(app, pages, live_server, bea, javascript=False)]
    for phone, where in zip(phones, ("En tête de la file", "2e dans la file"), strict=True):
        phone.goto(f"/items/{drill.id}")
        phone.get_by_role("button", name="Prendre place dans la file").click()
        expect(phone.locator("#days")).to_contain_text(where)

    page = opened(app, pages, live_server, factories.volunteer(hub, "Véra K."), size=DESK)
    desk = Hands(page)
    page.goto("/counter")
    with desk.act("back, and somebody waits"):
        desk.scan(drill.code)
        desk.says("Gardez-le pour Anna B.")
    answer(phones[0], "Pas cette fois : Perceuse")
    expect(phones[0].locator("main")).to_contain_text("Perceuse")
    answer(phones[1], "Je le prends : Perceuse")
    expect(phones[1].get_by_role("heading", level=1)).to_contain_text("C’est réservé, Béa")
    with desk.act("collected"):
        desk.scan(bea.code, drill.code)
        desk.says("Prêté")
    db.session.rollback()
    places = db.session.execute(
        select(PlaceInLine.resident_id, PlaceInLine.status).order_by(PlaceInLine.turn)
    )
    assert [tuple(place) for place in places] == [(anna.id, "waiting"), (bea.id, "collected")]
    assert db.session.scalars(select(Loan.borrower_id).where(Loan.status == "checked_out")).all() == [bea.id]
