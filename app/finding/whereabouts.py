"""Where to look: the page that asks it, for whatever is searched, and how that place is named above what was found."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import make_response, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.core.db import db
from app.core.i18n import _
from app.finding.parameters import AT_HOME
from app.finding.words import folded
from app.geo import choosing
from app.geo.choosing import Spot, Spots
from app.geo.naming import around
from app.geo.places import named
from app.geo.rules import read_point
from app.hubs.models import Hub, Territory

OURS = frozenset({"near", "place", "view", "where", "cursor"})
"""What this page answers; everything else of a search is kept."""


def in_words(near: str | None, place: str | None = None, *, hub: str | None = None) -> str:
    """ "Autour de Saillans": what a search near this place stands under. `near` as in addresses ("home" or "lat,lon"),
    `place` the INSEE code that came with it (or the slug of a hub), `hub` the name of that hub, where it is known.
    "" without a place."""
    if not near:
        return ""
    if near == AT_HOME:
        return _("Autour de chez vous")
    point = read_point(near)
    name = hub or (named(*point, place) if point else "")
    return around(name) if name else _("Autour du point choisi")


def page(*, search: str, back: str) -> Response:
    """Where to look: a commune, a street, at home, where the phone is, around a hub. It leads on to the page `search`,
    whose name is `back`; its own address is `search`/place."""
    typed = request.args.get("where", "")
    kept = {name: value for name, value in request.args.items() if value and name not in OURS}
    if "HX-Request" in request.headers:
        whole = render_template(
            "finding/_spots.html", **_spots(search, kept, choosing.while_typing(typed), typed)
        )
    else:
        whole = _whole(search, back, kept, choosing.asked_for(typed), typed)
    answer = make_response(whole)
    answer.vary.add("HX-Request")
    return answer


def _around(search: str, kept: Mapping[str, str], lat: float, lon: float, place: str) -> str:
    """The search as it was, around this point: three decimals, which is about 100 m."""
    return _address(search, {**kept, "near": f"{lat:.3f},{lon:.3f}", "place": place})


def _address(search: str, parts: Mapping[str, str]) -> str:
    """Written out: `url_for` would take `_scheme` and its like from a visitor's own address."""
    written = urlencode({name: value for name, value in parts.items() if value})
    return search + (f"?{written}" if written else "")


def _spots(search: str, kept: Mapping[str, str], chosen: Spots, typed: str) -> dict[str, Any]:
    def leading(spot: Spot) -> str:
        return _around(search, kept, spot.lat, spot.lon, spot.code)

    return {"chosen": chosen, "typed": typed, "leading": leading}


def _whole(search: str, back: str, kept: Mapping[str, str], chosen: Spots, typed: str) -> str:
    hubs = [
        (commune, name, _around(search, kept, lat, lon, slug))
        for slug, name, commune, lat, lon in _hub_places()
    ]
    return render_template(
        "finding/place.html",
        kept=kept,
        back=back,
        asks=f"{search}/place",
        here=_address(search, kept),
        home=_address(search, {**kept, "near": AT_HOME}),
        choices=hubs,
        **_spots(search, kept, chosen, typed),
    )


def _hub_places() -> list[tuple[str, str, str, float, float]]:
    """Every published hub as (slug, name, commune, lat, lon), by commune and name."""
    rows = db.session.execute(
        select(Hub.slug, Hub.name, Territory.name, Hub.lat, Hub.lon)
        .outerjoin(Territory, Territory.id == Hub.territory_id)
        .where(Hub.status == "published")
    )
    found = [(row[0], row[1], row[2] or "", row[3], row[4]) for row in rows]
    return sorted(found, key=lambda row: (folded(row[2]), folded(row[1])))
