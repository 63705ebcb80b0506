"""Who looks, and how: persons, themes, languages, sizes; and what the browser complained about meanwhile."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

from tests.browser.demo import Demo

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    theme: str = "light"
    language: str = "fr"
    size: str = "phone"

    def __str__(self) -> str:
        return f"{self.theme} {self.language} {self.size}"


PAIRWISE = (
    Look("light", "fr", "phone"),
    Look("dark", "fr", "desk"),
    Look("light", "en", "desk"),
    Look("dark", "en", "phone"),
)
"""Every theme with every language, every theme and every language at every size: in four looks."""
WHOLE = tuple(Look("light", language, size) for language, size in product(("fr", "en"), ("phone", "desk")))
"""Every language at every size; each is turned dark where it stands (`dark`), because only colours differ."""


def dark(page: Page) -> None:
    """The same page by night."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished)).then(() => null)")


class Visits:
    """Keeps one tab for each person, which takes on one look after the other; `complaints` are what the browser wrote
    into its console."""

    def __init__(self, driver: Any, demo: Demo) -> None:
        self.driver = driver
        self.demo = demo
        self.tabs: dict[tuple[str, bool], Page] = {}
        self.complaints: list[str] = []

    def tab(self, person: str, look: Look, *, javascript: bool = True) -> Page:
        """This person's tab, with this look; opened when it is first asked for."""
        key = (person, javascript)
        if key not in self.tabs:
            self.tabs[key] = self._open(person, javascript=javascript)
        page = self.tabs[key]
        page.set_viewport_size(PHONE if look.size == "phone" else DESK)
        page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light", reduced_motion="reduce")
        page.context.add_cookies([{"name": "locale", "value": look.language, "url": self.demo.url}])
        page.context.set_extra_http_headers({"Accept-Language": look.language})
        return page

    def go(self, person: str, look: Look, path: str, *, javascript: bool = True) -> tuple[Page, Response]:
        """Open this address and wait until it stands; nothing of the page before is held against it."""
        page = self.tab(person, look, javascript=javascript)
        self.demo.speak(person, look.language)
        self.complaints.clear()
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        return page, answer

    def _open(self, person: str, *, javascript: bool) -> Page:
        context = self.driver.browser.new_context(
            base_url=self.demo.url, timezone_id="Europe/Paris", java_script_enabled=javascript
        )
        context.set_default_timeout(15_000)
        if person != "stranger":
            cookie = {"name": "movilab", "value": self.demo.cookies[person], "url": self.demo.url}
            context.add_cookies([cookie])
        page: Page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        url = str(message.location.get("url"))
        answered = "Failed to load resource" in message.text and (url == page.url or "/counter/" in url)
        if not answered:  # a page, or a scan, that is told with 404 or 422 is no mistake of the page
            self.complaints.append(f"{message.type}: {message.text} {url}")

    def close(self) -> None:
        for page in self.tabs.values():
            page.context.close()
        self.tabs.clear()
