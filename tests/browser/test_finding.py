"""Searching with one thumb: typed, narrowed, seen on a map, opened, reserved; without a full reload where htmx is
there, and whole without it; what a first visit weighs."""

import gzip
import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Response, Route, expect

from tests import factories as make
from tests.browser.demo import Demo
from tests.browser.pages import sideways
from tests.browser.visits import DESK, PHONE
from tests.harness.browser import BrowserDriver, Pages
from tests.harness.databases import Databases
from tests.harness.web import WebServer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def street(app: Flask) -> Any:
    """A hub with drills and a saw, another hub, and a neighbour with things at home. Who searches is Anna."""
    shelf = make.category("perceuses", name_fr="Perceuses", parent_id=make.category("bricolage").id)
    hub = make.hub("L’Escale", place=(44.70, 5.20))
    far = make.hub("Espace numérique Jean Jaurès", place=(44.74, 5.20))
    for number in range(24):
        make.item(f"Perceuse {number}", hub=hub if number % 3 else far, category_id=shelf.id)
    make.item("Perceuse donnée", hub=hub, category_id=shelf.id, lends=False, gives=True)
    inhabitant = make.resident("Inès")
    for title in ("Scie sauteuse", "Perceuse de voisine"):
        make.item(title, owner=inhabitant, category_id=shelf.id)
    return make.verified_member(hub, "Anna")


def phone_of(pages: Pages, server: WebServer, app: Flask, who: Any, **options: Any) -> Page:
    """A phone where `who` is logged in."""
    client = app.test_client()
    make.log_in(client, who)
    cookie = client.get_cookie("movilab")
    assert cookie is not None
    page = pages.open(server.url, **options)
    page.context.add_cookies([{"name": "movilab", "value": cookie.value, "url": server.url}])
    return page


def shown(page: Page) -> list[str]:
    """The objects of the list, in order."""
    return page.locator("#results h3 a").all_inner_texts()


