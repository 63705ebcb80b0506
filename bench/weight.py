"""What a first visit of the search page weighs, seen from a real browser on a phone."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import fill, servers
from bench.blocks import Found, Row
from tests.harness.browser import PHONE, BrowserDriver

MOST_KB, MOST_REQUESTS = 90, 12
TEXT = ("text/", "application/javascript", "application/json", "application/manifest", "image/svg")


def measure() -> Found:
    """One visit by somebody who has never been here."""
    with TemporaryDirectory(prefix="movilab-bench-") as name:
        settings = servers.environ(Path(name))
        fill.fill(settings, objects=1_000)
        with servers.gunicorn("wsgi:app", settings) as server:
            seen = _visit(f"http://127.0.0.1:{server.port}/items")
    total = sum(weight for _, weight in seen) / 1000
    heaviest = sorted(seen, key=lambda one: -one[1])
    details = "; ".join(f"{weight / 1000:.1f} {path}" for path, weight in heaviest)
    return Found(
        [
            Row("first visit of the search page, all assets", f"{total:.0f} KB", f"≤ {MOST_KB} KB", total <= MOST_KB,
                f"text as gzip sends it: {details}"),
            Row("its requests", str(len(seen)), f"≤ {MOST_REQUESTS}", len(seen) <= MOST_REQUESTS, ""),
        ]
    )  # fmt: skip


def _visit(url: str) -> list[tuple[str, int]]:
    """Each answer of the visit: its path, and its bytes as a web server in front would send them."""
    driver = BrowserDriver()
    try:
        context = driver.browser.new_context(viewport=PHONE, locale="fr-FR")
        page = context.new_page()
        answers: list[Any] = []
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright marks what it is given
        page.goto(url, wait_until="networkidle")
        return [(_path(answer.url), _weight(answer)) for answer in answers if answer.url.startswith("http")]
    finally:
        driver.stop()


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3].partition("?")[0]


def _weight(answer: Any) -> int:
    body: bytes = answer.body()
    kind = answer.headers.get("content-type", "")
    return len(gzip.compress(body, 6)) if kind.startswith(TEXT) else len(body)
