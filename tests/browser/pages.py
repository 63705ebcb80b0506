"""The pages that there are, who sees them, and what can be found wrong with one as it stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.visits import PAIRWISE, WHOLE, Look, dark
from tests.harness.sizes import FULL
from tests.security.addresses import ALL, PEOPLE, Address

HERE = Path(__file__).resolve().parent
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MEASURE = (HERE / "measure.js").read_text(encoding="utf-8")
FOCUS = (HERE / "focus.js").read_text(encoding="utf-8")
NO_PAGES = {"file", "json", "redirect"}

PAGES = [address for address in ALL if address.method == "GET" and address.kind not in NO_PAGES]
axe = Axe()


def seers(address: Address) -> list[str]:
    """Who sees it, of those who have a browser here."""
    return [person for person in PEOPLE if person in address.who]


def looks(people: list[str], page: int) -> Iterator[tuple[str, Look]]:
    """Everybody in every look; in `make test` everybody once (twice where that is one), beginning with another person
    on every page: the second look is of the other size by the other light, and every other page begins in the other
    language."""
    if FULL:
        yield from ((person, look) for person in people for look in WHOLE)
        return
    for at in range(max(len(people), 2)):
        yield people[(page + at) % len(people)], PAIRWISE[(at + 2 * page) % len(PAIRWISE)]


def faults_of(page: Page, look: Look) -> list[str]:
    """What axe and our own measures find wrong on the page as it stands."""
    return violations(page, TAGS) + page.evaluate(MEASURE, {"language": look.language})


def faults_by_night(page: Page) -> list[str]:
    """What cannot be read once the page, which stands in the light, is turned dark."""
    dark(page)
    return [f"dark: {fault}" for fault in violations(page, ["color-contrast", "link-in-text-block"])]


def violations(page: Page, rules: list[str]) -> list[str]:
    """What axe finds; `rules`: tags or names of its rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.axe_script)
    found = page.evaluate(
        "options => axe.run(document, options).then(found => found.violations)",
        {"runOnly": rules, "resultTypes": ["violations"]},
    )
    return [
        f"axe {one['id']}: {node['html'][:160]} {_why(node)}" for one in found for node in one["nodes"][:3]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"][:120] for check in (node["any"] + node["all"] + node["none"])[:2])


def sideways(page: Page) -> list[str]:
    """Whether anything must be scrolled sideways on the smallest phone, or at twice the size."""
    found = []
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 740})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            found.append(f"{beyond} px to the side at {width} px")
    return found


def hidden_from_the_keyboard(page: Page) -> list[str]:
    """What takes the focus without a ring, or under something."""
    page.keyboard.press("Tab")
    found: list[str] = page.evaluate(FOCUS)
    return found
