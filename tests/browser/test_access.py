"""Every page, for everybody who sees it: no accessibility fault, large enough targets, no sideways scroll, a ring
on what has the focus, one heading, labels, a quiet console, and the whole of it without a script.

`make test` takes every page once per person that sees it, in four looks that pair themes, languages and sizes;
MOVILAB_FULL=1 takes all eight looks for each of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, url_for
from playwright.sync_api import Page

from tests.browser.demo import Demo
from tests.browser.visits import PAIRWISE, WHOLE, Look, Visits
from tests.harness.sizes import FULL
from tests.security.addresses import ALL, PEOPLE, Address, told

HERE = Path(__file__).resolve().parent
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MEASURE = (HERE / "measure.js").read_text(encoding="utf-8")
FOCUS = (HERE / "focus.js").read_text(encoding="utf-8")
NO_PAGES = {"file", "json", "redirect"}

PAGES = [address for address in ALL if address.method == "GET" and address.kind not in NO_PAGES]
axe = Axe()


def path_of(app: Flask, address: Address, names: dict[str, str]) -> str:
    """The address with the demo territory's own things in it."""
    with app.test_request_context():
        path = url_for(address.endpoint, **{name: names[thing] for name, thing in address.args.items()})
    query = urlencode(told(address.query, names))
    return f"{path}?{query}" if query else path


def seers(address: Address) -> list[str]:
    """Who sees it, of those who have a browser here."""
    return [person for person in PEOPLE if person in address.who]


def looks(people: list[str]) -> Iterator[tuple[str, Look]]:
    """Each person with a look, each look with a person."""
    if FULL:
        yield from ((person, look) for person in people for look in WHOLE)
        return
    for at in range(max(len(people), len(PAIRWISE))):
        yield people[at % len(people)], PAIRWISE[at % len(PAIRWISE)]


def faults_of(page: Page, look: Look) -> list[str]:
    """What axe and our own measures find wrong on the page as it stands."""
    violations = axe.run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]}).response[
        "violations"
    ]
    found = [
        f"axe {one['id']}: {node['html'][:160]} {_why(node)}"
        for one in violations
        for node in one["nodes"][:3]
    ]
    return found + page.evaluate(MEASURE, {"language": look.language})


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


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page(address: Address, demo: Demo, visits: Visits) -> None:
    path = path_of(demo.app, address, demo.names)
    wrong: list[str] = []
    seen = 0
    for person, look in looks(seers(address)):
        page, answer = visits.go(person, look, path)
        where = f"{person}, {look}"
        if answer.status not in address.let_in:
            wrong.append(f"{where}: status {answer.status}")
            continue
        if page.url != demo.url + path:
            continue  # this person is led to a page that has its own row
        seen += 1
        found = faults_of(page, look) + visits.complaints
        if seen <= 2 or FULL:
            page.keyboard.press("Tab")
            found += page.evaluate(FOCUS) + sideways(page)
        wrong += [f"{where}: {fault}" for fault in found]
    assert wrong == [], f"{path}\n" + "\n".join(wrong)
    assert seen > 0


def test_no_page_is_forgotten(demo: Demo) -> None:
    """A new address must be entered in tests/security/addresses.py, with who sees it."""
    known = {(address.method, address.endpoint) for address in ALL}
    missing = {
        f"{method} {rule.endpoint} ({rule.rule})"
        for rule in demo.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (method, rule.endpoint) not in known
    }
    gone = known - {
        (method, rule.endpoint) for rule in demo.app.url_map.iter_rules() for method in rule.methods or ()
    }
    assert (missing, gone) == (set(), set())


def test_pages_stand_without_a_script(demo: Demo, visits: Visits) -> None:
    """The same heading, and no button that waits for a script."""
    look = Look()
    wrong = []
    for address in PAGES:
        person = seers(address)[-1] if address.endpoint not in _FOR_STRANGERS else "stranger"
        page, answer = visits.go(person, look, path_of(demo.app, address, demo.names), javascript=False)
        if answer.status not in address.let_in or page.locator("h1").count() != 1:
            wrong.append(f"{address}: {answer.status}, {page.locator('h1').count()} h1")
    assert wrong == []


_FOR_STRANGERS = {"accounts.log_in", "accounts.sign_up", "accounts.sign_up_done"}


def test_the_measures_see_what_is_wrong(visits: Visits, demo: Demo) -> None:
    """On a page made wrong, each measure speaks."""
    page, _ = visits.go("stranger", Look(), "/log-in")
    page.evaluate(
        """() => {
            const main = document.querySelector("main .w");
            main.insertAdjacentHTML("beforeend", '<h1>Deux</h1><button class="tiny" type="button">x</button>'
                + '<input type="text"><form method="post" action="/x"></form><div class="far">.</div>');
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(".tiny { all: unset; width: 9px; height: 9px; display: block; overflow: hidden }"
                + ".far { width: 2000px }");
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    said = json.dumps(faults_of(page, Look(language="en")))
    for word in (
        "2 h1",
        "lang is fr",
        "is 9 × 9",
        "has no label",
        "no csrf_token",
        "without a script",
        "axe label",
    ):
        assert word in said.replace("\\u00d7", "×"), word
    page.keyboard.press("Tab")
    assert "no ring" in json.dumps(page.evaluate(FOCUS))
    assert len(sideways(page)) == 2
