"""Pages as they answer: forms with something to mend, refusals, the counter's words, what floats for a moment.

The same measures as for every page (`test_access`), in one look, another for each; in all of them with MOVILAB_FULL=1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import pytest
from playwright.sync_api import Page

from tests.browser.demo import Demo
from tests.browser.pages import faults_by_night, faults_of, hidden_from_the_keyboard, looks, sideways
from tests.browser.visits import Visits
from tests.harness.sizes import FULL
from tests.security.addresses import told

Act = Callable[[Page], None]


@dataclass(frozen=True)
class State:
    """Where it begins, who is there, what is typed into which form, and how the answer is known."""

    name: str
    person: str
    path: str
    form: str
    """The form to send: part of its address; empty: the page as it is."""
    typed: tuple[tuple[str, str], ...] = ()
    shows: str = "main"
    """What stands on the page that answers."""

    def __str__(self) -> str:
        return self.name


def _scan(name: str, code: str, shows: str = "#said") -> State:
    return State(name, "volunteer", "/counter?hub={slug}", "/counter/scan", (("code", code),), shows)


STATES = (
    State("a sign-up with nothing in it", "stranger", "/sign-up", "/sign-up", (), ".errmsg"),
    State("a log-in that fails", "stranger", "/log-in", "/log-in", (("email", "x@example.org"),), "[role=alert]"),
    State("a forgotten password without address", "stranger", "/forgot-password", "/forgot-password", (), ".errmsg"),
    State("a link to a new password", "stranger", "/reset-password?token={password_token}", "/reset-password",
          (("password", "court"),), ".errmsg"),
    State("another password, too short", "owner", "/account/password", "/account/password",
          (("old_password", "x"), ("password", "court")), ".errmsg"),
    State("a name of nothing", "owner", "/account/profile", "/account/profile", (("name", " "),), ".errmsg"),
    State("a key without a name", "owner", "/account/tokens", "/account/tokens", (), ".errmsg"),
    State("coordinates that are none", "owner", "/account/home", "/account/home", (("lat", "x"),), ".errmsg"),
    State("an object of nothing", "owner", "/items/new", "/items/new", (), ".errbox"),
    State("days that are taken", "owner", "/items/{item_taken}?from={day+1}&to={day+2}", "", (), "main"),
    State("own days without days", "owner", "/items/{item_of_owner}", "/own-days", (), ".errmsg"),
    State("a photo that is missing", "owner", "/items/{item_of_owner}/edit", "/photos", (), ".errmsg"),
    State("a message of nothing", "owner", "/loans/{loan_asked}", "/messages", (), ".errmsg"),
    State("a look at nothing", "resident", "/loans/{loan}/condition", "/condition", (), ".errbox"),
    State("a repair without words", "volunteer", "/items/{item_of_hub}/repair", "/repair", (), ".errmsg"),
    State("a sum that is none", "volunteer", "/repairs/{ticket_id}", "/repairs/{ticket_id}", (("cents", "x"),), ".errmsg"),
    State("a closure without days", "coordinator", "/hubs/{slug}/closing?first_day=&last_day=", "", (), ".errmsg"),
    State("hours that are none", "coordinator", "/hubs/{slug}/hours", "/hours", (("d0-0-opens", "10:00"),), ".errmsg"),
    State("terms that are none", "coordinator", "/hubs/{slug}/policy", "/policy", (("max_loans", "0"),), ".errmsg"),
    State("an account without a name", "volunteer", "/hubs/{slug}/residents", "/residents", (), ".errmsg"),
    State("a suspension without a reason", "coordinator", "/hubs/{slug}/members/{resident_id}", "/suspend", (), ".errmsg"),
    State("what is not there", "resident", "/no-such-page", "", (), "h1"),
    State("what is not for her", "resident", "/hubs/{slug}/members", "", (), "h1"),
    State("a cursor that is none", "resident", "/items?cursor=x", "", (), "h1"),
    State("a change that is saved", "owner", "/account/profile", "/account/profile", (), ".toast"),
    _scan("a card at the counter", "{resident_card}"),
    _scan("an unknown card", "M-0000000"),
    _scan("an unknown label", "I-0000000"),
    _scan("a half-read code", "I-12"),
    _scan("a name", "no"),
    _scan("nobody of that name", "zzzz"),
    _scan("an object that stands here", "{label}"),
    _scan("an object in repair", "{label_broken}"),
    State("lent in a practice", "volunteer",
          "/counter?hub={slug}&member={resident_card}&practice=yes", "/counter/scan",
          (("code", "{label_free}"),), ".said.ok"),
    State("a row to be ticked", "volunteer",
          "/counter?hub={slug}&member={resident_card}", "/counter/scan", (("code", "{label_parts}"),), "[data-row]"),
    State("an object that is expected for somebody else", "volunteer",
          "/counter?hub={slug}&member={resident_card}", "/counter/scan", (("code", "{label_out}"),), "#said"),
)  # fmt: skip


def send(page: Page, form: str, typed: dict[str, str]) -> None:
    """Write and press the button, as somebody whose browser checks nothing first."""
    page.evaluate(
        """([part, typed]) => {
            const form = [...document.querySelectorAll("form[method=post]")].find((one) => one.action.endsWith(part));
            form.noValidate = true;
            for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
            (form.querySelector("button:not([type]), button[type=submit]") ?? form).click();
        }""",
        [form, typed],
    )


@pytest.mark.parametrize("state", STATES, ids=str)
def test_state(state: State, demo: Demo, visits: Visits) -> None:
    wrong: list[str] = []
    taken = looks([state.person], STATES.index(state))
    for person, look in taken if FULL else islice(taken, 1):
        page, _ = visits.go(person, look, told(state.path, demo.names))
        if state.form:
            send(page, told(state.form, demo.names), told(dict(state.typed), demo.names))
        page.locator(state.shows).first.wait_for(state="visible")
        page.wait_for_load_state("load")
        found = faults_of(page, look) + visits.complaints + hidden_from_the_keyboard(page) + sideways(page)
        if FULL:
            found += faults_by_night(page)
        wrong += [f"{look}: {fault}" for fault in found]
    assert wrong == [], "\n".join(wrong)
