"""What can be said of a skill, and what is wrong with it: the limits, each once, for page, API and counter."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.errors import Invalid
from app.core.text import Checks, checked
from app.skills.models import Availability, Skill, SkillCategory

TITLE = (2, 100)
DESCRIPTION_LONGEST = 2000
KINDS = ("offer", "need")
MODES = ("hub", "home", "online")
LEVELS = ("beginner", "intermediate", "expert")
LANGUAGES = (
    "fr", "en", "ar", "ber", "br", "ca", "co", "de", "es", "eu", "fsl", "it", "nl", "oc", "pl", "pt", "ro", "ru", "tr",
    "uk", "vi", "zh",
)  # fmt: skip
"""Of ISO 639; `fsl` is the French sign language."""
MOST_LANGUAGES, MOST_WINDOWS = 6, 28
DAY_MINUTES, SHORTEST_WINDOW = 24 * 60, 15
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class Fields(TypedDict, total=False):
    """`category` a branch's name in addresses; `mode` any of hub, home, online; `hub` the number or the name in addresses
    of the hub where she would meet, None or "" for any; `languages` codes; `availability` `{weekday, opens, closes}`
    with weekday 0 (Monday) to 6 and times as "14:00" or minutes of the day; none for any time."""

    title: str | None
    description: str | None
    category: str | None
    level: str
    mode: Sequence[str]
    hub: str | None
    languages: Sequence[str]
    availability: Sequence[Mapping[str, Any]]


WHEN_NEW: Fields = {"title": None, "category": None, "mode": ("hub",)}


def read(fields: Fields, checks: Checks) -> dict[str, Any]:
    """Every given field in the form it is kept in; what is wrong is in `checks`. The hub is read elsewhere."""
    given: dict[str, Any] = dict(fields)
    return {name: checks(check, given[name]) for name, check in _CHECKS.items() if name in given}


def write(skill: Skill, said: Mapping[str, Any]) -> None:
    """Keep what was read."""
    for name, value in said.items():
        if name == "category":
            skill.category_id = value
        elif name == "description":
            skill.note = value
        elif name == "mode":
            skill.at_hub, skill.at_home, skill.online = (mode in value for mode in MODES)
        elif name == "availability":
            skill.availability = [
                Availability(weekday=day, opens=opens, closes=closes) for day, opens, closes in value
            ]
        else:
            setattr(skill, name, value)


def _category(slug: str | None) -> int:
    """The number of a branch that has none below it."""
    if not slug:
        raise Invalid({"category": "core.required"})
    below = aliased(SkillCategory)
    query = select(SkillCategory.id).where(
        SkillCategory.slug == str(slug)[:100],
        ~select(below.id).where(below.parent_id == SkillCategory.id).exists(),
    )
    found = db.session.scalar(query)
    if found is None:
        raise Invalid({"category": "core.not_a_choice"})
    return found


def _chosen(field: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise Invalid({field: "core.not_a_choice"})
    return value


def _modes(modes: Sequence[str]) -> set[str]:
    if not modes:
        raise Invalid({"mode": "skills.some_mode"})
    return {_chosen("mode", mode, MODES) for mode in modes}


def _languages(codes: Sequence[str]) -> list[str]:
    """In the order said, each once; the installation's own where none was."""
    if len(codes) > MOST_LANGUAGES:
        raise Invalid({"languages": ("skills.too_many_languages", {"max": MOST_LANGUAGES})})
    return list(dict.fromkeys(_chosen("languages", code, LANGUAGES) for code in codes)) or ["fr"]


def _windows(windows: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, int]]:
    """(weekday, opens, closes) in order; those of a day that touch are one."""
    if len(windows) > MOST_WINDOWS:
        raise Invalid({"availability": ("skills.too_many_windows", {"max": MOST_WINDOWS})})
    found: list[tuple[int, int, int]] = []
    for weekday, day in groupby(sorted(map(_window, windows)), key=lambda one: one[0]):
        for _, opens, closes in day:
            if found and found[-1][0] == weekday and opens <= found[-1][2]:
                found[-1] = (weekday, found[-1][1], max(closes, found[-1][2]))
            else:
                found.append((weekday, opens, closes))
    return found


def _window(window: Mapping[str, Any]) -> tuple[int, int, int]:
    weekday, opens, closes = (
        window.get("weekday"),
        _minutes(window.get("opens")),
        _minutes(window.get("closes")),
    )
    if not isinstance(weekday, int) or not 0 <= weekday <= 6:
        raise Invalid({"availability": "core.not_a_choice"})
    if closes - opens < SHORTEST_WINDOW:
        raise Invalid({"availability": ("skills.window_short", {"min": SHORTEST_WINDOW})})
    return weekday, opens, closes


def _minutes(at: object) -> int:
    """Minutes of the day, of "14:00" or of themselves."""
    if isinstance(at, str) and _CLOCK.fullmatch(at):
        hours, minutes = at.split(":")
        return 60 * int(hours) + int(minutes)
    if isinstance(at, int) and 0 <= at <= DAY_MINUTES:
        return at
    raise Invalid({"availability": "skills.not_a_time"})


_CHECKS: Mapping[str, Any] = {
    "title": lambda value: checked("title", value, shortest=TITLE[0], longest=TITLE[1]),
    "description": lambda value: checked("description", value, longest=DESCRIPTION_LONGEST, lines=True),
    "category": _category,
    "level": lambda value: _chosen("level", value, LEVELS),
    "mode": _modes,
    "languages": _languages,
    "availability": _windows,
}
