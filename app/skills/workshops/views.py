"""The pages of workshops for everybody: what is to come, one of them, coming and not coming."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import ics
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden
from app.core.i18n import _, ngettext
from app.geo import places
from app.geo.naming import around
from app.geo.rules import read_point
from app.hubs import queries as hubs
from app.items.forms import day as day_in
from app.items.pages import site
from app.skills.workshops import calendar, policy, queries, services, shown
from app.skills.workshops.pages import Answer, actor_at, blueprint, far, workshop_page

PUBLISHED = 100
"""The most dates that a hub's public calendar holds."""


# -- lists ------------------------------------------------------------------------------------------------


@blueprint.get("/workshops")
def index() -> Answer:
    """What is to come near one's home, or near a place that was given; else everywhere."""
    given = request.args.get("near", "home" if current_user.home else "")
    near = current_user.home if given == "home" else read_point(given)
    from_day = day_in(request.args.get("from"))
    page = queries.coming_page(
        now=g.now,
        from_day=from_day,
        near=near,
        resident_id=current_user.id,
        cursor=request.args.get("cursor"),
    )
    name = places.named(*near) if near and given != "home" else ""
    return render_template(
        "workshops/index.html",
        page=page,
        lines=[shown.line(one, now=g.now, far=far(one.distance_m)) for one in page.lines],
        near=given if near else "",
        near_words=around(name) if name else "",
        from_day=from_day,
        organizes=[one for one in current_user.hubs if "organizer" in one.roles],
    )


@blueprint.get("/hubs/<slug>/workshops")
def of_hub(slug: str) -> Answer:
    """What is to come at one hub, for everybody."""
    hub = hubs.hub(slug)
    page = queries.coming_page(
        now=g.now, hub_id=hub.id, resident_id=current_user.id, cursor=request.args.get("cursor")
    )
    return render_template(
        "workshops/of_hub.html",
        hub=hub,
        page=page,
        lines=[shown.line(one, now=g.now, with_hub=False) for one in page.lines],
        may_organize=not policy.why_not_organize(actor_at(hub.id)),
    )


@blueprint.get("/hubs/<slug>/workshops.ics")
def hub_calendar(slug: str) -> Response:
    """What is to come at one hub, for anybody's calendar program."""
    hub = hubs.hub(slug)
    page = queries.coming_page(now=g.now, hub_id=hub.id, limit=PUBLISHED)
    return _calendar(page.lines, f"movilab-{hub.slug}")


# -- one of them ------------------------------------------------------------------------------------------


@blueprint.get("/workshops/<int:workshop_id>")
def show(workshop_id: int) -> Answer:
    """When, where, how many places are left, what one learns."""
    return workshop_page(workshop_id)


@blueprint.get("/workshops/<int:workshop_id>.ics")
def ics_of_one(workshop_id: int) -> Response:
    """One date for a calendar program."""
    listed = queries.listed(workshop_id)
    return _calendar([listed] if listed.state == "planned" else [], f"movilab-atelier-{workshop_id}")


def _calendar(listed: Sequence[queries.Listed], name: str) -> Response:
    text = ics.calendar([calendar.public(one, site=site()) for one in listed], now=g.now)
    return Response(
        text,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.ics"'},
    )


# -- coming and not coming --------------------------------------------------------------------------------


def _act(workshop_id: int, do: Callable[[], Any], then: Callable[[Any], None]) -> Answer:
    """Do it and say so; where it cannot be, the page says why."""
    try:
        with transaction():
            done = do()
    except Conflict as problem:
        return workshop_page(workshop_id, problem)
    then(done)
    return redirect(url_for(".show", workshop_id=workshop_id))


@blueprint.post("/workshops/<int:workshop_id>/register")
def register(workshop_id: int) -> Answer:
    """I come."""

    def then(attendee: Any) -> None:
        if attendee.status == "going":
            flash(_("C’est noté, on vous attend."), "ok")
        else:
            flash(_("Vous êtes sur la liste d’attente. On vous prévient dès qu’une place se libère."), "ok")

    return _act(
        workshop_id,
        lambda: services.register(workshop_id=workshop_id, actor_id=current_user.id, now=g.now),
        then,
    )


@blueprint.post("/workshops/<int:workshop_id>/accept")
def accept(workshop_id: int) -> Answer:
    """I take the place that is offered."""
    return _act(
        workshop_id,
        lambda: services.accept(workshop_id=workshop_id, actor_id=current_user.id, now=g.now),
        lambda _attendee: flash(_("La place est à vous, on vous attend."), "ok"),
    )


@blueprint.post("/workshops/<int:workshop_id>/leave")
def leave(workshop_id: int) -> Answer:
    """I do not come after all; for ten minutes it was a slip."""

    def then(attendee: Any) -> None:
        if attendee is not None:
            undoable: Any = {
                "text": _("C’est noté : la place va à la personne suivante."),
                "action": url_for(".undo_leave", workshop_id=workshop_id),
                "act": _("Annuler"),
            }
            flash(undoable, "ok")

    return _act(
        workshop_id,
        lambda: services.leave(workshop_id=workshop_id, actor_id=current_user.id, now=g.now),
        then,
    )


@blueprint.post("/workshops/<int:workshop_id>/undo-leave")
def undo_leave(workshop_id: int) -> Answer:
    """It was a slip."""
    return _act(
        workshop_id,
        lambda: services.undo_leave(workshop_id=workshop_id, actor_id=current_user.id, now=g.now),
        lambda _attendee: flash(_("C’est comme avant."), "ok"),
    )


# -- a neighbour's object ---------------------------------------------------------------------------------


@blueprint.route("/workshops/objects/<int:need_id>", methods=["GET", "POST"])
def need(need_id: int) -> Answer:
    """Her object is wanted for a workshop: yes or no, until she says otherwise."""
    asked = queries.need(need_id)
    if asked.item.owner_resident_id != current_user.id:
        raise Forbidden("items.only_the_owner")
    if request.method == "POST":
        agreed = request.form.get("answer") == "yes"
        with transaction():
            services.answer(need_id=need_id, actor_id=current_user.id, agreed=agreed, now=g.now)
        flash(_("C’est oui, merci.") if agreed else _("C’est non, on le dit."), "ok")
        return redirect(url_for(".need", need_id=need_id))
    dates = queries.dates_of(asked.series_id, now=g.now)
    return render_template(
        "workshops/need.html",
        need=asked,
        dates=[shown.line(one, now=g.now, with_hub=False) for one in dates],
        more=_more(dates),
    )


def _more(dates: Sequence[queries.Listed]) -> str:
    return str(ngettext("%(num)s date à venir", "%(num)s dates à venir", len(dates)))


@blueprint.get("/workshops/<int:workshop_id>/<act>")
def back_to_workshop(workshop_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".show", workshop_id=workshop_id))
