"""Skills in words: what lists and pages say of them."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from app.core.i18n import _, current_locale
from app.items.shown import distance, drawn_url
from app.skills import forms
from app.skills.queries import Line


class Row(NamedTuple):
    """A skill as lists and maps show it."""

    url: str
    title: str
    drawing: str
    place: str
    distance: str
    tag_kind: str
    tag_text: str
    tag_icon: str


def row(line: Line, *, signed_in: bool) -> Row:
    """ "Recoudre un ourlet", "Couture et tricot · La Maison", "Claire vous l’apprend"."""
    kind, text, sign = tag(line)
    return Row(
        url=f"/skills/{line.id}",
        title=line.title,
        drawing=drawn_url(line.drawing),
        place=f"{line.branch.name(current_locale())} · {where(line)}",
        distance=distance(line.metres, signed_in=signed_in or line.precision_m == 0),
        tag_kind=kind,
        tag_text=text,
        tag_icon=sign,
    )


def tag(line: Line) -> tuple[str, str, str]:
    """How it stands: kind, words and sign of the tag."""
    if line.state == "paused":
        return "warn", _("En pause"), "clock"
    if line.state == "closed":
        return "", _("Fermé"), "close"
    if line.kind == "offer":
        return "ok", _("%(name)s vous l’apprend", name=line.resident.name), "hand"
    return "info", _("%(name)s le cherche", name=line.resident.name), "search"


def where(line: Line) -> str:
    """ "La Maison", "dans un lieu-relais, en ligne"."""
    if line.hub and line.modes == ("hub",):
        return line.hub.name
    words = dict(forms.MODE_WORDS)
    places = [line.hub.name if mode == "hub" and line.hub else str(words[mode]) for mode in line.modes]
    return ", ".join([places[0], *(place[:1].lower() + place[1:] for place in places[1:])])


def languages(codes: Iterable[str]) -> str:
    """ "français, anglais"."""
    return ", ".join(str(forms.LANGUAGE_WORDS.get(code, code)) for code in codes)


def level(word: str) -> str:
    """ "Pour débuter"."""
    return str(dict(forms.LEVEL_WORDS)[word])


def clock(minutes: int) -> str:
    """Minutes of the day as "14:30"; the end of a day is "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def times(windows: Iterable[Any]) -> list[tuple[str, str]]:
    """The times of a week, day by day: ("Mercredi", "18:00 – 20:00, 21:00 – 22:00")."""
    return [
        (str(forms.WEEKDAYS[day]), ", ".join(f"{clock(one.opens)} – {clock(one.closes)}" for one in some))
        for day, some in groupby(windows, key=lambda one: one.weekday)
    ]
