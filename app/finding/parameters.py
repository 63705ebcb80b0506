"""What addresses and calls say of a search, read: near what, how far, which words, in which order."""

from collections.abc import Collection, Mapping
from typing import Any

from app.core.errors import Unauthenticated
from app.core.text import one_line
from app.finding.search import SORTS
from app.finding.wanted import Place
from app.geo.rules import read_point

AT_HOME = "home"
LONGEST_Q = 200
LARGEST_RADIUS_KM = 20_000.0

Faults = dict[str, str | tuple[str, dict[str, Any]]]


def said(
    asked: Mapping[str, str | None],
    faults: Faults,
    *,
    home: Place | None,
    known: bool,
    choices: Mapping[str, Collection[str]],
) -> dict[str, Any]:
    """The fields that every wish has, and those with `choices`, out of the parameters; what is wrong is in `faults`.
    `home` of who asks; `known`: whether that is somebody who is logged in."""
    near = _near(asked.get("near") or "", home, known, faults)
    radius_km = _radius(asked.get("radius_km") or "", faults)
    found = {name: one_line(asked.get(name)) for name in ("q", "sort", *choices)}
    if len(found["q"]) > LONGEST_Q:
        faults["q"] = ("core.too_long", {"max": LONGEST_Q})
    for name, known_words in choices.items():
        if found[name] and found[name] not in known_words:
            faults[name] = "core.not_a_choice"
    found["sort"] = found["sort"] or ("relevance" if found["q"] else "near" if near else "new")
    if found["sort"] not in SORTS:
        faults["sort"] = "core.not_a_choice"
    if (found["sort"] == "near" or radius_km is not None) and not near:
        faults.setdefault("near", "finding.near_needed")
    named = {name: one_line(asked.get(name))[:100] for name in ("category", "hub")}
    return {**found, **named, "near": near, "radius_km": radius_km}


def _near(text: str, home: Place | None, known: bool, faults: Faults) -> Place | None:
    if not text:
        return None
    if text == AT_HOME:
        if not known:
            raise Unauthenticated("core.log_in_first")
        if home is None:
            faults["near"] = "finding.no_home"
        return home
    point = read_point(text)
    if point is None:
        faults["near"] = "finding.bad_place"
        return None
    return round(point[0], 3), round(point[1], 3)


def _radius(text: str, faults: Faults) -> float | None:
    if not text:
        return None
    try:
        km = float(text)
    except ValueError:
        km = 0.0
    if not 0 < km <= LARGEST_RADIUS_KM:  # neither is NaN
        faults["radius_km"] = "finding.bad_radius"
        return None
    return km
