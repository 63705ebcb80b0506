"""What a volunteer does at the counter, in a real browser: how many scans and clicks each act takes, and how long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from app.core import clock, codes
from app.hubs.models import Hub
from tests import factories

# What an AZERTY computer makes of the keys that a US-layout scanner presses (meant: made).
AZERTY = (
    dict(zip("1234567890-", "&é\"'(-è_çà)", strict=True))
    | dict(zip("aqzwAQZW", "qawzQAWZ", strict=True))
    | dict(zip("mM;:./,", ",?mM:!;", strict=True))
)


SCANNER_PAUSE = 0.004
"""Seconds between two keys."""


@dataclass(frozen=True)
class Act:
    """One act: its name, what it took, and milliseconds from its first key to its last answer on the screen."""

    name: str
    scans: int
    clicks: int
    ms: float


@dataclass(frozen=True)
class Cast:
    """Who and what the acts need, by code."""

    hub: str
    card: str
    three: list[str]
    reserved: str
    copy: str
    strange: str
    bare: str


def cast(hub: Hub) -> Cast:
    """Neighbours and objects of their own for one playing. Needs an application context."""
    nadia = factories.verified_member(hub, "Nadia B.")
    karim = factories.verified_member(hub, "Karim S.")
    three = [factories.item(title, hub=hub, shelf="B3") for title in ("Perceuse", "Ponceuse", "Diable")]
    tent = factories.item("Tente bleue", hub=hub)
    twin = factories.item("Tente rouge", hub=hub, category_id=tent.category_id)
    bare = factories.item("Rabot sans étiquette", hub=hub)
    factories.loan(tent, karim, due=clock.day_at(clock.now(), hub.timezone) + timedelta(days=3))
    return Cast(
        hub.slug,
        nadia.code,
        [one.code for one in three],
        tent.code,
        twin.title,
        str(codes.new(codes.ITEM)),
        bare.title,
    )


class Hands:
    """A volunteer with a keyboard scanner and a mouse, in front of `page`."""

    def __init__(self, page: Page, *, azerty: bool = False) -> None:
        self.page = page
        self.azerty = azerty
        self.scans = self.clicks = 0
        self.acts: list[Act] = []
        self.keys = page.context.new_cdp_session(page)

    @contextmanager
    def act(self, name: str) -> Iterator[None]:
        """Count what is done inside, from a desk without anybody to the next one."""
        self.page.keyboard.press("Escape")
        self.says("Bonjour")
        self.scans = self.clicks = 0
        began = time.perf_counter()
        yield
        self.acts.append(Act(name, self.scans, self.clicks, (time.perf_counter() - began) * 1000))

    def scan(self, *wanted: str) -> None:
        """As fast as a scanner, one after another, without waiting for any answer. However slow the machine is, the
        keys carry the times of a scanner's."""
        for code in wanted:
            self.scans += 1
            at = time.time()
            for sign in code:
                self._press(AZERTY.get(sign, sign) if self.azerty else sign, at := at + SCANNER_PAUSE)
            self._press("Enter", at + SCANNER_PAUSE, text="\r", windowsVirtualKeyCode=13)

    def _press(self, key: str, at: float, **more: Any) -> None:
        for kind in ("keyDown", "keyUp"):
            self.keys.send(
                "Input.dispatchKeyEvent", {"type": kind, "key": key, "text": key, "timestamp": at, **more}
            )

    def click(self, role: str, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def says(self, word: str) -> None:
        expect(self.page.locator(".said .word")).to_contain_text(word)


def play(hands: Hands, given: Cast) -> list[Act]:
    """The acts of a morning, one after another; each asserts what the desk says."""
    hands.page.goto(f"/counter?hub={given.hub}")
    with hands.act("three objects lent to one person"):
        hands.scan(given.card, *given.three)
        expect(hands.page.locator("#rest .thing")).to_have_count(3)
        hands.says("Prêté")
    with hands.act("one object taken back"):
        hands.scan(given.three[0])
        hands.says("Rendu")
    with hands.act("taken back by mistake, and undone"):
        hands.scan(given.three[1])
        hands.says("Rendu")
        hands.click("button", "Défaire : Ponceuse")
        hands.says("Défait")
    with hands.act("a conflict, and the other copy lent"):
        hands.scan(given.card, given.reserved)
        hands.says("Pas celui-ci")
        hands.click("button", f"Prêter : {given.copy}")
        hands.says("Prêté")
    with hands.act("an unknown label put on an object"):
        hands.scan(given.strange)
        hands.says("Étiquette inconnue")
        hands.click("button", "L’attacher à un objet")
        hands.click("button", f"Coller sur {given.bare}")
        expect(hands.page.locator("body")).to_contain_text("C’est collé")
    hands.page.goto(f"/counter?hub={given.hub}")
    return hands.acts
