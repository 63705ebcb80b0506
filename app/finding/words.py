"""Words as they are compared: small letters, no accents, no plural, no endings.

`search_text` is what is kept of an object to find it by, the same on every database: each word of its title in its
light form ("perceuse"), by its French stem ("f_perceux") and by its English stem ("e_perceus"), and, behind, the
words of its shelf ("c_perceux", "c_drill"). A word is found by any of its forms. Everything here is pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

FRENCH, ENGLISH, SHELF = "f_", "e_", "c_"
"""What stands before a stem, so that it is no word; in front of both stems of a shelf's name."""
LITTLE = Path(__file__).resolve().parent / "little_words.txt"
LONGEST = 60
"""Letters of a word; what is longer is cut, on both sides alike."""
STOP_WORDS = frozenset(LITTLE.read_text(encoding="utf-8").split())
"""Words that say nothing about a thing, and single letters that an apostrophe cut off: French as it is written (the
tea "thé" stays), English. Not "son", which is sound."""

_ALONE = frozenset("cdjlmnsty")
"""Single letters that are mostly what an apostrophe left, or a unit."""
_one_at_a_time = Lock()
_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
_PARTS = re.compile(r"\d+|[^\d\s]+")
_HYPHENS = re.compile(r"[^\W\d_]{2,}(?:[-‐‑][^\W\d_]{2,})+")


def folded(text: str) -> str:
    """Words in their plain form, one space between; letters and figures only, so that nothing in it means
    something to a database."""
    for ligature, two in _LIGATURES.items():
        text = text.replace(ligature, two)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.casefold()).split())


def words(text: str) -> list[tuple[str, bool]]:
    """Every word of a text, folded, with whether it says something; figures and letters stand apart ("18v": 18, v)."""
    found = []
    for said in re.split(r"[\s'’‘ʼ]+", unicodedata.normalize("NFC", text)):
        for piece in folded(said).split():
            for part in _PARTS.findall(piece):
                telling = said.casefold() not in STOP_WORDS and part not in _ALONE
                found.append((part[:LONGEST], telling))
    return found


def written(text: str) -> list[str]:
    """The words of a text as they are written, each of those that an apostrophe or a hyphen ties."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text))


def light(word: str) -> str:
    """A folded word without the plural of French and of plain English: haies → haie, scies → scie, bocaux → bocal,
    rideaux → rideau. It never makes "y" of "ies"."""
    if len(word) < 4 or word[-1] not in "sx" or word.endswith("ss"):
        return word
    if word.endswith("aux") and len(word) > 5 and word[-4] not in "ey":
        return f"{word[:-3]}al"
    return word[:-1]


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer  # noqa: PLC0415 -- forty modules that only searching and posting need

    return snowballstemmer.stemmer(language)


def _stem(language: str, word: str) -> str:
    """A stemmer works on one word at a time, and keeps it in itself: threads take turns."""
    with _one_at_a_time:
        return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=20_000)
def french(word: str) -> str:
    """The French stem of a folded word, marked."""
    return FRENCH + _stem("french", word)


@lru_cache(maxsize=20_000)
def english(word: str) -> str:
    """The English stem of a folded word, marked."""
    return ENGLISH + _stem("english", word)


def forms(word: str) -> tuple[str, ...]:
    """The forms under which a folded word is kept and looked for; the first is the light one."""
    return (word,) if word.isdigit() else (light(word), french(word), english(word))


def told(text: str) -> list[str]:
    """The words of a text that say something, folded; all of them where none does ("à la")."""
    every = words(text)
    return [word for word, telling in every if telling] or [word for word, _ in every]


def beginnings(text: str) -> list[str]:
    """What each word of a text begins with, however much of it was typed: for a short list that is read whole, with
    a space before each in `search_text`."""
    return [light(word) for word, _ in words(text)]


def search_text(title: str, *shelves: str) -> str:
    """What is kept of an object: the forms of its title, in order, and the stems of the names of its shelves. A space
    stands before each. Words that say nothing are kept in their light form only."""
    return "".join(f" {form}" for form in (*_of_title(title), *_of_shelves(shelves)))


def _of_title(title: str) -> Iterator[str]:
    for word, telling in words(title):
        yield from forms(word) if telling else (light(word),)
    for compound in _HYPHENS.findall(unicodedata.normalize("NFC", title)):  # "lave-linge" is also "lavelinge"
        yield from forms(folded(compound).replace(" ", "")[:LONGEST])


def _of_shelves(names: tuple[str, ...]) -> dict[str, None]:
    return {stem: None for name in names for word in told(name) for stem in shelf_forms(word)}


def shelf_forms(word: str) -> tuple[str, str]:
    """The forms under which a word of a shelf's name is kept and looked for."""
    return tuple(SHELF + stem(light(word))[2:] for stem in (french, english))  # type: ignore[return-value]  # two


def of_new_item(context: Any) -> str:
    """The same for a row that is being written without it (a column default of SQLAlchemy): by its title alone."""
    return search_text(context.get_current_parameters()["title"]) if context else ""
