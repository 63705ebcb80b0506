"""Debian's Chromium, driven by Playwright."""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from tests.harness.missing import missing

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


def executable() -> str | None:
    found = next((place for place in PLACES if Path(place).exists()), None)
    return found or shutil.which("chromium")


class BrowserDriver:
    """One browser for a test process; every page comes with a profile of its own."""

    def __init__(self) -> None:
        self.path = executable()
        if self.path is None:
            missing("browser: no Chromium on this machine")
        self.playwright: Playwright = sync_playwright().start()
        self.browser: Browser = self.launch()

    def launch(self, *flags: str) -> Browser:
        """Another browser beside, with flags of its own; whoever asks for it closes it."""
        return self.playwright.chromium.launch(executable_path=self.path, args=[*FLAGS, *flags])

    def stop(self) -> None:
        self.browser.close()
        self.playwright.stop()


class Pages:
    """Opens pages for one test, notes what went wrong in them, and closes them."""

    def __init__(self, driver: BrowserDriver) -> None:
        self.driver = driver
        self.contexts: list[Any] = []
        self.errors: list[str] = []

    def open(
        self,
        base_url: str,
        *,
        size: dict[str, int] | None = None,
        dark: bool = False,
        language: str = "fr-FR",
        javascript: bool = True,
        **options: Any,
    ) -> Page:
        """A new page in a new profile: a phone's size, light, French, with JavaScript, unless told otherwise."""
        context = self.driver.browser.new_context(
            base_url=base_url,
            viewport=size or PHONE,
            color_scheme="dark" if dark else "light",
            locale=language,
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.errors.append(f"{page.url}: {message.text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()
