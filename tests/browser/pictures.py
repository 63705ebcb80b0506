"""Take a picture of every page: `python -m tests.browser.pictures FOLDER [WORD …]`.

Whole pages, as the person with most to see on them, at both sizes, light and dark, in French; with words, only the
addresses that hold one of them. The folder is for eyes; nothing in it is committed.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

from tests.browser.demo import Demo
from tests.browser.pages import PAGES
from tests.browser.visits import Look, Visits
from tests.harness.browser import BrowserDriver
from tests.harness.databases import Databases
from tests.security.addresses import PEOPLE, Address, path_of

LOOKS = tuple(Look(theme, "fr", size) for size in ("phone", "desk") for theme in ("light", "dark"))
FIRST = ("owner", "coordinator", "volunteer", "steward", "resident", "newcomer", "stranger")
"""Whose page is shown, the first of them that sees it."""
ALSO = {"home.index": ("stranger", "newcomer", "volunteer"), "hubs.show": ("stranger", "coordinator")}
FOR_STRANGERS = (
    "accounts.log_in",
    "accounts.sign_up",
    "accounts.forgot",
    "accounts.reset",
    "accounts.confirm",
)


def people(address: Address) -> tuple[str, ...]:
    """Whose view of this page is worth a picture."""
    if address.endpoint.startswith(FOR_STRANGERS):
        return ("stranger",)
    first = next(person for person in FIRST if person in address.who and person in PEOPLE)
    return (first, *ALSO.get(address.endpoint, ()))


def take(folder: Path, words: list[str]) -> None:
    """All pictures, named by the address, the person and the look."""
    folder.mkdir(parents=True, exist_ok=True)
    databases, driver = Databases("pictures"), BrowserDriver()
    demo = Demo(databases.fresh("sqlite", "demo"), Path(tempfile.mkdtemp()) / "gunicorn.log")
    visits = Visits(driver, demo)
    language = os.environ.get("PICTURES_LANGUAGE", "fr")
    try:
        for address in PAGES:
            if words and not any(word in str(address) for word in words):
                continue
            for person in people(address):
                for look in (Look(one.theme, language, one.size) for one in LOOKS):
                    page, _ = visits.go(person, look, path_of(demo.app, address, demo.names))
                    page.wait_for_timeout(250)
                    name = re.sub(r"\W+", "-", f"{address} {person} {look.size} {look.theme}".lower())
                    page.screenshot(path=folder / f"{name}.png", full_page=True)
    finally:
        visits.close()
        driver.stop()
        demo.stop()
        databases.stop()


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2:])
