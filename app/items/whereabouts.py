"""The page that asks where to look, and how that place is named above what was found."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.i18n import _
from app.geo import choosing
from app.geo.choosing import Spot, Spots
from app.geo.naming import around
from app.geo.places import named
from app.geo.rules import read_point
from app.items import forms, queries
from app.items.pages import blueprint

OURS = frozenset({"near", "place", "view", "where", "cursor"})
"""What this page answers; everything else of a search is kept."""


def in_words(near: str | None, place: str | None = None, *, hub: str | None = None) -> str:
    """ "Autour de Saillans": what a search near this place stands under. `near` as in addresses ("home" or "lat,lon"),
    `place` the INSEE code that came with it (or the slug of a hub), `hub` the name of that hub, where it is known.
    "" without a place."""
    if not near:
        return ""
    if near == forms.AT_HOME:
        return _("Autour de chez vous")
    point = read_point(near)
    name = hub or (named(*point, place) if point else "")
    return around(name) if name else _("Autour du point choisi")


@blueprint.get("/items/place")
def place() -> Response:
    """Where to look: a commune, a street, at home, where the phone is, around a hub."""
    typed = request.args.get("where", "")
    kept = {name: value for name, value in request.args.items() if value and name not in OURS}
    if "HX-Request" in request.headers:
        page = render_template("items/_spots.html", **_spots(kept, choosing.while_typing(typed), typed))
    else:
        page = _whole(kept, choosing.asked_for(typed), typed)
    answer = make_response(page)
    answer.vary.add("HX-Request")
    return answer


def _around(kept: Mapping[str, str], lat: float, lon: float, place: str) -> str:
    """The search as it was, around this point: three decimals, which is about 100 m."""
    return _search({**kept, "near": f"{lat:.3f},{lon:.3f}", "place": place})


def _search(parts: Mapping[str, str]) -> str:
    """Written out: `url_for` would take `_scheme` and its like from a visitor's own address."""
    written = urlencode({name: value for name, value in parts.items() if value})
    return url_for(".search") + (f"?{written}" if written else "")


def _spots(kept: Mapping[str, str], chosen: Spots, typed: str) -> dict[str, Any]:
    def leading(spot: Spot) -> str:
        return _around(kept, spot.lat, spot.lon, spot.code)

    return {"chosen": chosen, "typed": typed, "leading": leading}


def _whole(kept: Mapping[str, str], chosen: Spots, typed: str) -> str:
    hubs = [
        (commune, name, _around(kept, lat, lon, slug))
        for slug, name, commune, lat, lon in queries.hub_places()
    ]
    return render_template(
        "items/place.html",
        kept=kept,
        here=_search(kept),
        home=_search({**kept, "near": forms.AT_HOME}),
        choices=hubs,
        **_spots(kept, chosen, typed),
    )
