"""What money is for, in words. A subject ("pledge:34") belongs to a room that stands above payments; that room says how it
is called, where it is shown, and at which hub it is paid (`SUBJECTS` in `app/wiring.py`)."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from flask import current_app

from app.core.i18n import _


class Named(NamedTuple):
    """A subject as people see it; `path` is empty where there is nothing to open."""

    words: str
    path: str = ""
    hub_id: int | None = None


Namer = Callable[[Collection[int]], Mapping[int, Named]]
"""The names of these numbers, in one statement, in the reader's language."""


def named(subjects: Collection[str]) -> dict[str, Named]:
    """Each of these, in as many statements as there are kinds of them; of one that nobody knows its own word."""
    namers: Mapping[str, Namer] = current_app.extensions["movilab.subjects"]
    numbers: dict[str, set[int]] = {}
    for subject in subjects:
        kind, _colon, number = subject.partition(":")
        if number.isdigit():
            numbers.setdefault(kind, set()).add(int(number))
    found = {
        f"{kind}:{number}": name
        for kind, ids in sorted(numbers.items())
        if kind in namers
        for number, name in namers[kind](ids).items()
    }
    return {subject: found.get(subject) or Named(_("Autre")) for subject in subjects}
