"""From hub to hub by hand: asked for without a script, on the van list, sent by a scan, received by a scan, lent there."""

from typing import Any

from flask import Flask
from playwright.sync_api import expect

from app.core.db import db
from app.items.models import Item
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.acts import Hands
from tests.harness.browser import DESK
from tests.harness.web import WebServer


def test_an_object_takes_the_van(app: Flask, pages: Any, live_server: WebServer) -> None:
    here, there = factories.hub("Maison des Tilleuls"), factories.hub("Atelier du Canal")
    zoe = factories.verified_member(there, "Zoé M.")
    saw = factories.item("Scie à onglet", hub=here, shelf="B1")

    asking = opened(app, pages, live_server, factories.volunteer(there, "Omar D."), javascript=False)
    asking.goto(f"/items/{saw.id}")
    asking.get_by_role("link", name="Le demander pour mon lieu").click()
    asking.get_by_role("radio", name="Atelier du Canal").check()
    asking.get_by_role("button", name="Demander le transfert").click()
    expect(asking.locator("main")).to_contain_text("Scie à onglet")

    sending = opened(app, pages, live_server, factories.volunteer(here, "Véra K."), javascript=False)
    sending.goto(f"/hubs/{here.slug}/transfers")
    expect(sending.get_by_role("table", name="À charger pour Atelier du Canal")).to_contain_text(
        "Prêt à partir"
    )
    sending.get_by_label("Le code de l’objet qui part ou qui arrive").fill(saw.code)
    sending.get_by_role("button", name="Noter").click()
    expect(sending.get_by_role("table", name="Partis d’ici")).to_contain_text("En route")

    asking.goto(f"/hubs/{there.slug}/transfers")
    expect(asking.get_by_role("table", name="Attendus ici")).to_contain_text("Scie à onglet")
    page = opened(app, pages, live_server, factories.volunteer(there, "Léa P."), size=DESK)
    desk = Hands(page)
    page.goto("/counter")
    with desk.act("received"):
        desk.scan(saw.code)
        desk.says("Arrivé")
        expect(page.locator("#said")).to_contain_text("vient de Maison des Tilleuls")
    with desk.act("lent where it is now"):
        desk.scan(zoe.code, saw.code)
        desk.says("Prêté")
    asking.reload()
    expect(asking.locator("main")).to_contain_text("Rien ne bouge")
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Item, saw.id).hub_id == there.id
