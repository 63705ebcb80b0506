"""The pages that find objects: what is offered near a place, as a list and on a map; its filters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import g, jsonify, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock, paging
from app.core.errors import Invalid, Malformed
from app.core.http import all_said, problem_json
from app.core.i18n import _, _l, current_locale, format_distance, ngettext
from app.finding import pages, tally, whereabouts
from app.finding.addresses import Asked, Chip, address
from app.finding.pages import MAP, MAP_MOST, WIDER, asked_here, cleared, within
from app.finding.parameters import LARGEST_RADIUS_KM
from app.items import forms, search, shown
from app.items.catalogue import TREE
from app.items.pages import Answer, blueprint
from app.items.queries import Line
from app.items.search import Wanted

ASKED = (
    "q", "category", "mode", "near", "place", "radius_km", "hub", "owner", "condition", "from", "to", "sort", "view"
)  # fmt: skip
"""What an address may say of a search; anything else in it is not carried on."""
PAGE = "/items"
MOST_OFFERS = 6
SATURDAY = 5
_LESS = (
    ("condition", _l("Dans un autre état")),
    ("owner", _l("À qui que ce soit")),
    ("mode", _l("À emprunter, à troquer ou donné")),
    ("category", _l("Dans tous les rayons")),
)
"""What may be left out of a search that finds nothing, and the words for it."""


# -- the list and the map ---------------------------------------------------------------------------------


@blueprint.get("/items", endpoint="search")
def find() -> Answer:
    """What is offered near a place: one's home, where the phone is, a hub; for everybody."""
    asked = asked_here(ASKED)
    on_map = asked.get("view") == MAP
    try:
        wanted = _wanted(asked)
        page = search.page(
            wanted,
            signed_in=current_user.is_authenticated,
            cursor=None if on_map else request.args.get("cursor"),
            limit=MAP_MOST if on_map else paging.DEFAULT_LIMIT,
            now=g.now,
        )
    except (Invalid, Malformed) as problem:
        return _answer(asked, status=problem.status, faults=all_said(problem), chips=_chips(asked, None, ()))
    cards = _cards(wanted, page.lines)
    found: dict[str, Any] = {
        "cards": cards,
        "chips": _chips(asked, wanted, page.lines),
        "order": forms.SORT_WORDS[wanted.sort],
        "within": within(wanted.radius_km),
        "results": page,
    }
    if on_map:
        # Each with the place that everybody may see.
        found["pins"] = list(zip(cards, page.lines, strict=True))
        found["more"] = page.next is not None
        found["map"] = {"tiles": shown.tiles(), "here": wanted.near}
    elif page.next:
        found["next_url"] = address(PAGE, {**asked.given, "cursor": page.next})
    if not cards:
        found["offers"] = _offers(asked, wanted)
    return _answer(asked, **found)


def _wanted(asked: Asked) -> Wanted:
    return forms.wanted(asked.given, home=current_user.home, known=current_user.is_authenticated)


def _cards(wanted: Wanted, lines: Sequence[Line]) -> list[shown.Card]:
    known = current_user.is_authenticated
    days = (wanted.first_day, wanted.due) if wanted.first_day and wanted.due else None
    return [shown.card(line, signed_in=known, days=days) for line in lines]


def _answer(asked: Asked, *, status: int = 200, **shown: Any) -> Answer:
    shown = {"faults": [], "cards": [], "first_page": not request.args.get("cursor"), **shown}
    shown["said"] = _said(shown)
    return pages.found(
        asked, page=PAGE, whole="items/search.html", part="items/_finding.html", status=status, **shown
    )


def _said(found: Mapping[str, Any]) -> str:
    """How many there are, as far as that is known without counting."""
    number = len(found["cards"])
    if found["faults"] or not number:
        return "" if found["faults"] else _("Rien trouvé")
    if not found["first_page"]:
        return str(ngettext("%(num)s objet de plus", "%(num)s objets de plus", number))
    if found.get("next_url") or found.get("more"):
        return _("Plus de %(num)s objets", num=number)
    return str(ngettext("%(num)s objet", "%(num)s objets", number))


