"""The page of an object: its photos, its days, where it is and how it is fetched, others like it near."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, g, render_template, request, send_from_directory, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import images
from app.core.errors import NotFound
from app.core.i18n import current_locale
from app.hubs import rules as hub_rules
from app.items import days, forms, policy, queries, shown
from app.items.pages import Answer, blueprint, folder, site
from app.items.queries import Line
from app.items.whole import Whole, whole

YEAR = 31_536_000


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
    viewer = current_user._get_current_object()  # asked for much: the viewer itself, not through the proxy
    seen = whole(item_id, viewer, now=g.now)
    item, hub, line = seen.item, seen.hub, seen.line
    known = viewer.is_authenticated
    keeping, actor = queries.keeping_of(item), queries.actor_of(viewer)
    owns = policy.owns(keeping, actor)
    coordinates = item.induction is not None and _may_induct(item, viewer)
    metres = _how_far(line, viewer)
    around = days.around(seen, request.args, viewer_id=viewer.id, owns=owns)
    html = render_template(
        "items/show.html",
        item=item,
        hub=hub,
        parts=seen.parts,
        photos=seen.photos,
        line=line,
        tag=shown.tag(line),
        shelf=line.shelf.name(current_locale()),
        owns=owns,
        reads_code=policy.reads_code(keeping, actor),
        coordinates=coordinates,
        distance=shown.distance(metres, signed_in=known),
        on_foot=shown.on_foot(metres) if hub else "",
        hours=shown.hours(seen.place.days.week) if hub else "",
        door=hub_rules.door(seen.place.days, g.now) if hub else None,
        conditions=dict(forms.CONDITION_WORDS),
        parts_count=sum(part.number for part in seen.parts),
        part_words=[shown.part_words(part.name, part.number) for part in seen.parts],
        panel=_panel(
            seen, viewer, choices=around["may_choose"] and (around["wrong_days"] or not around["chosen"])
        ),
        alike=_cards(seen.alike, viewer),
        address=site() + url_for("items.show", item_id=item.id),
        linked_data=shown.linked_data(seen, site=site()) if item.status == "active" else None,
        preview=shown.preview(seen, site=site()) if item.status == "active" else {},
        own_form=own_form or (forms.OwnDaysForm(formdata=None) if owns else None),
        induction_form=induction_form or (forms.InductionForm(formdata=None) if coordinates else None),
        **around,
    )
    return html, status_code


def _cards(others: Sequence[Line], viewer: Any) -> list[shown.Card]:
    """As far as they are from the viewer's home."""
    known = viewer.is_authenticated
    return [
        shown.card(line, signed_in=known)._replace(
            distance=shown.distance(_how_far(line, viewer), signed_in=known)
        )
        for line in others
    ]


def _how_far(line: Line, viewer: Any) -> int | None:
    home = viewer.home
    return None if home is None else queries.metres_between(home, (line.lat, line.lon))


def _may_induct(item: Any, viewer: Any) -> bool:
    if item.hub_id is None:
        return bool(item.owner_resident_id == viewer.id)
    here = next((hub for hub in viewer.hubs if hub.id == item.hub_id), None)
    return here is not None and "coordinator" in here.roles


def _panel(seen: Whole, viewer: Any, *, choices: bool) -> dict[str, Any]:
    """What lending says of this object to this viewer, where it is at home. `choices`: with the nearest free days."""
    ask = current_app.extensions.get("movilab.item_panel")
    if ask is None or seen.item.status != "active":
        return {}
    found: dict[str, Any] = ask(seen, viewer, g.now, choices=choices)
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
