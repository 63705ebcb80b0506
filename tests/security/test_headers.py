"""What every answer carries, whoever asks and however it ends."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.security.addresses import ALL, Address
from tests.security.town import SECRET, Town, ask

READ = [one for one in ALL if one.method == "GET"]
SHOWN_IN_A_FRAME = {"notifications.mailbox_html"}
"""A mail in the demo's mailbox: shown in a frame of this site, alone with its own stricter policy."""
OTHERS = (
    ("GET", "/no-such-page", 404),
    ("GET", "/items/999999999", 404),
    ("POST", "/items", 405),
    ("DELETE", "/account", 405),
    ("GET", "/items?q=%00", 400),
    ("GET", "/api/v1/me", 401),
    ("GET", "/api/v1/items?limit=0", 422),
    ("POST", "/log-in", 422),
)


def faults(answer: TestResponse, address: Address | None = None) -> list[str]:
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    parts = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    found = []
    if address is None or address.endpoint not in SHOWN_IN_A_FRAME or answer.status_code != 200:
        if (
            "unsafe" in policy
            or parts.get("script-src") != ["'self'"]
            or parts.get("style-src") != ["'self'"]
        ):
            found.append(f"CSP: {policy}")
        if parts.get("frame-ancestors") != ["'none'"]:
            found.append("may be framed")
    if parts.get("object-src", parts.get("default-src")) != ["'none'"]:
        found.append("plug-ins are allowed")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found += [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    if "Server" in headers and any(word in headers["Server"].lower() for word in ("werkzeug", "python")):
        found.append(headers["Server"])
    return found


@pytest.mark.parametrize("address", READ, ids=str)
def test_every_address_carries_them(address: Address, town: Town) -> None:
    wrong = []
    for person in ("stranger", "resident", "coordinator"):
        answer = ask(town, address, person)
        wrong += [f"{person}: {fault}" for fault in faults(answer, address)]
        cache = answer.headers.get("Cache-Control", "")
        if address.kind == "page" and not ("private" in cache or "no-store" in cache):
            wrong.append(f"{person}: a cache in between may keep it ({cache})")
    assert wrong == []


@pytest.mark.parametrize(("method", "path", "status"), OTHERS)
def test_refusals_carry_them_too(method: str, path: str, status: int, town: Town) -> None:
    answer = town.browser("stranger").open(path, method=method)
    assert answer.status_code == status
    assert faults(answer) == []
    assert "Traceback" not in answer.text


def test_a_mistake_of_ours_says_nothing_of_us(app_with: Callable[..., Flask], app: Flask) -> None:
    """A page that breaks: 500, the headers, and no word of what broke."""
    house = app_with()
    house.testing = False
    house.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> str:
        raise RuntimeError("secret-of-the-house")

    house.view_functions["hubs.index"] = broken
    answer = house.test_client().get("/hubs")
    assert answer.status_code == 500
    assert faults(answer) == []
    assert "secret-of-the-house" not in answer.text
    assert "RuntimeError" not in answer.text


def test_production_asks_for_https_from_then_on(app_with: Callable[..., Flask], app: Flask) -> None:
    house = app_with(MOVILAB_ENV="production", MOVILAB_SECRET_KEY=SECRET)
    headers = house.test_client().get("/log-in", base_url="https://movilab.example").headers
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in app.test_client().get("/log-in").headers


def test_no_page_calls_another_host(town: Town) -> None:
    """Scripts, sheets, pictures and forms are ours; links may lead away."""
    wrong = []
    for address in READ:
        if address.kind != "page":
            continue
        person = "coordinator" if "coordinator" in address.who else min(address.who)
        page = ask(town, address, person).text
        for word in (
            'src="http',
            'src="//',
            'action="http',
            'action="//',
            'srcset="http',
            "@import",
            '<link rel="stylesheet" href="http',
        ):
            if word in page:
                wrong.append(f"{address}: {word}")
    assert wrong == []
