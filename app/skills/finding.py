"""The pages that find skills: what neighbours teach and want to learn, as a list and on a map; its filters."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import paging
from app.core.errors import Invalid, Malformed
from app.core.http import all_said
from app.core.i18n import _, _l, current_locale, format_distance, ngettext
from app.finding import pages, tally, whereabouts
from app.finding.addresses import Asked, Chip, address
from app.finding.pages import MAP, MAP_MOST, WIDER, asked_here, cleared, within
from app.finding.parameters import LARGEST_RADIUS_KM
from app.items.shown import tiles
from app.skills import forms, queries, shown
from app.skills.catalogue import TREE
from app.skills.filters import Wanted
from app.skills.pages import Answer, blueprint

ASKED = (
    "q", "kind", "category", "mode", "level", "language", "near", "place", "radius_km", "hub", "sort", "view"
)  # fmt: skip
"""What an address may say of a search; anything else in it is not carried on."""
PAGE = "/skills"
MOST_OFFERS = 5
_LESS = (
    ("language", _l("Dans une autre langue")),
    ("level", _l("À un autre niveau")),
    ("mode", _l("Dans un lieu-relais, à domicile ou en ligne")),
    ("hub", _l("Dans les autres lieux")),
    ("category", _l("Dans tous les domaines")),
    ("kind", _l("Appris ou cherché")),
)
"""What may be left out of a search that finds nothing, and the words for it."""


@blueprint.get("/skills", endpoint="search")
def find() -> Answer:
    """What neighbours near a place teach and want to learn; for everybody."""
    asked = asked_here(ASKED)
    on_map = asked.get("view") == MAP
    known = current_user.is_authenticated
    try:
        wanted = _wanted(asked)
        page = queries.page(
            wanted,
            signed_in=known,
            cursor=None if on_map else request.args.get("cursor"),
            limit=MAP_MOST if on_map else paging.DEFAULT_LIMIT,
            now=g.now,
        )
    except (Invalid, Malformed) as problem:
        return _answer(asked, status=problem.status, faults=all_said(problem), chips=_chips(asked, None))
    rows = [shown.row(line, signed_in=known) for line in page.lines]
    found: dict[str, Any] = {
        "rows": rows,
        "chips": _chips(asked, wanted),
        "order": forms.SORT_WORDS[wanted.sort],
        "within": within(wanted.radius_km),
        "results": page,
    }
    if on_map:
        # Each with the place that everybody may see.
        found["pins"] = list(zip(rows, page.lines, strict=True))
        found["more"] = page.next is not None
        found["map"] = {"tiles": tiles(), "here": wanted.near}
    elif page.next:
        found["next_url"] = address(PAGE, {**asked.given, "cursor": page.next})
    if not rows:
        found["offers"] = _offers(asked, wanted)
    return _answer(asked, **found)


def _wanted(asked: Asked) -> Wanted:
    return forms.wanted(asked.given, home=current_user.home, known=current_user.is_authenticated)


def _answer(asked: Asked, *, status: int = 200, **shown: Any) -> Answer:
    shown = {"faults": [], "rows": [], "first_page": not request.args.get("cursor"), **shown}
    shown["said"] = _said(shown)
    return pages.found(
        asked, page=PAGE, whole="skills/search.html", part="skills/_finding.html", status=status, **shown
    )


def _said(found: Mapping[str, Any]) -> str:
    """How many there are, as far as that is known without counting."""
    number = len(found["rows"])
    if found["faults"] or not number:
        return "" if found["faults"] else _("Rien trouvé")
    if not found["first_page"]:
        return str(ngettext("%(num)s savoir-faire de plus", "%(num)s savoir-faire de plus", number))
    if found.get("next_url") or found.get("more"):
        return _("Plus de %(num)s savoir-faire", num=number)
    return _skills(number)


def _skills(number: int | None) -> str:
    """How many, where that is known."""
    if number is None:
        return ""
    if number > tally.MOST_SAID:
        return _("plus de 1 000 savoir-faire")
    return str(ngettext("%(num)s savoir-faire", "%(num)s savoir-faire", number))


@blueprint.get("/skills/place")
def place() -> Response:
    """Where to look for skills."""
    return whereabouts.page(search=PAGE, back=_("Savoir-faire"))


# -- what stands above the list ---------------------------------------------------------------------------


def _chips(asked: Asked, wanted: Wanted | None) -> dict[str, Any]:
    """The place, then what is chosen (each can be taken off), then what is often chosen next."""
    return {
        "place": whereabouts.in_words(asked.get("near"), asked.get("place")),
        "chosen": [] if wanted is None else list(_chosen(asked, wanted)),
        "often": [] if wanted is None else list(_often(asked)),
        "clear": address(PAGE, cleared(asked)),
    }


def _chosen(asked: Asked, wanted: Wanted) -> Iterator[Chip]:
    def off(text: str, name: str) -> Chip:
        without = asked.at(PAGE, **{name: None})
        return Chip(text, without, on=True, label=_("Enlever ce choix : %(choice)s", choice=text))

    if wanted.category:
        branch, _onward = TREE.around(wanted.category)
        yield off(branch.name(current_locale()) if branch else wanted.category, "category")
    if wanted.radius_km is not None:
        yield off(within(wanted.radius_km).capitalize(), "radius_km")
    for name, words in (
        ("kind", forms.KIND_WORDS),
        ("mode", forms.MODE_WORDS),
        ("level", forms.LEVEL_WORDS),
        ("language", tuple(forms.LANGUAGE_WORDS.items())),
    ):
        text = next((str(text) for value, text in words if value == asked.get(name)), "")
        if text:
            yield off(text[:1].upper() + text[1:], name)
    if wanted.hub:
        mine = next((one.name for one in current_user.hubs if wanted.hub in (one.slug, str(one.id))), None)
        yield off(mine or wanted.hub, "hub")


def _often(asked: Asked) -> Iterator[Chip]:
    """What a thumb can choose at once, where nothing of the kind is chosen yet."""
    if not asked.get("kind"):
        for value, text in forms.KIND_WORDS:
            yield Chip(str(text), asked.at(PAGE, kind=value))
    if asked.get("near") and not asked.get("radius_km"):
        yield Chip(_("À moins de 3 km"), asked.at(PAGE, radius_km="3"))
    if not asked.get("mode"):
        yield Chip(_("En ligne"), asked.at(PAGE, mode="online"))
    if not asked.get("hub") and current_user.hub:
        yield Chip(current_user.hub.name, asked.at(PAGE, hub=current_user.hub.slug))


# -- nothing found ----------------------------------------------------------------------------------------


def _offers(asked: Asked, wanted: Wanted) -> list[tuple[str, str, str]]:
    """What would find something: the words, the address, and how many. One statement for each that is tried."""
    known = current_user.is_authenticated
    found = []
    for text, changes, other in list(_wider(wanted))[:MOST_OFFERS]:
        counted = tally.shelves(other, signed_in=known, now=g.now)
        if counted.seen(other.category):
            found.append((text, asked.at(PAGE, **changes), _skills(counted.of(other.category))))
    return found


def _wider(wanted: Wanted) -> Iterator[tuple[str, dict[str, str | None], Wanted]]:
    """The same search with one thing less, the least change first."""
    if wanted.radius_km is not None:
        km = WIDER * wanted.radius_km
        text = _("Chercher à %(distance)s", distance=format_distance(round(1000 * km)))
        yield text, {"radius_km": f"{km:g}"}, replace(wanted, radius_km=min(km, LARGEST_RADIUS_KM))
    for name, text in _LESS:
        if getattr(wanted, name):
            less: dict[str, Any] = {name: ""}
            yield str(text), {name: None}, replace(wanted, **less)
    if wanted.radius_km is not None:
        yield _("Sur tout le territoire"), {"radius_km": None}, replace(wanted, radius_km=None)


# -- the filters ------------------------------------------------------------------------------------------


@blueprint.get("/skills/filters")
def filters() -> Answer:
    """All choices of a search, with how much each branch holds: a sheet, a column, or without a script a page."""
    asked = asked_here(ASKED)
    form = forms.SearchForm(request.args, asked=asked.given)
    counted = tally.Tally.unknown()
    status = 200
    try:
        counted = tally.shelves(_wanted(asked), signed_in=current_user.is_authenticated, now=g.now)
    except Invalid as invalid:
        pages.show_search_faults(form, invalid, fields={})
        status = invalid.status
    return pages.choices(
        asked,
        whole="skills/filters.html",
        part="skills/_filters.html",
        status=status,
        form=form,
        branches=list(pages.open_shelves(TREE, asked, counted)),
        see=_see(counted.of(asked.get("category"))),
        clear=address(PAGE, cleared(asked)),
    )


def _see(number: int | None) -> str:
    """The words of the button below the filters."""
    if number is None:
        return _("Voir les savoir-faire")
    if number > tally.MOST_SAID:
        return _("Voir plus de 1 000 savoir-faire")
    if not number:
        return _("Rien avec ces choix")
    return str(ngettext("Voir %(num)s savoir-faire", "Voir %(num)s savoir-faire", number))
