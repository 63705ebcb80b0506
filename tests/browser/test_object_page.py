"""The page of an object on a phone: its link handed on, its photos leafed through, a day picked from the strip."""

from typing import Any

from playwright.sync_api import Page, expect

from app.core import clock
from app.items.models import Item, Photo
from tests import factories
from tests.harness.web import WebServer

SHEET = "navigator.share = (what) => { window.handed = what; return Promise.resolve(); };"
NO_SHEET = "delete Navigator.prototype.share;"


def _an_object(photos: int = 3) -> Item:
    item = factories.item("Perceuse", hub=factories.hub("L’Escale"))
    for position in range(photos):
        factories.stored(
            Photo(
                item_id=item.id,
                file=f"{position:032x}",
                width=1280,
                height=960,
                position=position,
                created_at=clock.now(),
            )
        )
    return item


def test_the_link_is_handed_on(app: Any, pages: Any, live_server: WebServer) -> None:
    item = _an_object()
    phone: Page = pages.open(live_server.url)
    phone.add_init_script(SHEET)
    phone.goto(f"/items/{item.id}")
    expect(phone.get_by_text("Le lien de cet objet")).to_be_hidden()
    phone.get_by_role("button", name="Partager").click()
    handed = phone.evaluate("window.handed")
    assert handed["title"] == "Perceuse"
    assert handed["url"].endswith(f"/items/{item.id}")

    desk: Page = pages.open(live_server.url, permissions=["clipboard-read", "clipboard-write"])
    desk.add_init_script(NO_SHEET)
    desk.goto(f"/items/{item.id}")
    desk.get_by_role("button", name="Partager").click()
    expect(desk.get_by_text("Le lien est copié.")).to_be_visible()
    assert desk.evaluate("navigator.clipboard.readText()").endswith(f"/items/{item.id}")


def test_without_a_script_the_link_and_the_photos_are_there(
    app: Any, pages: Any, live_server: WebServer
) -> None:
    item = _an_object()
    page: Page = pages.open(live_server.url, javascript=False)
    page.goto(f"/items/{item.id}")
    expect(page.get_by_role("link", name=f"/items/{item.id}")).to_be_visible()
    expect(page.get_by_role("button", name="Partager")).to_be_hidden()
    strip = page.get_by_role("list", name="Photos, à faire glisser")
    expect(strip.get_by_role("link", name="Photo 1 sur 3")).to_be_in_viewport()
    page.get_by_role("link", name="Aller à la photo 3").click()
    expect(strip.get_by_role("link", name="Photo 3 sur 3")).to_be_in_viewport()
    expect(strip.get_by_role("link", name="Photo 1 sur 3")).not_to_be_in_viewport()
    page.locator(".glance a").last.click()
    assert "from=" in page.url
    expect(page.get_by_role("heading", name="Touchez le dernier jour")).to_be_visible()
