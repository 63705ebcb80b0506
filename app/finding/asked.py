"""What somebody typed, as it is looked for: every word by any of its forms, all of them in one title.

There may be more than one reading of the same words: "video projecteur" is also one word, a "hedge trimmer" a
"taille-haie". A title that fits one reading is found. Everything here is pure, and nothing that was typed reaches a
database but letters and figures in quotes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from app.finding import words

FILE = Path(__file__).resolve().parent / "other_words.json"
MOST_WORDS = 8
MOST_READINGS = 8
LONGEST_PHRASE = 3
LIGHT, STEM, OTHER, BEGINNING, ON_THE_SHELF = 1.0, 0.9, 0.8, 0.6, 0.3
"""How well a title fits that holds a word itself, by its stem, by another name, as a beginning, on its shelf only."""
BY_PLACE = 0.7
"""How much of that goes by where in the title the word stands."""
CALLED_SO = BEGINNING * (1 - BY_PLACE)
"""What fits less well is not called so at all: it stands on a shelf of that name."""

MOST_ASKED, MOST_TITLES = 64, 500
"""So much of what was typed is remembered, each with so many titles and how well they fit."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """One word that a title must hold, by any of `forms` (each with how well it fits) or of `beginnings`."""

    forms: Mapping[str, float]
    beginnings: Words = ()

    def fit(self, form: str) -> float:
        """How well this form of a title fits; 0 where it does not."""
        found = self.forms.get(form, 0.0)
        return found or (BEGINNING if form.startswith(self.beginnings) and self.beginnings else 0.0)


@dataclass(frozen=True)
class Asked:
    """All readings of what was typed; none where it holds no word at all."""

    readings: tuple[tuple[Unit, ...], ...]
    partly: bool = False
    """Whether some of the words are enough."""

    def for_sqlite(self, cells: Words = ()) -> str:
        """As FTS5 reads it; with `cells` in one of those only."""
        said = self._said('"{}"', '"{}"*', " AND ", " OR ")
        return f"({said}) AND ({' OR '.join(cells)})" if cells else said

    def for_postgresql(self, cells: Words = ()) -> str:
        """As `tsquery` reads it; with `cells` in one of those only."""
        said = self._said("'{}'", "'{}':*", " & ", " | ")
        return f"({said}) & ({' | '.join(cells)})" if cells else said

    def for_titles(self) -> str:
        """As JSON: the readings, their words, and what stands in a prepared title (and a space) that holds the word."""
        readings = [
            [
                [*(f" {form} " for form in unit.forms), *(f" {begun}" for begun in unit.beginnings)]
                for unit in reading
            ]
            for reading in self.readings
        ]
        return json.dumps([[list(chain(*units))] for units in readings] if self.partly else readings)

    def _said(self, form: str, beginning: str, every: str, some: str) -> str:
        return some.join(
            "({})".format(
                (some if self.partly else every).join(
                    "({})".format(
                        some.join(
                            [
                                *(form.format(one) for one in unit.forms),
                                *(beginning.format(one) for one in unit.beginnings),
                            ]
                        )
                    )
                    for unit in reading
                )
            )
            for reading in self.readings
        )

    @cached_property
    def fit(self) -> Callable[[str], "Fit"]:
        """How well a prepared title fits, by the reading that it fits best; remembered, since many are called alike."""
        return lru_cache(maxsize=MOST_TITLES)(self._fit)

    def _fit(self, search_text: str) -> "Fit":
        forms = self._placed(search_text)
        return min((_fit(reading, forms) for reading in self.readings), default=Fit(0, False, 0.0))

    def _placed(self, search_text: str) -> list[tuple[str, float]]:
        """The forms of a title that may count, each with how much it counts where it stands first."""
        kept = search_text.split()
        forms = self._forms.intersection(kept)
        if self._beginnings:
            forms |= {form for form in kept if form.startswith(self._beginnings)}
        return [(form, _weight(form, search_text)) for form in forms]

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(form for reading in self.readings for unit in reading for form in unit.forms)

    @cached_property
    def _beginnings(self) -> Words:
        return tuple({begun for reading in self.readings for unit in reading for begun in unit.beginnings})


class Fit(NamedTuple):
    """How a title fits: how many of the words it lacks, whether one of the others stands on its shelf only, and how
    little it is worth, -1 to 0: by which forms it holds them, the better the nearer to its beginning, where French and
    most people say what it is. The least is the best."""

    lacks: int
    on_shelf: bool
    unlike: float


def _weight(form: str, search_text: str) -> float:
    """How much a form counts where it stands first in a prepared title: the nearer to the beginning, the more. Of the
    words before it each begins with a space, and what is no word has a "_" besides."""
    if form.startswith(words.SHELF):
        return 1 - BY_PLACE
    before = f"{search_text} ".partition(f" {form} ")[0]
    position = before.count(" ") - before.count("_") - (form[1:2] == "_")
    return 1 - BY_PLACE + BY_PLACE / (1 + max(position, 0))


def _fit(reading: Sequence[Unit], forms: Sequence[tuple[str, float]]) -> Fit:
    best = [max((unit.fit(form) * weight for form, weight in forms), default=0.0) for unit in reading]
    return Fit(best.count(0.0), any(0 < one < CALLED_SO for one in best), -sum(best) / len(best))


def asked(
    typed: str,
    *,
    loosely: bool = False,
    begun: bool = False,
    partly: bool = False,
    meant: Mapping[str, str] | None = None,
) -> Asked:
    """What was typed, strictly: whole words and their other names. `loosely`: each may stand on the shelf only, with
    `begun` the last one may be a beginning, and `meant` says which known word was meant by another (both folded).
    `partly`: some of the words are enough."""
    return _asked(typed, loosely, begun, partly, tuple(sorted((meant or {}).items())))


@lru_cache(maxsize=MOST_ASKED)
def _asked(typed: str, loosely: bool, begun: bool, partly: bool, meant: tuple[tuple[str, str], ...]) -> Asked:
    said = tuple(words.told(typed)[:MOST_WORDS])
    if not said:
        return Asked(())
    help_for = dict(meant)
    readings = [
        tuple(
            _unit(word, loosely, begun and at == len(reading) - 1, help_for.get(word))
            for at, word in enumerate(reading)
        )
        for reading in (said, *_joined(said))
    ]
    readings += [tuple(map(_plainly, reading)) for reading in _said_otherwise(said)]
    return Asked(tuple(readings[:MOST_READINGS]), partly=partly)


def _plainly(word: str) -> Unit:
    """A word that stands for what was typed: by its own forms only."""
    return Unit(dict.fromkeys(words.forms(word), OTHER))


def _unit(word: str, loosely: bool, begun: bool, meant: str | None) -> Unit:
    forms: dict[str, float] = {}
    if loosely:
        forms |= dict.fromkeys(words.shelf_forms(word), ON_THE_SHELF)
    for one in (meant, word):
        if one is None:
            continue
        for others, stem in ((_others()[0], words.french), (_others()[1], words.english)):
            forms |= {
                stem(other[0]): OTHER for other in others.get((words.light(one),), ()) if len(other) == 1
            }
        first, *stems = words.forms(one)
        forms |= dict.fromkeys(stems, STEM) | {first: LIGHT}
    return Unit(forms, (word,) if begun else ())


def _joined(said: Words) -> Iterator[Words]:
    """Two words that may be one: "video projecteur"."""
    for at in range(len(said) - 1):
        if said[at].isalpha() and said[at + 1].isalpha():
            yield (*said[:at], (said[at] + said[at + 1])[: words.LONGEST], *said[at + 2 :])


def _said_otherwise(said: Words) -> Iterator[Words]:
    """Where several words have another name, or one word a name of several."""
    plain = tuple(map(words.light, said))
    for length in range(min(LONGEST_PHRASE, len(said)), 0, -1):
        for at in range(len(said) - length + 1):
            for others in _others():
                for other in others.get(plain[at : at + length], ()):
                    if length > 1 or len(other) > 1:
                        yield (*said[:at], *other, *said[at + length :])


@cache
def _others() -> tuple[Mapping[Words, tuple[Words, ...]], Mapping[Words, tuple[Words, ...]]]:
    """What things are also called, both ways: to the words of French titles, and from them. By light words. A name
    after ">" means something else in a French title, so that it goes one way only."""
    to_titles: dict[Words, tuple[Words, ...]] = {}
    from_titles: dict[Words, tuple[Words, ...]] = {}
    for name, titles in json.loads(FILE.read_text(encoding="utf-8")).items():
        said = tuple(words.told(name))
        for title in titles:
            called = tuple(words.told(title))
            ways = [(to_titles, said, called), (from_titles, called, said)]
            for found, one, other in ways[:1] if name.startswith(">") else ways:
                key = tuple(map(words.light, one))
                found[key] = (*found.get(key, ()), other)
    return to_titles, from_titles


def known_names() -> frozenset[str]:
    """Single words that things are also called, in their light form: nothing is wrong with them."""
    return frozenset(key[0] for key in _others()[0] if len(key) == 1)


def get_ready() -> None:
    """Load what every search with words needs: before the workers are born, so that they share it."""
    asked("ready")
