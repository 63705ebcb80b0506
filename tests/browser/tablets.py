"""A hub's house and the tablets at its counter: browsers with profiles of their own, behind a wire that can be cut."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.counter.offline.models import ScanToSettle
from app.items.models import Item
from app.lending.models import Loan, LoanEvent
from tests import factories
from tests.harness.browser import DESK, FLAGS, BrowserDriver, executable
from tests.harness.sizes import FULL
from tests.harness.web import WebServer
from tests.harness.wire import Wire

MEMBERS = 20 if FULL else 6
READY = """Boolean(navigator.serviceWorker.controller && localStorage.getItem("movilab-day-ends"))
  && caches.match("/counter/without-network").then(Boolean)"""


def until(page: Page, expression: str, *, seconds: float = 120) -> None:
    """Wait until this is so in the page. (Playwright's own waiting evaluates in the page, which our CSP forbids.)"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(Error):  # a page that is just leaving
            if page.evaluate(expression):
                return
        time.sleep(0.1)
    raise AssertionError(f"never so: {expression}")


class Device:
    """A tablet at the counter: a browser with a profile of its own, behind a wire that can be cut."""

    def __init__(self, driver: BrowserDriver, wire: Wire, folder: Path, who: Any, app: Flask) -> None:
        self.driver, self.wire, self.folder, self.app, self.who = driver, wire, folder, app, who
        self.context: BrowserContext = self._start()
        self.log_in(who)
        self.page: Page = self.context.pages[0]

    def _start(self) -> BrowserContext:
        context = self.driver.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=executable(),
            args=list(FLAGS),
            base_url=self.wire.url,
            viewport=DESK,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        return context

    def log_in(self, who: Any) -> None:
        self.who = who
        cookie = factories.log_in(self.app.test_client(), who).get_cookie("movilab")
        assert cookie is not None
        self.context.add_cookies([{"name": "movilab", "value": cookie.value, "url": self.wire.url}])

    def open(self) -> None:
        """The desk, with all put aside that it needs without a network."""
        self.page.goto("/counter")
        until(self.page, READY)

    def kill(self) -> None:
        """SIGKILL, as when the battery is empty; then the tablet is switched on again."""
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = cmdline.read_bytes().split(b"\0")
                if f"--user-data-dir={self.folder}".encode() in words and b"--type=" not in b"".join(words):
                    os.kill(int(cmdline.parent.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        self.context = self._start()
        self.log_in(self.who)
        self.page = self.context.pages[0]

    def scan(self, *codes: str) -> None:
        """Each as fast as a scanner; the answer is waited for, as hands do."""
        for code in codes:
            self.page.keyboard.type(code, delay=1)
            self.page.keyboard.press("Enter")
            expect(self.page.locator("#desk")).not_to_have_attribute("aria-busy", "true")

    def lend(self, member: Resident, item: Item) -> None:
        self.scan(member.code, item.code)
        expect(self.word).to_have_text("Noté")
        self.page.keyboard.press("Escape")
        expect(self.word).to_have_text("Bonjour !")

    def take_back(self, item: Item) -> None:
        self.scan(item.code)
        expect(self.word).to_have_text("Noté")

    @property
    def word(self) -> Locator:
        return self.page.locator("#answer .said .word")

    @property
    def banner(self) -> Locator:
        return self.page.locator("#offline")

    def sent(self) -> None:
        """Wait until nothing is kept any more and the house answers."""
        expect(self.banner).not_to_have_attribute("data-state", "sending", timeout=120_000)
        expect(self.page.locator("#offline[data-shell]")).to_have_count(0, timeout=120_000)
        until(self.page, KEPT + ".then((kept) => kept === 0)")


KEPT = """new Promise((done) => {
  const asked = indexedDB.open("movilab-counter");
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = () => done(0);
  asked.onsuccess = () => {
    const counted = asked.result.transaction("scans").objectStore("scans").count();
    counted.onsuccess = () => { asked.result.close(); done(counted.result); };
  };
})"""


class House:
    """A hub with people and objects, and the server, which can be killed and comes back."""

    def __init__(self, start: Callable[..., WebServer]) -> None:
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.members = [factories.verified_member(self.hub, f"Membre {n}") for n in range(MEMBERS)]
        self.start = start
        self.server = start(workers=1)
        self.wire = Wire(self.server.port)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)

    def come_back(self) -> None:
        self.server = self.start(workers=1)
        self.wire.port = self.server.port

    def out(self, item: Item, member: Resident, **values: Any) -> Loan:
        today = clock.day_at(clock.now(), self.hub.timezone)
        began = {
            "status": "checked_out",
            "first_day": today - timedelta(days=2),
            "due": today + timedelta(days=5),
        }
        return factories.loan(
            item, member, **{**began, "checked_out_at": clock.now() - timedelta(days=2), **values}
        )


def done_since(line: int) -> list[tuple[str, int]]:
    """What happened to which object, in the order in which the house wrote it down."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.execute(
        select(LoanEvent.kind, Loan.item_id)
        .join(Loan, Loan.id == LoanEvent.loan_id)
        .where(LoanEvent.id > line, LoanEvent.kind.in_(("checked_out", "returned")))
        .order_by(LoanEvent.id)
    )
    return [(kind, item_id) for kind, item_id in rows]


def to_settle() -> list[tuple[str, str]]:
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.execute(select(ScanToSettle.item_code, ScanToSettle.why).order_by(ScanToSettle.id))
    return [(code, why) for code, why in rows]
