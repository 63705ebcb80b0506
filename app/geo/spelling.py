"""How names of places are compared: without accents, hyphens, apostrophes or spaces, "St" as "Saint"."""

import re

from app.core.text import folded

ARTICLES = frozenset({"le", "la", "les", "l"})
SMALL_WORDS = ARTICLES | {
    "de", "du", "des", "d", "sur", "sous", "en", "et", "au", "aux", "a", "lez", "pres", "saint", "sainte",
}  # fmt: skip
"""No name is looked for by one of these alone."""
ABBREVIATED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """The words of a name as they are compared: "L'Isle-d'Abeau" is l, isle, d, abeau."""
    return _WORD.findall(folded(text.translate(_LIGATURES)))


def written_out(name: list[str]) -> list[str]:
    """Words without abbreviations: "St Étienne s/ Chalaronne" is saint, etienne, sur, chalaronne."""
    last = len(name) - 1
    return [
        "sur" if word == "s" and 0 < place < last else ABBREVIATED.get(word, word)
        for place, word in enumerate(name)
    ]


def keys(name: str) -> dict[str, int]:
    """Everything a place is found by, each with how good a match it is: 0 its name, with or without the article
    before it; 1 from a later word on."""
    parts = written_out(words(name))
    found = {"".join(parts): 0}
    if len(parts) > 1 and parts[0] in ARTICLES:
        found.setdefault("".join(parts[1:]), 0)
    for place, word in enumerate(parts):
        if place and len(word) > 2 and word not in SMALL_WORDS:
            found.setdefault("".join(parts[place:]), 1)
    return found


def looked_for(typed: list[str]) -> list[str]:
    """What was typed, as it is compared: as it stands, and with its abbreviations written out (an "st" at the end
    may be the beginning of "Strasbourg" as well)."""
    return list(dict.fromkeys("".join(name) for name in (written_out(typed), typed) if name))
