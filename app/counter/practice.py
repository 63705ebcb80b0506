"""A practice of the desk: what was done in it so far is carried from form to form, and nothing is written.

Each request plays all of it over again, then what is done now, and takes everything back (`core.db.rehearsal`): the
rules are those of any day. Numbers of rows that a practice made differ each time, so its forms name objects by code.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

MOST = 25
"""Acts that are played over again: the latest ones."""
LONGEST = 20_000
LEFT_OUT = frozenset({"csrf_token", "hub", "practice", "open"})


@dataclass(frozen=True)
class Played:
    """One act of a practice: its name, and what its form said."""

    act: str
    form: MultiDict[str, str]


def read(text: str | None, acts: Collection[str]) -> list[Played] | None:
    """What was played so far; None where nobody practises. What is no such list is an empty one."""
    if not text:
        return None
    try:
        found = json.loads(text) if len(text) <= LONGEST else []
        return [
            Played(act, MultiDict([(str(name), str(value)) for name, value in form]))
            for act, form in found[-MOST:]
            if act in acts
        ]
    except (TypeError, ValueError, LookupError, RecursionError):
        return []


def written(played: Sequence[Played]) -> str:
    """The same, as a form carries it."""
    rows = [
        [one.act, [[name, value] for name, value in one.form.items(multi=True) if name not in LEFT_OUT]]
        for one in played[-MOST:]
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
