"""What stands in one cell, as a fact of an object and back. Pure. What is read is never anything but text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.text import folded, one_line, several_lines

_PART = re.compile(r"^(\d{1,4})\s*[x×]\s*(.+)$", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,200}>")
_BREAK = re.compile(r"<\s*(?:br\s*/?|/p|/li|/div)\s*>", re.IGNORECASE)

YES = frozenset(("oui", "yes", "y", "o", "1", "vrai", "true", "x"))
NO = frozenset(("non", "no", "n", "0", "faux", "false", ""))
MODES = {
    "lend": ("pret", "preter", "a preter", "lend", "loan", "a emprunter"),
    "swap": ("troc", "troquer", "a troquer", "swap"),
    "give": ("don", "donner", "a donner", "give", "gift"),
}
CONDITIONS = {
    "new": ("new", "neuf", "comme neuf", "as new", "like new", "a as new", "tres bon etat"),
    "good": ("good", "bon", "bon etat", "in good condition"),
    "worn": (
        "worn", "use", "a vecu", "a vecu mais marche bien", "worn but works well", "fair", "b fair", "poor", "c poor",
    ),
    "damaged": ("damaged", "abime"),
    "incomplete": ("incomplete", "incomplet"),
}  # fmt: skip
STATUSES = {
    "active": ("active", "actif", "propose", "on offer", "offered", ""),
    "draft": ("draft", "brouillon"),
    "lost": ("lost", "perdu"),
}


def _by_word(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: key for key, several in words.items() for word in several}


_MODE, _CONDITION, _STATUS = _by_word(MODES), _by_word(CONDITIONS), _by_word(STATUSES)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", folded(text)).split())


def condition(text: str) -> str | None:
    """None for what is none; nothing said means good."""
    return _CONDITION.get(_plain(text)) if text else "good"


def status(text: str) -> str | None:
    """None for what is none; nothing said means offered."""
    return _STATUS.get(_plain(text))


def modes(text: str) -> list[str] | None:
    """Lend, swap, give, in one cell; None where a word is none of them; nothing said means to lend."""
    found = [_MODE.get(_plain(word)) for word in re.split(r"[,;/|+\n]| et | and ", text) if word.strip()]
    if None in found:
        return None
    return [mode for mode in MODES if mode in found] or ["lend"]


def yes(text: str) -> bool | None:
    """None for what is neither yes nor no."""
    word = _plain(text)
    return True if word in YES else False if word in NO else None


def cents(text: str) -> int | None:
    """Euros as people write them ("40", "3,50 €", "1 200.00"); None for what is no sum."""
    try:
        amount = Decimal(re.sub(r"[\s\u00a0\u202f€]|EUR", "", text).replace(",", ".")) * 100
    except InvalidOperation:
        return None
    whole = amount.is_finite() and abs(amount) < 10**11 and amount == amount.to_integral_value()
    return int(amount) if whole else None


def whole(text: str) -> int | None:
    """A whole number, also as spreadsheets write it ("7.0"); None for what is none."""
    found = re.fullmatch(r"(-?\d{1,9})(?:[.,]0+)?", text)
    return int(found[1]) if found and text.isascii() else None


def lines(text: str) -> list[str]:
    """Several things in one cell: one a line, or with "|" between where it is all one line."""
    return [line for line in map(one_line, re.split(r"\n" if "\n" in text else r"\|", text)) if line]


def parts(text: str) -> list[dict[str, Any]]:
    """Parts as posting takes them; several alike as "2 × batterie"."""
    found = []
    for line in lines(text):
        counted = _PART.match(line)
        found.append(
            {"name": counted[2], "count": int(counted[1])} if counted else {"name": line, "count": 1}
        )
    return found


def part_line(name: str, count: int) -> str:
    """A part as `parts` reads it."""
    return name if count == 1 and not _PART.match(name) else f"{count} × {name}"


def joined(things: Iterable[str]) -> str:
    """Several things as `lines` reads them."""
    several = list(things)
    ends = "\n" if len(several) == 1 and "|" in several[0] else ""
    return "\n".join(several) + ends


def without_tags(text: str) -> str:
    """Text that was written as HTML, in lines."""
    return several_lines(_TAG.sub("", _BREAK.sub("\n", text)))