def test_one_thumb(app: Flask, pages: Pages, live_server: WebServer, street: Any) -> None:
    page = phone_of(pages, live_server, app, street, has_touch=True)
    page.goto("/items")
    page.evaluate("window.stayed = true")

    # Typed: the answer comes into the page, the address says it, a screen reader hears it.
    page.get_by_role("searchbox").fill("perceuse")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#said")).to_have_text("Plus de 20 objets")
    expect(page).to_have_url(re.compile(r"/items\?q=perceuse&near=home$"))
    expect(page.locator("#results h3 a")).to_have_count(20)
    assert "Scie sauteuse" not in shown(page)

    # The rest is put below, and the focus goes on there.
    page.get_by_role("link", name="Voir la suite").tap()
    expect(page.locator("#results > li")).to_have_count(26)
    assert len(set(shown(page))) == 26
    assert page.evaluate("document.activeElement.textContent") == shown(page)[20]
    expect(page.locator("#said")).to_have_text("6 objets de plus")

    # Narrowed: the sheet says how many there would be before it is closed.
    page.get_by_role("link", name="Filtrer").tap()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="Voir 26 objets")).to_be_visible()
    sheet.get_by_label("1 km", exact=True).tap()
    expect(sheet.get_by_role("button", name="Voir 18 objets")).to_be_visible()
    sheet.get_by_label("À emprunter").tap()
    sheet.get_by_role("button", name="Voir 17 objets").tap()
    expect(page.locator("#found")).to_contain_text("17 objets")
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("link", name="Enlever ce choix : À emprunter")).to_be_visible()

    # On a map: the same objects, from the same list.
    page.get_by_role("link", name="Carte").tap()
    expect(page.locator("[data-drawn]")).to_have_attribute("data-drawn", "17")
    expect(page.locator("#results > li")).to_have_count(17)
    doors = page.locator(".pin:not(.many)")
    if doors.count() == 0:
        page.locator(".pin.many").tap()  # doors that stand close: it looks closer
    doors.first.tap()
    popup = page.locator(".leaflet-popup")
    expect(popup.get_by_role("link").first).to_be_visible()
    assert set(popup.locator("li a").all_inner_texts()) <= set(shown(page))
    assert page.evaluate("window.stayed") is True

    # Back, one question at a time.
    page.go_back()
    expect(page.locator("#found")).to_contain_text("17 objets")
    expect(page.locator(".map")).to_have_count(0)
    title = shown(page)[0]
    page.get_by_role("link", name=title, exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("region", name="Votre choix").get_by_role("button", name="Réserver").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est réservé")
    assert pages.errors == []


def test_the_same_without_a_script(app: Flask, pages: Pages, live_server: WebServer, street: Any) -> None:
    page = phone_of(pages, live_server, app, street, javascript=False)
    page.goto("/items")
    page.get_by_role("searchbox").fill("perceuse")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#results h3 a")).to_have_count(20)
    page.get_by_role("link", name="Voir la suite").click()
    expect(page.locator("#results h3 a")).to_have_count(6)
    assert not sideways(page)  # a hub may have a long name
    page.set_viewport_size(PHONE)
    page.go_back()
    page.get_by_role("link", name="Filtrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Filtrer")
    page.get_by_label("1 km", exact=True).check(force=True)
    page.get_by_label("À emprunter").check(force=True)
    page.get_by_role("button", name="Voir").click()
    expect(page.locator("#found")).to_contain_text("17 objets")
    page.get_by_role("link", name="Enlever ce choix : À emprunter").click()
    expect(page.locator("#found")).to_contain_text("18 objets")
    page.get_by_role("link", name="Carte").click()
    expect(page.locator("#results > li")).to_have_count(18)
    expect(page.locator("main noscript p")).to_be_visible()
    page.get_by_role("link", name="Liste", exact=True).click()
    title = next(one for one in shown(page) if one != "Perceuse donnée")
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("button", name="Réserver").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est réservé")


def test_a_column_on_a_wide_screen(app: Flask, pages: Pages, live_server: WebServer, street: Any) -> None:
    page = phone_of(pages, live_server, app, street, size=DESK)
    page.goto("/items?q=perceuse")
    column = page.locator("#side")
    expect(column.get_by_label("1 km", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Filtrer")).to_be_hidden()
    expect(column.locator("label", has_text="Bricolage")).to_contain_text("26")
    column.get_by_label("Donné", exact=True).click()
    expect(page.locator("#found")).to_contain_text("1 objet")
    assert shown(page) == ["Perceuse donnée"]
    # Words that stand in the box but were not sent yet count as well.
    page.get_by_role("searchbox").fill("scie")
    column.locator("#mode-0").check(force=True)
    expect(page.locator("#results h3 a")).to_have_text(["Scie sauteuse"])
    # Taken off above, it is taken off in the column too.
    column.get_by_label("À emprunter").click()
    page.get_by_role("link", name=re.compile("Enlever ce choix")).click()
    expect(page.get_by_role("link", name=re.compile("Enlever ce choix"))).to_have_count(0)
    expect(column.locator("#mode-0")).to_be_checked()
    # A fault is told in place, and mended in place.
    page.goto("/items?from=2026-12-09&to=2026-12-01")
    expect(page.get_by_role("alert").first).to_contain_text("Le dernier jour vient avant le premier")
    assert pages.errors == []


def test_an_old_answer_never_overtakes(app: Flask, pages: Pages, live_server: WebServer, street: Any) -> None:
    page = phone_of(pages, live_server, app, street)
    page.goto("/items")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/items?q=perceuse*", hold)
    page.get_by_role("searchbox").fill("perceuse")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#finding")).to_have_class(re.compile("htmx-request"))
    page.get_by_role("searchbox").fill("scie")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#results h3 a")).to_have_text(["Scie sauteuse"])
    for route in waiting:
        route.continue_()
    page.wait_for_timeout(300)
    assert shown(page) == ["Scie sauteuse"]
    # No network: it is said, and what stood there stands.
    page.route("**/items?q=marteau*", lambda route: route.abort())
    page.get_by_role("searchbox").fill("marteau")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Vérifiez le réseau")
    assert shown(page) == ["Scie sauteuse"]


def test_the_map_by_keyboard(app: Flask, pages: Pages, live_server: WebServer, street: Any) -> None:
    page = phone_of(pages, live_server, app, street, size=DESK)
    page.goto("/items?q=perceuse&view=map")
    expect(page.locator("[data-drawn]")).to_be_visible()
    door = page.locator(".pin:not(.many)").first
    expect(door).to_have_attribute("role", "button")
    door.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup li a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(door).to_be_focused()
    assert pages.errors == []


def test_tiles_are_pictures_of_one_host(databases: Databases, pages: Pages, tmp_path: Any) -> None:
    database = databases.fresh("sqlite", "tiles")
    with database.app_with().app_context():
        make.item("Tente", hub=make.hub())
    tiles = {"MOVILAB_TILE_URL": "https://tile.example.org/{z}/{x}/{y}.png", "MOVILAB_TILE_CREDIT": "© Ici"}
    server = WebServer({**database.environ, **tiles}, workers=1, log=tmp_path / "log")
    try:
        page = pages.open(server.url)
        asked: list[str] = []

        def tile(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(body=PIXEL, content_type="image/png")

        page.route("https://tile.example.org/**", tile)
        page.goto("/items?view=map")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        expect(page.locator(".leaflet-control-attribution")).to_contain_text("© Ici")
        assert asked
        assert pages.errors == []
    finally:
        server.stop()
        database.dispose()


@pytest.mark.parametrize(("path", "most_kb", "most"), [("/items", 90, 12), ("/items?view=map", 150, 12)])
def test_a_first_visit_is_light(
    browser_driver: BrowserDriver, demo: Demo, path: str, most_kb: int, most: int
) -> None:
    """On a phone, with nothing kept from before; compressed as the server in front does it."""
    context = browser_driver.browser.new_context(base_url=demo.url, viewport=PHONE)
    page = context.new_page()
    came: list[Response] = []

    def note(answer: Response) -> None:
        came.append(answer)

    page.on("response", note)
    page.goto(path, wait_until="networkidle")
    packed = {
        one.url: one.body() if one.url.endswith(".woff2") else gzip.compress(one.body()) for one in came
    }
    context.close()
    assert len(came) <= most, sorted(packed)
    assert sum(map(len, packed.values())) <= most_kb * 1024
