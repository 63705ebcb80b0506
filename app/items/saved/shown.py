"""Kept searches in words, for pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from app.core.i18n import _, current_locale, format_day, format_number
from app.finding.parameters import AT_HOME
from app.geo import places
from app.geo.rules import read_point
from app.items import forms, shown
from app.items.catalogue import TREE
from app.items.saved import address, queries
from app.items.saved.models import SavedSearch

_OFFERED = dict(forms.OFFERED_WORDS)
_CONDITIONS = dict(forms.CONDITION_WORDS)


def lines(searches: Sequence[SavedSearch]) -> list[dict[str, Any]]:
    """Searches as their page lists them."""
    asked = [address.read(search.query) for search in searches]
    hubs = queries.hub_names(asked)
    return [_line(search, one, hubs) for search, one in zip(searches, asked, strict=True)]


def _line(search: SavedSearch, asked: Mapping[str, str], hubs: Mapping[str, str]) -> dict[str, Any]:
    said = in_words(asked, hubs)
    return {
        "id": search.id,
        "name": search.name,
        "title": search.name or said,
        "words": said if search.name else "",
        "url": url_for("items.search", **_parts(asked)),
        "over": search.look_at is None,
        "told_at": search.told_at,
        "told_count": search.told_count,
    }


def _parts(asked: Mapping[str, str]) -> dict[str, Any]:
    return {**asked, "sort": "new"}


def in_words(asked: Mapping[str, str], hubs: Mapping[str, str] | None = None) -> str:
    """ "« perceuse », à emprunter, à moins de 5 km de chez vous, du 27 nov. au 1 déc."."""
    if hubs is None:
        hubs = queries.hub_names([asked])
    found = [
        _("« %(q)s »", q=asked["q"]) if "q" in asked else "",
        _shelf(asked.get("category", "")),
        str(_OFFERED[asked["mode"]]).lower() if asked.get("mode") in _OFFERED else "",
        _kept_by(asked.get("owner", "")),
        str(_CONDITIONS.get(asked.get("condition", ""), "")).lower(),
        hubs.get(asked.get("hub", ""), asked.get("hub", "")),
        _where(asked),
        _when(asked),
    ]
    said = ", ".join(one for one in found if one)
    return said[:1].upper() + said[1:]


def _shelf(slug: str) -> str:
    at, _onward = TREE.around(slug)
    return at.name(current_locale()) if at else slug


def _kept_by(owner: str) -> str:
    return {"hub": _("d’un lieu-relais"), "resident": _("d’un voisin")}.get(owner, "")


def _where(asked: Mapping[str, str]) -> str:
    if "near" not in asked:
        return ""
    at_home = asked["near"] == AT_HOME
    point = None if at_home else read_point(asked["near"])
    place = places.named(*point) if point else ""
    if "radius_km" not in asked:
        return _("autour de chez vous") if at_home else place or _("autour du point choisi")
    km = format_number(float(asked["radius_km"]))
    if at_home:
        return _("à moins de %(km)s km de chez vous", km=km)
    if place:
        return _("%(place)s et %(km)s km autour", place=place, km=km)
    return _("à moins de %(km)s km du point choisi", km=km)


def _when(asked: Mapping[str, str]) -> str:
    first, due = forms.day(asked.get("from")), forms.day(asked.get("to"))
    if first is None or due is None:
        return ""
    return (
        _("libre le %(day)s", day=format_day(first))
        if first == due
        else _("libre %(days)s", days=shown.short_period(first, due))
    )
