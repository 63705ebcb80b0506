"""The page of an object: its photos, its days, where it is and how it is fetched, others like it near."""

from typing import Any

from flask import current_app, g, render_template, request, send_from_directory, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import images
from app.core.errors import NotFound
from app.core.i18n import current_locale
from app.hubs import queries as hubs
from app.hubs import rules as hub_rules
from app.items import days, forms, policy, queries, shown
from app.items.models import Item
from app.items.pages import Answer, blueprint, folder, site
from app.items.queries import Line

YEAR = 31_536_000
ALIKE = 4
"""Objects like it that stand on the page."""


@blueprint.get("/photos/<name>/<size>.webp")
def photo(name: str, size: str) -> Response:
    """A photo never changes under its name, so that browsers keep it."""
    if not images.known(name) or size not in shown.SIZES:
        raise NotFound("items.photo_unknown")
    file = images.path(name, shown.SIZES[size], folder())
    answer = send_from_directory(file.parent, file.name, mimetype="image/webp", max_age=YEAR)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer


@blueprint.get("/items/<int:item_id>")
def show(item_id: int) -> Answer:
    try:
        return page(item_id)
    except NotFound:
        gone = _withdrawn(item_id)
        if gone is None:
            raise
        return gone


def page(
    item_id: int, *, own_form: Any = None, induction_form: Any = None, status_code: int = 200
) -> tuple[str, int]:
    """The page of this object, with a form as it came back where one did."""
    item = queries.visible(item_id, current_user)
    known = current_user.is_authenticated
    alike = queries.alike(item, signed_in=known, now=g.now) if item.status == "active" else []
    line, *others = queries.lines([item.id, *alike], signed_in=known, now=g.now)
    keeping, actor = queries.keeping_of(item), queries.actor_of(current_user)
    owns = policy.owns(keeping, actor)
    metres = _how_far(line)
    around = days.around(item, request.args, viewer_id=current_user.id, owns=owns, now=g.now)
    html = render_template(
        "items/show.html",
        item=item,
        line=line,
        tag=shown.tag(line),
        shelf=line.shelf.name(current_locale()),
        owns=owns,
        reads_code=policy.reads_code(keeping, actor),
        coordinates=item.induction is not None and _may_induct(item),
        distance=shown.distance(metres, signed_in=known),
        on_foot=shown.on_foot(metres) if item.hub else "",
        hours=shown.hours(hubs.week_in_order(item.hub)) if item.hub else "",
        door=hub_rules.door(hubs.open_days(item.hub), g.now) if item.hub else None,
        conditions=dict(forms.CONDITION_WORDS),
        parts_count=sum(part.count for part in item.parts),
        part_words=[shown.part_words(part.name, part.count) for part in item.parts],
        panel=_panel(item),
        alike=_cards(others, known=known),
        address=site() + url_for("items.show", item_id=item.id),
        linked_data=shown.linked_data(item, line, site=site()) if item.status == "active" else None,
        preview=shown.preview(item, line, site=site()) if item.status == "active" else {},
        own_form=own_form or forms.OwnDaysForm(formdata=None),
        induction_form=induction_form or forms.InductionForm(formdata=None),
        **around,
    )
    return html, status_code


def _cards(others: list[Line], *, known: bool) -> list[shown.Card]:
    """Those that are free today first, among them the nearest; as far as they are from the viewer's home."""
    first = sorted(others, key=lambda line: not line.free_now)[:ALIKE]
    return [
        shown.card(line, signed_in=known)._replace(distance=shown.distance(_how_far(line), signed_in=known))
        for line in first
    ]


def _how_far(line: Line) -> int | None:
    home = current_user.home
    return None if home is None else queries.metres_between(home, (line.lat, line.lon))


def _may_induct(item: Item) -> bool:
    if item.hub_id is None:
        return bool(item.owner_resident_id == current_user.id)
    here = next((hub for hub in current_user.hubs if hub.id == item.hub_id), None)
    return here is not None and "coordinator" in here.roles


def _panel(item: Item) -> dict[str, Any]:
    """What lending says of this object to this viewer, where it is at home."""
    ask = current_app.extensions.get("movilab.item_panel")
    found: dict[str, Any] = ask(item, current_user, g.now) if ask and item.status == "active" else {}
    return found


def _withdrawn(item_id: int) -> tuple[str, int] | None:
    """Who lent it or had it learns what became of it, instead of doubting the link; to others it is not there."""
    item = queries.withdrawn(item_id)
    if item is None or not current_user.is_authenticated:
        return None
    remembers = current_app.extensions.get("movilab.item_remembered")
    owns = policy.reads_code(queries.keeping_of(item), queries.actor_of(current_user))
    if not owns and not (remembers and remembers(item.id, current_user.id)):
        return None
    return render_template("items/withdrawn.html", item=item, owns=owns), 410
