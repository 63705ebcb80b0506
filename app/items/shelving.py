"""Which shelf an object belongs on, guessed from its title by the words of each shelf (`shelf_words.json`). Pure.

The words of a shelf are what neighbours call the things that stand there, in French and English; several words
together ("raquette neige") say more than one ("raquette"), the first word of a title more than the others, and
what stands on many shelves less than what stands on one.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.finding import words

FILE = Path(__file__).resolve().parent / "shelf_words.json"
MOST = 3
"""Shelves that are proposed, at most."""
LONGEST = 120
"""As long as a title may be: what comes after is not read."""
_OF_ANYTHING = frozenset(
    ("grand", "grande", "lot", "neuf", "neuve", "old", "paire", "petit", "petite", "set", "vieille", "vieux")
)
"""What is said of things on any shelf."""


@dataclass(frozen=True)
class _Call:
    """What a thing on this shelf is called: all of these words, in any order. `shared`: by how many shelves."""

    shelf: str
    words: frozenset[str]
    shared: int


def likely(title: str) -> tuple[str, ...]:
    """The shelves (their names in addresses) where an object of this title would be looked for, likeliest first;
    none where its words say nothing."""
    said = _plain_words(title)
    if not said:
        return ()
    scores: dict[str, float] = defaultdict(float)
    for call in {call for word in said for call in _calls().get(word, ())}:
        if call.words <= set(said):
            first = 2.0 if said[0] in call.words else 1.0
            scores[call.shelf] += first * len(call.words) ** 2 / call.shared
    return tuple(sorted(scores, key=lambda shelf: (-scores[shelf], shelf))[:MOST])


def _plain_words(text: str) -> list[str]:
    """The words that carry something, in their light form, in order."""
    return [
        words.light(word) for word in words.told(text[:LONGEST]) if word not in _OF_ANYTHING and len(word) > 1
    ]


@cache
def _calls() -> Mapping[str, tuple[_Call, ...]]:
    """By each of their words, so that a title only looks at those it can mean."""
    shelves: dict[frozenset[str], set[str]] = defaultdict(set)
    for shelf, called in _read():
        shelves[called].add(shelf)
    found: dict[str, list[_Call]] = defaultdict(list)
    for called, named in shelves.items():
        for shelf in named:
            for word in called:
                found[word].append(_Call(shelf, called, len(named)))
    return {word: tuple(calls) for word, calls in found.items()}


def _read() -> Iterator[tuple[str, frozenset[str]]]:
    for shelf, text in json.loads(FILE.read_text(encoding="utf-8")).items():
        for call in text.split(";"):
            called = frozenset(_plain_words(call))
            if called:
                yield shelf, called
