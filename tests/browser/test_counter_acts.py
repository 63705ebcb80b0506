"""The acts of the counter as a volunteer does them: with a scanner of either layout, and with a camera."""

import io
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from app.core.db import db
from app.hubs.models import Hub
from app.items.models import Item
from app.lending.models import Loan
from tests import factories
from tests.harness.acts import Hands, cast, play
from tests.harness.browser import DESK, BrowserDriver
from tests.harness.web import WebServer


@pytest.fixture
def hub(app: Flask) -> Hub:
    return factories.hub("Maison des Tilleuls")


def sit_down(context: BrowserContext, app: Flask, server: WebServer, hub: Hub) -> None:
    """A volunteer of this hub logs in there."""
    client = factories.log_in(app.test_client(), factories.volunteer(hub, "Véra K."))
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def loans() -> list[tuple[str, str]]:
    """What there is of walk-ins: code and status, in order."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.execute(
        select(Item.code, Loan.status)
        .join(Loan, Loan.item_id == Item.id)
        .where(Loan.walk_in)
        .order_by(Loan.id)
    )
    return [(row.code, row.status) for row in rows]


def test_a_morning_with_a_scanner(app: Flask, hub: Hub, pages: Any, live_server: WebServer) -> None:
    page = pages.open(live_server.url, size=DESK)
    sit_down(page.context, app, live_server, hub)
    given = cast(hub)
    acts = play(Hands(page), given)
    assert [(act.scans, act.clicks) for act in acts] == [(4, 0), (1, 0), (1, 1), (2, 1), (1, 2)]
    first, *others = given.three
    assert loans()[:3] == [(first, "returned"), *((code, "checked_out") for code in others)]
    assert db.session.scalars(select(Item.title).where(Item.code == given.strange)).all() == [given.bare]
    hands = Hands(page)
    with hands.act("a scan while a day is being chosen"):
        hands.scan(given.card, first)
        page.get_by_text("Un autre jour").click()
        page.get_by_label("À rendre le").focus()
        hands.scan(others[0])
        hands.says("Déjà prêté")
    with hands.act("two scanners at once"):
        hands.scan("".join(map("".join, zip(given.card, first, strict=True))))
        hands.says("Mal lu")
    assert len(loans()) == 5
    other = Hands(page, azerty=True)
    with other.act("taken back through a layout that is not the scanner's"):
        other.scan(f"https://movilab.example/c/{others[0]}")
        other.says("Rendu")
    assert loans()[1] == (others[0], "returned")


def film(path: Path, *shown: tuple[str, float]) -> None:
    """What a camera sees, 30 pictures a second: each text as a QR label for so many seconds, a grey wall between."""
    wall = Image.new("L", (640, 480), 170)
    with path.open("wb") as tape:
        for text, seconds in shown:
            picture = wall.copy()
            label = io.BytesIO()
            segno.make(text, error="m").save(label, kind="png", scale=8, border=4)
            picture.paste(Image.open(label).convert("L"), (140, 60))
            for frame in [picture] * int(seconds * 30) + [wall] * 5:
                frame.save(tape, "JPEG", quality=80)


def test_a_camera_reads_cards_and_labels(
    app: Flask, hub: Hub, browser_driver: BrowserDriver, live_server: WebServer, tmp_path: Path
) -> None:
    """No browser here has a reader of its own: the vendored one is fetched when the camera is asked for."""
    nadia = factories.verified_member(hub, "Nadia B.")
    drill = factories.item("Perceuse", hub=hub)
    film(
        tmp_path / "desk.mjpeg",
        (f"{live_server.url}/c/{nadia.code}", 2),
        (f"{live_server.url}/c/{drill.code}", 3),
    )
    browser = browser_driver.launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'desk.mjpeg'}",
    )
    context = browser.new_context(base_url=live_server.url, viewport=DESK, locale="fr-FR")
    try:
        sit_down(context, app, live_server, hub)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/counter")
        assert not any("zxing" in url for url in asked)
        page.get_by_role("button", name="Caméra").click()
        expect(page.locator("#rest .thing h4")).to_have_text("Perceuse", timeout=20_000)
        assert any("zxing" in url for url in asked)
        assert loans() == [(drill.code, "checked_out")]
        page.get_by_role("button", name="Caméra").click()
        expect(page.locator("#camera video")).to_be_hidden()
    finally:
        browser.close()
