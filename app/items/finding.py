"""The pages that find objects: what is offered near a place, and which place."""

from typing import Any

from flask import g, render_template, request, url_for
from flask_login import current_user

from app.core.errors import Invalid, Problem
from app.core.http import spoken
from app.core.i18n import _, current_locale
from app.items import catalogue, forms, queries, search, shown
from app.items.pages import Answer, blueprint


@blueprint.get("/items", endpoint="search")
def find() -> Answer:
    """What is offered near a place: one's home, where the phone is, a hub; for everybody."""
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if value}
    if "near" not in asked and current_user.home is not None:
        asked["near"] = forms.AT_HOME
    known = current_user.is_authenticated
    try:
        wanted = forms.wanted(asked, home=current_user.home, known=known)
        page = search.page(wanted, signed_in=known, cursor=asked.get("cursor"), now=g.now)
    except Invalid as invalid:
        faults = [spoken_fault(code, params) for code, params in invalid.errors.values()]
        return render_template("items/search.html", faults=faults, **_around_list(asked, ())), 422
    asked_days = (wanted.first_day, wanted.due) if wanted.first_day and wanted.due else None
    return render_template(
        "items/search.html",
        faults=[],
        cards=[shown.card(line, signed_in=known, days=asked_days) for line in page.lines],
        days=shown.short_period(*asked_days) if asked_days else None,
        order=forms.SORT_WORDS[wanted.sort],
        next_url=url_for(".search", **{**asked, "cursor": page.next}) if page.next else None,
        **_around_list(asked, page.lines),
    )


def spoken_fault(code: str, params: dict[str, Any]) -> str:
    """The sentence of a fault that belongs to no form."""
    return spoken(Problem(code, **params))


def _around_list(asked: dict[str, Any], lines: Any) -> dict[str, Any]:
    """What stands above the list: the words, the place, the shelves, each with its address."""
    kept = {name: value for name, value in asked.items() if name != "cursor"}

    def leading(**changes: str | None) -> str:
        parts: dict[str, Any] = {**kept, **changes}
        return url_for(".search", **{name: value for name, value in parts.items() if value})

    at, onward = catalogue.around(asked.get("category", ""))
    locale = current_locale()
    return {
        "asked": kept,
        "first_page": "cursor" not in asked,
        "leading": leading,
        "place": _place_in_words(asked, lines),
        "shelf": at.name(locale) if at else "",
        "shelf_up": leading(category=at.parent) if at else None,
        "shelves": [(one.name(locale), leading(category=one.slug), one is at) for one in onward],
        "modes": forms.OFFERED_WORDS,
    }


def _place_in_words(asked: dict[str, str], lines: Any) -> str:
    """Near what: the name of a hub that was picked is read off the page itself."""
    near = asked.get("near")
    if not near:
        return ""
    if near == forms.AT_HOME:
        return _("Autour de chez vous")
    name = next((line.hub.name for line in lines if line.hub and line.hub.slug == asked.get("place")), None)
    return _("Autour de %(place)s", place=name) if name else _("Autour du point choisi")


@blueprint.get("/items/place")
def place() -> Answer:
    """Where to look: at home, where the phone is, around a hub."""
    kept: dict[str, Any] = {
        name: value
        for name, value in request.args.items()
        if value and name in ("q", "category", "mode", "from", "to", "radius_km")
    }
    choices = [
        (commune, name, url_for(".search", **kept, near=f"{lat:.3f},{lon:.3f}", place=slug))
        for slug, name, commune, lat, lon in queries.hub_places()
    ]
    return render_template("items/place.html", kept=kept, choices=choices)