@blueprint.get("/items.geojson")
def points() -> AnyResponse:
    """The objects of a map, for other maps: the same search, the same order, the same published places. A search that
    cannot be answered is told as programs read it."""
    try:
        wanted = _wanted(asked_here(ASKED))
        page = search.page(wanted, signed_in=current_user.is_authenticated, limit=MAP_MOST, now=g.now)
    except (Invalid, Malformed) as problem:
        return problem_json(problem)
    return jsonify(
        type="FeatureCollection",
        features=[
            {
                "type": "Feature",
                "id": str(line.id),
                "geometry": {"type": "Point", "coordinates": [line.lon, line.lat]},
                "properties": {
                    "title": line.title,
                    "url": card.url,
                    "place": card.place,
                    "state": card.tag_text,
                    "precision_m": line.precision_m,
                },
            }
            for card, line in zip(_cards(wanted, page.lines), page.lines, strict=True)
        ],
        more=page.next is not None,
    )


@blueprint.get("/items/place")
def place() -> AnyResponse:
    """Where to look for objects."""
    return whereabouts.page(search=PAGE, back=_("Objets"))


# -- what stands above the list ---------------------------------------------------------------------------


def _chips(asked: Asked, wanted: Wanted | None, lines: Sequence[Line]) -> dict[str, Any]:
    """The place, then what is chosen (each can be taken off), then what is often chosen next."""
    chosen = list(_chosen(asked, wanted, lines))
    return {
        "place": _place_in_words(asked, lines),
        "chosen": chosen,
        "often": [] if wanted is None else list(_often(asked)),
        "clear": address(PAGE, cleared(asked)),
    }


def _chosen(asked: Asked, wanted: Wanted | None, lines: Sequence[Line]) -> Iterator[Chip]:
    def off(text: str, *names: str, sign: str = "") -> Chip:
        without = asked.at(PAGE, **dict.fromkeys(names))
        return Chip(text, without, on=True, label=_("Enlever ce choix : %(choice)s", choice=text), sign=sign)

    if wanted is None:
        return
    if wanted.first_day and wanted.due:
        yield off(shown.short_period(wanted.first_day, wanted.due), "from", "to", sign="calendar")
    shelf, _onward = TREE.around(wanted.category)
    if wanted.category:
        yield off(shelf.name(current_locale()) if shelf else wanted.category, "category")
    if wanted.radius_km is not None:
        yield off(within(wanted.radius_km).capitalize(), "radius_km")
    for name, words in (
        ("mode", forms.OFFERED_WORDS),
        ("owner", forms.OWNER_WORDS),
        ("condition", forms.CONDITION_WORDS),
    ):
        text = next((str(text) for value, text in words if value == asked.get(name)), "")
        if text:
            yield off(text, name)
    if wanted.hub:
        yield off(_hub_in_words(wanted.hub, lines), "hub")


def _often(asked: Asked) -> Iterator[Chip]:
    """What a thumb can choose at once, where nothing of the kind is chosen yet."""
    if not asked.get("from") and not asked.get("to"):
        saturday = _next(SATURDAY).isoformat()
        yield Chip(_("Libre samedi"), asked.at(PAGE, **{"from": saturday, "to": saturday}), sign="calendar")
    if asked.get("near") and not asked.get("radius_km"):
        yield Chip(_("À moins de 3 km"), asked.at(PAGE, radius_km="3"))
    if not asked.get("owner"):
        for value, text in forms.OWNER_WORDS:
            yield Chip(str(text), asked.at(PAGE, owner=value))
    if not asked.get("mode"):
        yield Chip(_("Donné"), asked.at(PAGE, mode="give"))
    if not asked.get("hub") and current_user.hub:
        yield Chip(current_user.hub.name, asked.at(PAGE, hub=current_user.hub.slug))


def _today() -> date:
    return clock.day_at(g.now, clock.home_zone())


def _next(weekday: int) -> date:
    """The next such day, where this installation is at home; today if it is one."""
    today = _today()
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _place_in_words(asked: Asked, lines: Sequence[Line]) -> str:
    """Near what: the name of a hub that was picked is read off the page itself."""
    slug = asked.get("place")
    hub = next((line.hub.name for line in lines if line.hub and line.hub.slug == slug), None)
    return whereabouts.in_words(asked.get("near"), slug, hub=hub)


