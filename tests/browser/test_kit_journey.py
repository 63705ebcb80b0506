"""A kit by hand: reserved as one on a phone, lent by one scan with all its objects ticked, back by one; meanwhile none of
its objects leaves with anybody else."""

from typing import Any

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.acts import Hands
from tests.harness.browser import DESK
from tests.harness.web import WebServer


def loans() -> list[tuple[str, str]]:
    """Title and status of each, in order."""
    db.session.rollback()
    db.session.expire_all()
    return [(loan.item.title, loan.status) for loan in db.session.scalars(select(Loan).order_by(Loan.id))]


def test_a_kit_leaves_and_comes_back_as_one(app: Flask, pages: Any, live_server: WebServer) -> None:
    hub = factories.hub("Maison des Tilleuls")
    anna, karim = (factories.verified_member(hub, name) for name in ("Anna B.", "Karim S."))
    tent, stove = (factories.item(title, hub=hub, shelf="C1") for title in ("Tente 2 places", "Réchaud"))
    kit = factories.kit("Week-end sous la tente", of=(tent, stove))
    today = clock.day_at(clock.now(), hub.timezone).isoformat()

    phone = opened(app, pages, live_server, anna, javascript=False)
    phone.goto(f"/items/{kit.id}?from={today}&to={today}")
    expect(phone.locator("main")).to_contain_text("Réchaud")
    phone.locator("#days").get_by_role("button", name="Réserver").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("C’est réservé, Anna")
    phone.goto(f"/items/{tent.id}?from={today}&to={today}")
    expect(phone.locator("#days")).to_contain_text("Ces jours-là ne vont pas")

    page = opened(app, pages, live_server, factories.volunteer(hub, "Véra K."), size=DESK)
    desk = Hands(page)
    page.goto("/counter")
    with desk.act("left unticked"):
        desk.scan(anna.code, kit.code)
        desk.says("Vérifiez ensemble")
        page.keyboard.press("Escape")
        desk.says("Bonjour")
        expect(page.get_by_role("alert")).to_contain_text("Pas prêté : Week-end sous la tente.")
    with desk.act("the kit lent"):
        desk.scan(anna.code, kit.code)
        desk.says("Vérifiez ensemble")
        desk.click("button", "Tout cocher")
        page.locator(f'[data-row="{kit.code}"]').get_by_role("button", name="Prêter").click()
        desk.says("Prêté")
    with desk.act("one of its objects refused"):
        desk.scan(karim.code, stove.code)
        desk.says("Pas celui-ci")
        expect(page.locator("#said")).to_contain_text("« Week-end sous la tente » est chez Anna B.")
    with desk.act("all of it back"):
        desk.scan(kit.code)
        desk.says("Rendu")
    with desk.act("an object of it by itself"):
        desk.scan(karim.code, stove.code)
        desk.says("Prêté")
    assert loans() == [("Week-end sous la tente", "returned"), ("Réchaud", "checked_out")]
