"""Posting by hand on a phone: a photo, a name, published. Taps and typed fields are counted; the network breaks off;
the page is loaded again; the same without a single script. On both databases."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Locator, Page, Request, Route, expect

from app.accounts.models import Resident
from app.core.db import db
from app.items.models import Item
from tests import factories as make
from tests.harness.web import WebServer
from tests.items.photos import kept

MOST_TAPS = 8
MOST_FIELDS = 2
CAMERA_TAPS = 2  # in the camera itself: the shutter, then "use this photo"
UPLOADS = "**/api/v1/uploads/**"


def photo(size: tuple[int, int] = (3000, 2250)) -> dict[str, Any]:
    """What a phone's camera hands over: noise, so that it stays large, and lying on its side by its EXIF."""
    picture = Image.effect_noise(size, 90).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80, exif=exif)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@dataclass
class Hand:
    """Counts what a hand does."""

    page: Page
    taps: int = 0
    typed: list[str] = field(default_factory=list)

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()

    def type(self, target: Locator, words: str) -> None:
        self.tap(target)
        self.typed.append(words)
        target.press_sequentially(words, delay=20)

    def photograph(self, button: Locator, file: dict[str, Any]) -> None:
        """The button opens the camera; what is tapped there counts too."""
        with self.page.expect_file_chooser() as opened:
            self.tap(button)
        self.taps += CAMERA_TAPS
        opened.value.set_files(file)


@pytest.fixture
def anna(app: Flask) -> Resident:
    top = make.category("jardin", name_fr="Jardin")
    make.category("tondeuses", name_fr="Tondeuses et taille", parent_id=top.id)
    make.category("perceuses", name_fr="Perceuses", parent_id=top.id)
    return make.resident("Anna B.")


@pytest.fixture
def phone(pages: Any, live_server: WebServer, app: Flask, anna: Resident) -> Callable[..., Page]:
    """Anna's phone, logged in; another resident's with `who`."""

    def opened(*, javascript: bool = True, who: Resident | None = None) -> Page:
        browser: FlaskClient = make.log_in(app.test_client(), who or anna)
        cookie = browser.get_cookie("movilab")
        assert cookie is not None
        page: Page = pages.open(live_server.url, javascript=javascript, has_touch=True, is_mobile=True)
        page.context.add_cookies([{"name": "movilab", "value": cookie.value, "url": live_server.url}])
        return page

    return opened


def items() -> list[Item]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Item).order_by(Item.id).all()


def button(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=words, exact=True)


