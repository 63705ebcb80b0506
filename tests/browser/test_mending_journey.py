"""From a broken speaker to the bench and back, by hand: the one who brings it back shows what is wrong, the volunteer
writes down what was done. On both databases."""

from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app.core.db import db
from app.items.models import Item, ItemClaim
from tests import factories
from tests.browser.test_posting_journey import photo
from tests.harness.web import WebServer


def opened(app: Flask, pages: Any, server: WebServer, who: Any, **options: Any) -> Page:
    """A browser of this person, who has logged in."""
    cookie = factories.log_in(app.test_client(), who).get_cookie("movilab")
    page: Page = pages.open(server.url, **options)
    page.context.add_cookies([{"name": "movilab", "value": cookie.value, "url": server.url}])
    return page


def test_shown_mended_and_back(app: Flask, pages: Any, live_server: WebServer) -> None:
    hub = factories.hub("Maison des Tilleuls")
    anna, ines = factories.verified_member(hub, "Anna B."), factories.volunteer(hub, "Inès V.")
    speaker = factories.item("Enceinte", hub=hub, condition="damaged", shelf="D3")
    loan = factories.loan(speaker, anna, status="returned", condition_in="damaged")
    factories.changed(db.session.get_one(ItemClaim, loan.claim_id), live=False)
    factories.repair(speaker, ines, loan_id=loan.id, note="Elle grésille")

    hers = opened(app, pages, live_server, anna)
    hers.goto(f"/loans/{loan.id}/condition")
    with hers.expect_file_chooser() as camera:
        hers.get_by_text("Choisir une photo").click()
    camera.value.set_files(photo((1600, 1200)))
    expect(hers.get_by_text("La photo est arrivée.")).to_be_visible()
    hers.get_by_label("Ce que vous voyez").fill("La membrane est percée")
    hers.get_by_role("button", name="Noter").click()
    expect(hers.get_by_alt_text("Photo de Anna B., en grand")).to_be_visible()

    bench = opened(app, pages, live_server, ines)
    bench.goto(f"/hubs/{hub.slug}/repairs")
    bench.get_by_role("link", name="Enceinte").click()
    shown = bench.get_by_alt_text("Photo de Anna B., en grand")
    expect(shown).to_be_visible()
    assert shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    bench.get_by_role("radio", name="Réparé").check()
    bench.get_by_role("textbox", name="Ce qui a été fait").fill("Membrane recollée")
    bench.get_by_label("Minutes, cette fois").fill("25")
    bench.get_by_role("button", name="Noter").click()
    expect(bench.get_by_text("il se prête de nouveau")).to_be_visible()
    expect(bench.get_by_text("25 min").first).to_be_visible()
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Item, speaker.id).condition == "good"
