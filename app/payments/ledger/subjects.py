"""What money is for, in words. A subject ("pledge:34") belongs to a room that stands above payments; that room says how it
is called, where it is shown, and at which hub it is paid (`SUBJECTS` in `app/wiring.py`)."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from flask import current_app

from app.core.errors import Malformed
from app.core.i18n import _

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_ONCE = re.compile(r"[\w-]{1,64}", re.ASCII)


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
        if _NUMBER.fullmatch(number):
            numbers.setdefault(kind, set()).add(int(number))
    found = {
        f"{kind}:{number}": name
        for kind, ids in sorted(numbers.items())
        if kind in namers
        for number, name in namers[kind](ids).items()
    }
    return {subject: found.get(subject) or Named(_("Autre")) for subject in subjects}


def key_of(act: str, once: str) -> str:
    """Under which an act is written once for each form that was shown: `once` is the form's own word. Raises `Malformed`
    for what no form of ours has sent."""
    if not _ONCE.fullmatch(once):
        raise Malformed("core.malformed")
    return f"{act}:{once}"