def offsets(page: Page) -> list[int]:
    """Where each part that leaves the phone begins, from now on."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return found


def arrived(page: Page) -> None:
    expect(page.locator("[data-photo]")).to_have_attribute("data-state", "sent", timeout=20_000)


def test_an_object_with_a_photo_in_a_few_taps(phone: Callable[..., Page], app: Flask) -> None:
    page = phone()
    page.goto("/")
    hand = Hand(page)
    hand.tap(page.get_by_role("link", name="Proposer", exact=True).first)
    hand.photograph(page.get_by_text("Photographier"), photo())
    hand.type(page.get_by_label("C’est quoi ?"), "Tondeuse électrique")
    expect(page.get_by_role("radio", name="Tondeuses et taille")).to_be_checked()
    hand.tap(button(page, "Publier"))
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne", timeout=20_000)
    assert hand.taps <= MOST_TAPS
    assert len(hand.typed) <= MOST_FIELDS
    (item,) = items()
    assert (item.title, item.category.slug, item.status) == ("Tondeuse électrique", "tondeuses", "active")
    (shown,) = item.photos
    assert shown.height > shown.width  # upright, as it was taken
    assert len(kept(app)) == 3
    hand.tap(page.get_by_role("link", name="En proposer un autre"))
    expect(page.get_by_role("radio", name="Tondeuses et taille")).to_be_checked()
    expect(page.get_by_label("C’est quoi ?")).to_have_value("")
    expect(page.locator("[data-kept]")).to_be_hidden()  # what was posted is kept no longer


def test_the_same_without_a_script(phone: Callable[..., Page]) -> None:
    """One tap more: the shelf is guessed once the form was sent."""
    page = phone(javascript=False)
    page.goto("/")
    hand = Hand(page)
    hand.tap(page.get_by_role("link", name="Proposer", exact=True).first)
    hand.photograph(page.get_by_text("Photographier"), photo((1200, 900)))
    hand.type(page.get_by_label("C’est quoi ?"), "Tondeuse électrique")
    hand.tap(button(page, "Publier"))
    expect(page.get_by_role("alert")).to_contain_text("Est-ce bien là ?")
    expect(page.get_by_role("radio", name="Tondeuses et taille")).to_be_checked()
    hand.tap(button(page, "Publier"))
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    assert hand.taps <= MOST_TAPS
    assert len(hand.typed) <= MOST_FIELDS
    (item,) = items()
    assert len(item.photos) == 1


def breaking_off_after(parts: int) -> Callable[[Route], None]:
    """A network that is gone once so many parts of a photo have left."""
    left = 0

    def answer(route: Route) -> None:
        nonlocal left
        left += route.request.method == "PATCH"
        if left > parts:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    return answer


def test_a_photo_that_is_interrupted_goes_on_from_where_it_was(
    phone: Callable[..., Page], app: Flask
) -> None:
    page = phone()
    page.goto("/items/new")
    sent = offsets(page)
    page.route(UPLOADS, breaking_off_after(2))
    page.locator("#photo").set_input_files(photo())
    expect(page.locator("[data-said]")).to_contain_text(
        "Pas de réseau : la photo est gardée ici", timeout=20_000
    )
    waiting = sorted((app.extensions["movilab.config"].folder / "uploads").glob("*/*.part"))
    there = waiting[0].stat().st_size
    assert there == sent[2] > sent[1] > 0
    page.unroute(UPLOADS)
    del sent[:]
    page.evaluate("dispatchEvent(new Event('online'))")
    arrived(page)
    assert sent[0] == there
    page.get_by_label("C’est quoi ?").fill("Tondeuse")
    expect(page.get_by_role("radio", name="Tondeuses et taille")).to_be_checked()
    button(page, "Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    assert [len(item.photos) for item in items()] == [1]
    assert len(kept(app)) == 3


def test_a_reload_keeps_what_was_begun_and_the_photo_goes_on(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").press_sequentially("Perceuse")
    expect(page.get_by_role("radio", name="Perceuses")).to_be_checked()
    page.get_by_role("radio", name="Un autre…").check()
    page.get_by_label("Un autre rayon").select_option("tondeuses")
    page.get_by_role("checkbox", name="Donner").check()
    page.route(UPLOADS, breaking_off_after(1))
    page.locator("#photo").set_input_files(photo())
    expect(page.locator("[data-said]")).to_contain_text("Pas de réseau", timeout=20_000)
    page.wait_for_timeout(500)  # a thought, in which the phone keeps it
    page.unroute(UPLOADS)
    sent = offsets(page)
    page.reload()
    expect(page.get_by_text("Vous aviez commencé : tout est là.")).to_be_visible()
    expect(page.get_by_label("C’est quoi ?")).to_have_value("Perceuse")
    expect(page.get_by_role("radio", name="Tondeuses et taille")).to_be_checked()  # picked by hand
    expect(page.get_by_role("checkbox", name="Donner")).to_be_checked()
    arrived(page)
    assert sent[0] > 0
    page.reload()
    arrived(page)
    button(page, "Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    (item,) = items()
    assert (item.category.slug, item.gives, len(item.photos)) == ("tondeuses", True, 1)


def test_begun_afresh_nothing_stays(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").fill("Perceuse")
    page.wait_for_timeout(600)
    page.reload()
    button(page, "Recommencer à zéro").click()
    expect(page.get_by_label("C’est quoi ?")).to_have_value("")
    page.reload()
    expect(page.get_by_label("C’est quoi ?")).to_have_value("")
    expect(page.locator("[data-kept]")).to_be_hidden()


def test_without_network_it_waits_and_is_posted_once(phone: Callable[..., Page]) -> None:
    """The first answer is lost on its way back; what is sent again finds the object that there is."""
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").press_sequentially("Perceuse")
    expect(page.get_by_role("radio", name="Perceuses")).to_be_checked()
    tries = 0

    def lose_the_answer(route: Route) -> None:
        nonlocal tries
        if route.request.method != "POST":
            route.continue_()
            return
        tries += 1
        if tries == 1:
            route.fetch()
        if tries < 3:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/items/new", lose_the_answer)
    publish = button(page, "Publier")
    publish.click()
    expect(page.locator("[data-sending-said]")).to_contain_text("tout est gardé ici")
    publish.click(force=True)  # an impatient hand
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne", timeout=20_000)
    assert tries == 3
    assert len(items()) == 1


def test_two_taps_make_one_object(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").press_sequentially("Perceuse")
    expect(page.get_by_role("radio", name="Perceuses")).to_be_checked()
    button(page, "Publier").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    assert len(items()) == 1


def test_what_is_wrong_is_said_and_the_photo_stays(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/items/new")
    page.locator("#photo").set_input_files(photo((1600, 1200)))
    arrived(page)
    button(page, "Publier").click()
    expect(page.get_by_role("alert")).to_contain_text("C’est quoi ?")
    expect(page.locator("[data-photo] .pic img")).to_have_attribute("src", re.compile("^/photos/"))
    page.get_by_label("C’est quoi ?").press_sequentially("Perceuse")
    expect(page.get_by_role("radio", name="Perceuses")).to_be_checked()
    button(page, "Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    assert [len(item.photos) for item in items()] == [1]


def test_what_no_browser_reads_is_sent_as_it_is_and_told(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/items/new")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 5000
    page.locator("#photo").set_input_files({"name": "IMG.HEIC", "mimeType": "image/heic", "buffer": heic})
    expect(page.locator("#photo-error")).to_contain_text("HEIC")
    page.get_by_label("C’est quoi ?").press_sequentially("Perceuse")
    expect(page.get_by_role("radio", name="Perceuses")).to_be_checked()
    button(page, "Publier").click()  # it can go online without
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est en ligne")
    assert [len(item.photos) for item in items()] == [0]


DRAFTS = """() => new Promise((done) => {
  const asked = indexedDB.open("movilab", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts");
  asked.onsuccess = () => {
    const rows = asked.result.transaction("drafts").objectStore("drafts");
    const keys = rows.getAllKeys(); const values = rows.getAll();
    values.onsuccess = () => { asked.result.close(); done(JSON.stringify([keys.result, values.result])); };
  };
})"""


def test_the_device_keeps_no_secret_and_forgets_at_log_out(
    phone: Callable[..., Page], app: Flask, anna: Resident
) -> None:
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").fill("Perceuse")
    page.wait_for_timeout(600)
    keys, values = json.loads(page.evaluate(DRAFTS))
    assert keys == [f"{anna.id}:"]
    token = page.locator("#posting [name=csrf_token]").input_value()
    assert token not in json.dumps(values)
    page.goto("/account")
    button(page, "Se déconnecter").click()
    page.wait_for_load_state("networkidle")
    assert json.loads(page.evaluate(DRAFTS)) == [[], []]


def test_another_resident_on_the_same_device_sees_nothing_of_it(
    phone: Callable[..., Page], app: Flask, live_server: WebServer
) -> None:
    page = phone()
    page.goto("/items/new")
    page.get_by_label("C’est quoi ?").fill("Perceuse")
    page.wait_for_timeout(600)
    other: FlaskClient = make.log_in(app.test_client(), make.resident("Zoé"))
    cookie = other.get_cookie("movilab")
    assert cookie is not None
    page.context.add_cookies([{"name": "movilab", "value": cookie.value, "url": live_server.url}])
    page.goto("/items/new")
    page.wait_for_timeout(300)
    expect(page.get_by_label("C’est quoi ?")).to_have_value("")
    assert json.loads(page.evaluate(DRAFTS))[0] == []
