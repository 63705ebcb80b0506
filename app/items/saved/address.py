"""A search as addresses write it: normalised when it is kept, read again when it is run."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.core.text import folded
from app.finding.parameters import AT_HOME
from app.items import forms
from app.items.filters import Wanted

_RENAMED = {"first_day": "from", "due": "to"}
_LEFT_OUT = ("sort",)
"""In which order results stand changes nothing about what fits."""


def normalised(
    asked: Mapping[str, str | None], *, home: tuple[float, float] | None, known: bool
) -> dict[str, str]:
    """The parameters of `/items` as they are kept: only what says something, always in the same order and form.
    "home" stays "home", other places have three decimals. Raises `Invalid` with every fault."""
    wanted = forms.wanted({**asked, "sort": None}, home=home, known=known)
    at_home = asked.get("near") == AT_HOME
    found: dict[str, str] = {}
    for field in fields(Wanted):
        value = getattr(wanted, field.name)
        if field.name not in _LEFT_OUT and value not in (None, ""):
            name = _RENAMED.get(field.name, field.name)
            found[name] = AT_HOME if name == "near" and at_home else _said(value)
    return found


def _said(value: Any) -> str:
    match value:
        case (float(lat), float(lon)):
            return f"{lat:.3f},{lon:.3f}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def written(asked: Mapping[str, str]) -> str:
    """Normalised parameters as the query of an address."""
    return urlencode(asked)


def compared(asked: Mapping[str, str]) -> str:
    """The same for two searches that find the same: accents and capitals of the words count for nothing."""
    return urlencode({**asked, **({"q": folded(asked["q"])} if "q" in asked else {})})


def read(query: str) -> dict[str, str]:
    """The parameters behind `written`."""
    return dict(parse_qsl(query))
