"""The desk itself, and what a scan means there."""

from flask import g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import Forbidden
from app.counter import queries, rules
from app.counter.handing_out import lend
from app.counter.pages import Answer, Stand, act, blueprint, desk_page, hub_here, person_here
from app.counter.said import Said, Ticks
from app.counter.taking_back import take_back
from app.hubs.models import Hub
from app.items.labels import queries as labels
from app.items.labels import services as label_services
from app.items.pages import site


@blueprint.get("/counter")
def desk() -> Answer:
    """The counter of one's hub; with several, the one that is chosen."""
    mine = current_user.counter_hubs
    if not mine:
        raise Forbidden("hubs.not_volunteer")
    slug = request.args.get("hub", "")
    if not slug and len(mine) > 1:
        return render_template("counter/choose.html", hubs=mine)
    hub = hub_here(slug or mine[0].slug)
    person = person_here(request.args.get("member", ""), hub)
    stand = Stand(hub, person, request.args, [] if request.args.get("practice") else None)
    return desk_page(stand, Said("person" if person else "hello"))


@blueprint.get("/counter/<act>")
def back_to_desk(act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".desk"))


@act("scan")
def scan(stand: Stand) -> Said:
    """A card, a label, or a name: the counter knows what is meant."""
    seen = rules.read(stand.form.get("code", ""))
    if seen.kind == "nothing":
        return Said("person" if stand.person else "hello")
    if seen.kind == "half_read":
        return Said("half_read", "stop", 422)
    if seen.kind == "words":
        return _named(seen.words, stand.hub)
    if seen.kind == "member":
        return _card(seen, stand)
    return _label(seen, stand)


def _card(seen: rules.Scan, stand: Stand) -> Said:
    found = person_here(seen.code, stand.hub)
    if found is None:
        return Said("unknown_card", "stop", 404, words=seen.code, site=_elsewhere(seen))
    stand.person = found
    return Said("person")


def _label(seen: rules.Scan, stand: Stand) -> Said:
    item = queries.item_by_code(seen.code)
    if item is None:
        if labels.blank(seen.code, counter_at={stand.hub.id}) is not None:
            return Said("blank", "stop", 404, words=seen.code)
        free = not labels.known(seen.code)
        return Said(
            "unknown_label" if free else "unknown", "stop", 404, words=seen.code, site=_elsewhere(seen)
        )
    if stand.person is None:
        return take_back(item, stand.hub)
    return lend(item, stand.hub, stand.person, Ticks(item.code))


def _elsewhere(seen: rules.Scan) -> str:
    """The site that printed this link, where it is not ours."""
    return seen.site if seen.site != site().partition("://")[2].split("/")[0] else ""


@blueprint.post("/counter/bind")
def bind() -> Answer:
    """A label that nobody here printed: it is the hub's from now on, and goes on an object."""
    hub = hub_here(request.form.get("hub", ""))
    code = request.form.get("code", "")
    with transaction():
        label_services.adopt_code(code=code, hub_id=hub.id, actor_id=current_user.id, now=g.now)
    return redirect(url_for("labels.stick", code=str(codes.read(code))))


def _named(words: str, hub: Hub) -> Said:
    people = queries.people_named(words, hub_id=hub.id)
    things = queries.things_named(words, hub_id=hub.id)
    return Said(
        "names", "" if people or things else "stop", 200, words=words[:60], people=people, things=things
    )
