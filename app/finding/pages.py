"""What the pages share that find something: the address they read, the answer whole or in part, the choices around it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import make_response, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.errors import Invalid
from app.core.forms import Form, show_faults
from app.core.i18n import _, current_locale, format_distance
from app.finding import tally
from app.finding.addresses import Asked
from app.finding.parameters import AT_HOME
from app.finding.tree import Tree

MAP = "map"
MAP_MOST = 200
"""How many a map and the list beside it hold: the first of the same order."""
WIDER = 3
"""How much farther the page of an empty result offers to look."""
ABOVE = ("q", "near", "category")
"""Parameters that are no field of the filters: what is wrong with them stands above these."""


def asked_here(names: Sequence[str]) -> Asked:
    """What this request asks for, of these parameters; where nothing says near what, near one's home."""
    given = {name: request.args[name] for name in names if request.args.get(name)}
    if "near" not in given and current_user.home is not None:
        given["near"] = AT_HOME
    return Asked(given)


def found(asked: Asked, *, page: str, whole: str, part: str, status: int, **shown: Any) -> Response:
    """The template of the whole page; to htmx, which stays on its page, only what changes, and the plain address of the
    search on `page`."""
    # htmx asks for the whole page when it comes back to one that it has forgotten.
    partial = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    answer = _answer(part if partial else whole, status, partial=partial, asked=asked, **shown)
    if partial and shown["first_page"]:
        answer.headers["HX-Push-Url"] = asked.at(page)
    return answer


def choices(asked: Asked, *, whole: str, part: str, status: int, **shown: Any) -> Response:
    """The page of the filters; to htmx the sheet alone."""
    partial = "HX-Request" in request.headers
    return _answer(part if partial else whole, status, partial=partial, asked=asked, **shown)


def _answer(template: str, status: int, *, partial: bool, **shown: Any) -> Response:
    answer: Response = make_response(render_template(template, partial=partial, **shown), status)
    answer.vary.add("HX-Request")
    if partial:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def within(radius_km: float | None) -> str:
    """ "à moins de 3 km"; nothing where there is no limit."""
    if radius_km is None:
        return ""
    return _("à moins de %(distance)s", distance=format_distance(round(1000 * radius_km)))


def cleared(asked: Asked) -> dict[str, str]:
    """The same words near the same place, with nothing else chosen."""
    return {name: value for name, value in asked.given.items() if name in ("q", "near", "place", "view")}


def open_shelves(tree: Tree, asked: Asked, counted: tally.Tally) -> Iterator[dict[str, Any]]:
    """The tree as far as it is open: the shelves on top, and those below the one that is looked at."""
    at, _onward = tree.around(asked.get("category"))
    opened = (at.parent or at.slug) if at else None
    locale = current_locale()
    for one in tree.shelves:
        if one.parent is None or one.parent == opened:
            yield {
                "slug": one.slug,
                "name": one.name(locale),
                "below": one.parent is not None,
                "on": at is one,
                "count": _count(counted.of(one.slug)),
            }


def _count(number: int | None) -> str:
    if number is None:
        return ""
    return _("plus de 1 000") if number > tally.MOST_SAID else str(number)


def show_search_faults(form: Form, invalid: Invalid, *, fields: Mapping[str, str]) -> None:
    """Each fault beside its choice, whose name in the form `fields` says where it is another; the others above them."""
    named = {**dict.fromkeys(ABOVE, ""), **fields}
    form.form_errors = []
    for name, what in invalid.errors.items():
        show_faults(form, Invalid({named.get(name, name): what}))
