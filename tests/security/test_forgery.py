"""Forms that another site sends: whatever token they carry, nothing happens."""

import re

import pytest
from flask.testing import FlaskClient

from tests.security.addresses import ALL, Address, path_of, told
from tests.security.town import Town, everything, written_since

WRITING = [one for one in ALL if one.method != "GET" and one.kind != "json"]
CALLS = [one for one in ALL if one.method != "GET" and one.kind == "json" and "stranger" not in one.who]


def victim_of(address: Address) -> str:
    """Somebody who would be let in."""
    return min(address.who - {"stranger"})


def token_of(browser: FlaskClient, path: str = "/log-in") -> str:
    """What this browser's own page carries."""
    found = re.search(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"', browser.get(path).text)
    found = found or re.search(r'value="([^"]+)"[^>]*name="csrf_token"', browser.get(path).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("address", WRITING, ids=str)
def test_a_form_without_its_token_does_nothing(address: Address, town: Town) -> None:
    """None, an empty one, a made-up one, and one that the forger got for himself."""
    victim = town.browser(victim_of(address))
    victim.get("/account")
    tokens = (None, "", "forged", token_of(town.browser("stranger")))
    path, before = path_of(town.app, address, town.names), everything()
    victim.forged = True  # type: ignore[attr-defined]
    for token in tokens:
        typed = told(address.typed, town.names) | ({} if token is None else {"csrf_token": token})
        answer = victim.post(path, data=typed)
        assert answer.status_code == 400, (token, answer.status_code)
        answer = victim.post(path, data=typed, headers={"X-CSRFToken": token or ""})
        assert answer.status_code == 400, (token, answer.status_code)
    assert written_since(before) == []


@pytest.mark.parametrize("address", CALLS, ids=str)
def test_a_call_by_the_sites_cookie_needs_the_token_too(address: Address, town: Town) -> None:
    """The API may be used with the session of the site; then it can be forged, and is protected."""
    victim = town.browser(victim_of(address))
    before = everything()
    victim.forged = True  # type: ignore[attr-defined]
    typed = told(address.typed, town.names)
    answer = victim.open(path_of(town.app, address, town.names), method=address.method, json=typed)
    assert answer.status_code == 400, answer.status_code
    assert written_since(before) == []


def test_the_token_of_the_page_itself_is_accepted(town: Town) -> None:
    """What is refused above is the token, nothing else."""
    browser = town.browser("resident")
    browser.forged = True  # type: ignore[attr-defined]
    token = token_of(browser, "/account/profile")
    answer = browser.post("/account/profile", data={"csrf_token": token, "name": "Anna Z.", "locale": "fr"})
    assert answer.status_code == 302
