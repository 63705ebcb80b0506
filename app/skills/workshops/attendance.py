"""The door of a workshop: its list, one scan for each who comes, and what a volunteer does for somebody."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.core import codes
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import in_one_breath
from app.core.i18n import _
from app.core.text import whole
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.skills.workshops import policy, queries, rules, services, shown
from app.skills.workshops.models import Workshop
from app.skills.workshops.pages import Answer, actor_at, blueprint
from app.skills.workshops.services.ground import refuse
from app.skills.workshops.wording import hours


@blueprint.after_request
def keep_no_lists(response: Any) -> Any:
    """Who comes is not brought back by the browser's arrow."""
    if request.endpoint == "workshops.attendance":
        response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/hubs/<slug>/workshops/<int:workshop_id>/attendance")
def attendance(slug: str, workshop_id: int) -> Answer:
    """Who is expected, who is here, who waits."""
    one = _workshop(slug, workshop_id)
    actor = actor_at(one.hub_id)
    refuse(policy.why_not_see_list(actor, facilitator_id=one.facilitator_id))
    opens, closes = rules.doors(one.starts_at, one.ends_at)
    found = queries.on_list(workshop_id)
    return render_template(
        "workshops/attendance.html",
        one=one,
        hub=one.hub,
        series=one.series,
        going=[line for line in found if line.attendee.status == "going"],
        others=[line for line in found if line.attendee.status != "going"],
        here=sum(line.attendee.attended_at is not None for line in found),
        badge=shown.badge(one.starts_at, one.hub.timezone),
        hours=shown.from_to(one.starts_at, one.ends_at, one.hub.timezone),
        day=shown.day_of(one.starts_at, one.hub.timezone),
        needs=queries.needs_of(one),
        at_the_door=one.state == "planned" and opens <= g.now <= closes,
        before=one.state == "planned" and g.now < one.starts_at,
        keeps_list=not policy.why_not_keep_list(actor),
        paid=hours(one.paid) if one.paid else "",
        unpaid=hours(one.unpaid) if one.unpaid else "",
    )


def _workshop(slug: str, workshop_id: int) -> Workshop:
    hub = hubs.hub(slug)
    one = queries.one(workshop_id)
    if one.hub_id != hub.id:
        raise NotFound("workshops.unknown")
    return one


def _at_door(slug: str, workshop_id: int) -> Workshop:
    """The date, for those who hold the counter."""
    one = _workshop(slug, workshop_id)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=one.hub_id)
    return one


def _back(slug: str, workshop_id: int) -> Response:
    return redirect(url_for(".attendance", slug=slug, workshop_id=workshop_id))


@blueprint.post("/hubs/<slug>/workshops/<int:workshop_id>/attendance")
def scan(slug: str, workshop_id: int) -> Answer:
    """A card at the door: she is here. Before the doors open she is registered."""
    one = _at_door(slug, workshop_id)
    card = request.form.get("code", "")
    try:
        if g.now < rules.doors(one.starts_at, one.ends_at)[0]:
            _register(one, card)
        else:
            _attend(one, card)
    except (Conflict, Invalid, NotFound) as problem:
        flash(in_one_breath(problem), "bad")
    return _back(slug, workshop_id)


def _attend(one: Workshop, card: str) -> None:
    with transaction():
        came = services.attend(workshop_id=one.id, member_code=card, actor_id=current_user.id, now=g.now)
        name = came.attendee.resident.name
    if came.repeated:
        flash(_("%(name)s est déjà là.", name=name), "ok")
        return
    said = (
        _("%(name)s est là, sans inscription.", name=name)
        if came.walked_in
        else _("%(name)s est là.", name=name)
    )
    undoable: Any = {
        "text": said,
        "action": url_for(".undo_attendance", slug=one.hub.slug, workshop_id=one.id),
        "act": _("Annuler"),
        "fields": {"resident": str(came.attendee.resident_id)},
    }
    flash(undoable, "ok")


def _register(one: Workshop, card: str) -> None:
    code = codes.read(card)
    person = accounts.by_code(code) if code is not None and code.kind == codes.MEMBER else None
    if person is None:
        raise NotFound("workshops.no_such_card")
    with transaction():
        attendee = services.register(
            workshop_id=one.id, actor_id=current_user.id, for_id=person.id, now=g.now
        )
        going = attendee.status == "going"
    if going:
        flash(_("%(name)s a une place.", name=person.name), "ok")
    else:
        flash(_("%(name)s est sur la liste d’attente.", name=person.name), "ok")


@blueprint.post("/hubs/<slug>/workshops/<int:workshop_id>/attendance/undo")
def undo_attendance(slug: str, workshop_id: int) -> Answer:
    """It was another card."""
    _at_door(slug, workshop_id)
    try:
        with transaction():
            services.undo_attendance(
                workshop_id=workshop_id, resident_id=_who(), actor_id=current_user.id, now=g.now
            )
    except Conflict as problem:
        flash(in_one_breath(problem), "bad")
    else:
        flash(_("La présence est effacée."), "ok")
    return _back(slug, workshop_id)


@blueprint.post("/hubs/<slug>/workshops/<int:workshop_id>/attendance/remove")
def remove(slug: str, workshop_id: int) -> Answer:
    """Somebody called: she does not come."""
    _at_door(slug, workshop_id)
    try:
        with transaction():
            services.leave(workshop_id=workshop_id, actor_id=current_user.id, for_id=_who(), now=g.now)
    except Conflict as problem:
        flash(in_one_breath(problem), "bad")
    else:
        undoable: Any = {
            "text": _("C’est noté : la place va à la personne suivante."),
            "action": url_for(".put_back", slug=slug, workshop_id=workshop_id),
            "act": _("Annuler"),
            "fields": {"resident": request.form.get("resident", "")},
        }
        flash(undoable, "ok")
    return _back(slug, workshop_id)


@blueprint.post("/hubs/<slug>/workshops/<int:workshop_id>/attendance/put-back")
def put_back(slug: str, workshop_id: int) -> Answer:
    """It was somebody else who called."""
    _at_door(slug, workshop_id)
    try:
        with transaction():
            services.undo_leave(workshop_id=workshop_id, actor_id=current_user.id, for_id=_who(), now=g.now)
    except Conflict as problem:
        flash(in_one_breath(problem), "bad")
    else:
        flash(_("C’est comme avant."), "ok")
    return _back(slug, workshop_id)


@blueprint.get("/hubs/<slug>/workshops/<int:workshop_id>/attendance/<act>")
def back_to_list(slug: str, workshop_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return _back(slug, workshop_id)


def _who() -> int:
    number = whole(request.form.get("resident"))
    if number is None:
        raise NotFound
    return number
