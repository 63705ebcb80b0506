"""What the templates may not hold: words outside the catalogues, and anything the CSP would refuse."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from scripts import catalogue
from tests.architecture.source import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TAGS_OF_JINJA = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
CLASSES = re.compile(r"\{%-?\s*block \w*class\b.*?endblock\s*-?%\}", re.DOTALL)
NOT_TEXT = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
SPOKEN_ATTRIBUTES = re.compile(
    r"\b(?:aria-label|title|placeholder|alt|aria-description)=\"([^\"]*[A-Za-zÀ-ÿ]{2,}[^\"]*)\""
)
WORD = re.compile(r"(?<![-\w])[A-Za-zÀ-ÿ]{2,}")
SAME_EVERYWHERE = {
    "API", "Authorization", "Bearer", "CSV", "English", "Français", "JPEG", "JSON", "MoviLab", "OpenAPI",
    "OpenStreetMap", "PNG", "QR", "WebP", "curl", "en", "fr", "km",
}  # fmt: skip
SHOWROOM = ("styleguide/",)
"""The style guide is for those who build, and shows parts with made-up words."""

INLINE = re.compile(
    r"<style\b|<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=|\sstyle=|javascript:|\bhx-on\b", re.IGNORECASE
)
DATA_BLOCK = re.compile(r"<script[^>]*type=\"application/(?:ld\+)?json\"[^>]*>", re.IGNORECASE)

NAME_AND_STOP = re.compile(r"%\((name|other|giver|learner|owner|borrower|who|member)\)s\.(\s|$)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_word_can_be_translated(path: Path) -> None:
    if name(path).startswith(SHOWROOM):
        return
    text = TAGS_OF_JINJA.sub(" ", CLASSES.sub(" ", path.read_text(encoding="utf-8")))
    spoken = [match.group(1) for match in SPOKEN_ATTRIBUTES.finditer(text)]
    bare = re.sub(r"<[^>]*>", " ", NOT_TEXT.sub(" ", text))
    words = {word for part in (bare, *spoken) for word in WORD.findall(re.sub(r"&#?\w+;", " ", part))}
    assert words - SAME_EVERYWHERE == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_inline(path: Path) -> None:
    """The content security policy refuses inline styles, scripts and handlers: they would silently do nothing."""
    text = DATA_BLOCK.sub("", TAGS_OF_JINJA.sub("", path.read_text(encoding="utf-8")))
    assert INLINE.findall(text) == []


def test_catalogues_are_fresh_and_whole() -> None:
    """`python -m scripts.catalogue --update`, then translate what it lists."""
    english, _gone = catalogue.merged_english()
    assert catalogue.stale(catalogue.expected_files(english)) == []
    assert catalogue.untranslated(english) == []


def test_no_sentence_ends_with_a_name() -> None:
    """A neighbour is called "Inès R.": a full stop after her name would be the second."""
    english, _gone = catalogue.merged_english()
    said = [str(text) for one in english for whole in (one.id, one.string) for text in _each(whole)]
    assert [text for text in said if NAME_AND_STOP.search(text)] == []


def _each(whole: Any) -> Iterable[object]:
    return (whole,) if isinstance(whole, str) else whole or ()


def test_french_plurals_are_those_of_french() -> None:
    """0 is singular in French, plural in English."""
    english, _gone = catalogue.merged_english()
    french = catalogue.french(english)
    assert french.num_plurals == 2
    assert french.plural_expr == "(n > 1)"


def test_french_signs_stay_with_their_words() -> None:
    assert catalogue.unbroken("Dit : « oui » ? Non !") == "Dit\u00a0: «\u00a0oui\u00a0»\u00a0? Non\u00a0!"
    assert catalogue.unbroken("L’écriture n° 7") == "L’écriture n°\u00a07"
    assert catalogue.unbroken("À 14 h 30, voilà.") == "À 14 h 30, voilà."
