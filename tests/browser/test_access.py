"""Every page, for everybody who sees it: no accessibility fault, large enough targets, no sideways scroll, a ring
on what has the focus, one heading, labels, a quiet console, and the whole of it without a script.

`make test` takes every page once, with people and looks that go round: four looks pair themes, languages and sizes.
MOVILAB_FULL=1 takes both languages at both sizes in both themes for everybody who sees it.
"""

import json

import pytest

from tests.browser.demo import Demo
from tests.browser.pages import (
    PAGES,
    faults_by_night,
    faults_of,
    hidden_from_the_keyboard,
    looks,
    seers,
    sideways,
)
from tests.browser.visits import Look, Visits
from tests.harness.sizes import FULL
from tests.security.addresses import ALL, Address, path_of


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page(address: Address, demo: Demo, visits: Visits) -> None:
    path = path_of(demo.app, address, demo.names)
    wrong: list[str] = []
    seen = 0
    for person, look in looks(seers(address), PAGES.index(address)):
        if seen and not FULL:
            break
        page, answer = visits.go(person, look, path)
        where = f"{person}, {look}"
        if answer.status not in address.let_in:
            wrong.append(f"{where}: status {answer.status}")
            continue
        if page.url != demo.url + path:
            continue  # this person is led to a page that has its own row
        seen += 1
        found = faults_of(page, look) + visits.complaints
        if seen == 1 or (FULL and look.size == "phone"):
            found += hidden_from_the_keyboard(page) + sideways(page)
        if FULL:
            found += faults_by_night(page)
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
    """The same heading; in `make test` every fourth page (that no button waits for a script is seen on every page)."""
    look = Look()
    wrong = []
    for address in PAGES if FULL else PAGES[::4]:
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
    assert "no ring" in json.dumps(hidden_from_the_keyboard(page))
    assert len(sideways(page)) == 2
