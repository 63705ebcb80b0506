"""In English nothing French is left: no sentence without its translation, no word that stands in a page as it is.

What neighbours wrote (titles, names, addresses) stays as they wrote it.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask
from sqlalchemy import JSON, String, select

from app.core.db import Base, db
from app.core.i18n import in_language, sentence
from app.purchases.fields import CURRENCIES
from app.wiring import TIMETABLE, WORDING
from config import PROJECT_ROOT
from tests.browser.demo import Demo
from tests.browser.pages import PAGES, seers
from tests.security.addresses import Address, path_of

SAME = {
    "MoviLab", "Français", "English", "m", "km", "mm", "cl", "minutes", "Fablab", "flask", "scheduler", "run", *CURRENCIES,
}  # fmt: skip
"""Names, units, and what is written alike in both."""
SOURCES = {
    "Licence",
    "Ouverte",
    "CC",
    "BY",
    "INSEE",
    "La",
    "Poste",
    "Etalab",
    "GeoNames",
    "OpenStreetMap",
} | {*("Base", "Adresse", "Nationale", "Gironde")}
"""Where places and maps come from, and a department of theirs."""
READ_ALOUD = {"aria-label", "alt", "title", "placeholder", "content"}
GENERATED = {"api.docs"}
"""The document of the API is written in English, for those who write programs."""
OF_OTHERS = {"notifications.mailbox", "notifications.mailbox_message", "home.styleguide"}
"""Mails in the language of whoever they were written to; samples of objects, days, drawings and signs."""
NEVER_SHOWN = {
    "Next",
    "Staged",
    "Version",
    "Revision",
    "Guessed",
    "Once",
    "Later",
    "Publish",
    "Subject",
    "Way",
}
"""What WTForms calls hidden fields, and buttons that have words of their own."""


class _Words(HTMLParser):
    """What is read on a page, with or without eyes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipped += tag in ("script", "style")
        if tag not in ("meta", "html"):
            self.found |= {" ".join(value.split()) for name, value in attrs if name in READ_ALOUD and value}

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.found.add(" ".join(data.split()))


def words_of(page: str) -> set[str]:
    reader = _Words()
    reader.feed(page)
    return {text for text in reader.found if re.search(r"[^\W\d_]{2}", text)}


def page_of(demo: Demo, person: str, address: Address, language: str) -> str:
    demo.speak(person, language)
    browser = demo.app.test_client()
    browser.set_cookie("locale", language)
    if person != "stranger":
        browser.set_cookie("movilab", demo.cookies[person])
    answer = browser.get(path_of(demo.app, address, demo.names))
    return "" if answer.status_code in (301, 302) else answer.text


def visits() -> Iterator[tuple[str, Address]]:
    for address in PAGES:
        if address.endpoint not in GENERATED:
            yield from ((person, address) for person in seers(address))


@pytest.fixture
def misses(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The sentences that were asked of the English catalogue and are not in it."""
    missed: set[str] = set()

    def watched(name: str) -> Any:
        real = getattr(Translations, name)

        def look_up(self: Any, message: str, *rest: Any) -> Any:
            if "en" in str(self._info.get("language", "")) and not _holds(self, message):
                missed.add(str(message))
            return real(self, message, *rest)

        return look_up

    for name in ("gettext", "ngettext", "ugettext", "ungettext"):
        monkeypatch.setattr(Translations, name, watched(name))
    return missed


def _holds(catalogue: Any, message: str) -> bool:
    return message in catalogue._catalog or (message, 0) in catalogue._catalog or not message.strip()


def written_by_people() -> list[str]:
    """Every text that stands in the database, the longest first."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String):
                found |= {value for value in db.session.scalars(select(column).distinct()) if value}
            elif isinstance(column.type, JSON):
                found |= {text for value in db.session.scalars(select(column)) for text in _texts(value)}
    db.session.rollback()
    lines = {" ".join(line.split()) for text in found for line in text.splitlines()}
    return sorted((line for line in lines if len(line) > 1), key=len, reverse=True)


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def english() -> set[str]:
    """What the English catalogue says, and so is English even where it looks like French."""
    with open(PROJECT_ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po", "rb") as file:
        catalogue = read_po(file)
    said: set[str] = set()
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        said |= {" ".join(text.split()) for text in texts if text}
    return said


def test_every_sentence_of_every_page_is_in_the_english_catalogue(demo: Demo, misses: set[str]) -> None:
    for person, address in visits():
        page_of(demo, person, address, "en")
    missing = sorted(misses - NEVER_SHOWN)
    assert missing == [], " | ".join(missing)


def test_no_words_stand_in_a_page_beside_the_catalogue(demo: Demo) -> None:
    """What is read alike in both languages was written by a neighbour, or is English by the catalogue's own word."""
    with demo.app.app_context():
        people, said = written_by_people(), english()
    wrong: dict[str, str] = {}
    for person, address in visits():
        if address.endpoint in OF_OTHERS:
            continue
        both = words_of(page_of(demo, person, address, "fr")) & words_of(page_of(demo, person, address, "en"))
        for text in both - said - SAME:
            if not text.startswith("http://") and _rest(text, people, said):
                wrong.setdefault(text, f"{person} {address}")
    assert wrong == {}, "\n".join(f"{text!r}: {where}" for text, where in wrong.items())


def _rest(text: str, people: list[str], said: set[str]) -> bool:
    """Whether words are left once all that neighbours wrote is taken away."""
    for written in people:
        if written in text:
            text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", " ", text)
    left = {word for word in re.split(r"[\s·,:–×/()]+", text) if re.search(r"[^\W\d_]{2}", word)}
    left = {word for word in left if not re.fullmatch(r"[A-ZÀ-Ý]{2}", word)}  # initials
    return bool(left - SAME - SOURCES - said)


def test_every_table_of_sentences_is_in_english_too(app: Flask, misses: set[str]) -> None:
    """What no page of today shows: refusals, kinds of news, names of jobs."""
    with app.test_request_context(headers={"Accept-Language": "en"}), in_language("en"):
        for table in WORDING:
            for told in table.values():
                str(told)
    assert sorted(misses) == []


def test_every_job_has_a_name(app: Flask) -> None:
    with app.test_request_context():
        nameless = [job.name for job in TIMETABLE if sentence(f"job.{job.name}") == sentence("core.unknown")]
    assert nameless == []