def _hub_in_words(hub: str, lines: Sequence[Line]) -> str:
    """Its name: one's own, or as it stands on the page; else what the address says."""
    mine = next((one.name for one in current_user.hubs if hub in (one.slug, str(one.id))), None)
    return mine or next((line.hub.name for line in lines if line.hub), hub)


# -- nothing found ----------------------------------------------------------------------------------------


def _offers(asked: Asked, wanted: Wanted) -> list[tuple[str, str, str]]:
    """What would find something: the words, the address, and how many. One statement for each that is tried."""
    known = current_user.is_authenticated
    tried = list(_wider(wanted))
    found = []
    for text, changes, other in tried[: MOST_OFFERS - 1] + tried[MOST_OFFERS - 1 :][-1:]:
        counted = tally.shelves(other, signed_in=known, now=g.now)
        if counted.seen(other.category):
            found.append((text, asked.at(PAGE, **changes), _objects(counted.of(other.category))))
    return found


def _objects(number: int | None) -> str:
    """How many, where that is known."""
    if number is None:
        return ""
    if number > tally.MOST_SAID:
        return _("plus de 1 000 objets")
    return str(ngettext("%(num)s objet", "%(num)s objets", number))


def _wider(wanted: Wanted) -> Iterator[tuple[str, dict[str, str | None], Wanted]]:
    """The same search with one thing less, the least change first."""
    if wanted.radius_km is not None:
        km = WIDER * wanted.radius_km
        text = _("Chercher à %(distance)s", distance=format_distance(round(1000 * km)))
        yield text, {"radius_km": f"{km:g}"}, replace(wanted, radius_km=min(km, LARGEST_RADIUS_KM))
    if wanted.first_day:
        yield _("À d’autres dates"), {"from": None, "to": None}, replace(wanted, first_day=None, due=None)
    if wanted.hub:
        yield _("Dans les autres lieux"), {"hub": None}, replace(wanted, hub="")
    for name, text in _LESS:
        if getattr(wanted, name):
            less: dict[str, Any] = {name: ""}
            yield str(text), {name: None}, replace(wanted, **less)
    if wanted.radius_km is not None:
        yield _("Sur tout le territoire"), {"radius_km": None}, replace(wanted, radius_km=None)
    words_alone = Wanted(q=wanted.q, near=wanted.near, sort=wanted.sort)
    if wanted.q and wanted != words_alone:
        nothing_else = dict.fromkeys(("radius_km", "from", "to", "hub", *dict(_LESS)))
        yield _("Avec ces mots seulement"), nothing_else, words_alone


# -- the filters ------------------------------------------------------------------------------------------


@blueprint.get("/items/filters")
def filters() -> Answer:
    """All choices of a search, with how much each shelf holds: a sheet, a column, or without a script a page."""
    asked = asked_here(ASKED)
    form = forms.SearchForm(
        request.args, asked=asked.given, hubs=[(one.slug, one.name) for one in current_user.hubs]
    )
    counted = tally.Tally.unknown()
    status = 200
    try:
        counted = tally.shelves(_wanted(asked), signed_in=current_user.is_authenticated, now=g.now)
    except Invalid as invalid:
        pages.show_search_faults(form, invalid, fields={"from": "first", "to": "last"})
        status = invalid.status
    return pages.choices(
        asked,
        whole="items/filters.html",
        part="items/_filters.html",
        status=status,
        form=form,
        shelves=list(pages.open_shelves(TREE, asked, counted)),
        see=_see(counted.of(asked.get("category"))),
        clear=address(PAGE, cleared(asked)),
        today=_today(),
        period=shown.period(form.first.data, form.last.data) if form.first.data and form.last.data else "",
    )


def _see(number: int | None) -> str:
    """The words of the button below the filters."""
    if number is None:
        return _("Voir les objets")
    if number > tally.MOST_SAID:
        return _("Voir plus de 1 000 objets")
    return (
        ngettext("Voir %(num)s objet", "Voir %(num)s objets", number) if number else _("Rien avec ces choix")
    )
