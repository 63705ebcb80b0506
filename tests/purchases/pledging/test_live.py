"""The page of a pledge in a browser: a big plus, and all that follows from it is there without reloading."""

import re
from typing import Any

from flask import Flask
from playwright.sync_api import expect

from tests import factories
from tests.harness.web import WebServer


def test_the_sum_runs_along_and_others_are_seen(app: Flask, live_server: WebServer, pages: Any) -> None:
    one = factories.campaign(minimum_cents=30_000)
    oil = factories.product(one, tiers={12: 2790})
    client = factories.log_in(app.test_client(), factories.resident())
    cookie = client.get_cookie("movilab")
    assert cookie is not None
    page = pages.open(live_server.url)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.clock.install()
    page.goto(f"/purchases/{one.id}/pledge")
    for _ in range(6):
        page.get_by_role("button", name="Un de plus : Huile d’olive").click()
    expect(page.locator("#sum .total")).to_have_text(re.compile(r"176,40\s€"))
    expect(page.locator(f"#pack-{oil.id}")).to_contain_text("6 sur 6")
    factories.log_in(client, factories.resident())
    assert client.post(f"/purchases/{one.id}/pledge", data={f"want_{oil.id}": "6"}).status_code == 302
    page.clock.fast_forward(16_000)  # the page looks by itself
    expect(page.locator("#sum .total")).to_have_text(re.compile(r"167,40\s€"))
    assert page.locator(f"#want_{oil.id}").input_value() == "6"
    page.get_by_role("button", name="Je m’engage").click()
    expect(page.get_by_role("button", name="Retirer mon engagement")).to_be_visible()
