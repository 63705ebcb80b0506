"""The organizer's pages: a new workshop, changes to one date, to this and later ones, to all; cancelling and holding it
after all."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, Problem
from app.core.forms import choices, show_faults
from app.core.http import spoken
from app.core.i18n import _
from app.hubs import queries as hubs
from app.skills.workshops import forms, policy, queries, services, shown
from app.skills.workshops.models import Workshop
from app.skills.workshops.pages import Answer, actor_at, blueprint, workshop_page
from app.skills.workshops.services.ground import refuse

AnyForm = forms.WorkshopForm | forms.DateForm


@blueprint.route("/hubs/<slug>/workshops/new", methods=["GET", "POST"])
def new(slug: str) -> Answer:
    """What, when, how many places; the rest can wait."""
    hub = hubs.hub(slug)
    refuse(policy.why_not_organize(actor_at(hub.id)))
    form = forms.WorkshopForm()
    form.offer(queries.facilitators(hub.id), queries.objects_at(hub.id))
    status = 200
    if form.is_submitted():
        try:
            said = form.said()
            with transaction():
                made = services.create(hub_id=hub.id, actor_id=current_user.id, now=g.now, **said)
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
        else:
            flash(_("L’atelier est annoncé."), "ok")
            return redirect(url_for(".show", workshop_id=made.id))
    else:
        form.facilitator.data = str(current_user.id)
        form.capacity.data, form.newcomer_places.data = 10, 0
    return render_template("workshops/new.html", hub=hub, form=form), status


@blueprint.route("/workshops/<int:workshop_id>/edit", methods=["GET", "POST"])
def edit(workshop_id: int) -> Answer:
    """Which dates first, then what of them. One that follows no rule is changed by itself."""
    one = queries.one(workshop_id)
    refuse(policy.why_not_organize(actor_at(one.hub_id)))
    scope = _scope(one)
    form = _form(one, scope)
    status = 200
    if form.is_submitted():
        try:
            said = forms.said_of_one(form) if isinstance(form, forms.DateForm) else form.said()
            with transaction():
                services.edit(
                    workshop_id=workshop_id, actor_id=current_user.id, scope=scope, now=g.now, **said
                )
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
            one = queries.one(workshop_id)
        else:
            flash(_("C’est changé. Les personnes inscrites sont prévenues."), "ok")
            return redirect(url_for(".show", workshop_id=workshop_id))
    page = render_template(
        "workshops/edit.html",
        one=one,
        form=form,
        scope=scope,
        day=shown.day_of(one.starts_at, one.hub.timezone),
        repeats=shown.repeats(one.series.rule, one.series.start) if one.original else "",
    )
    return page, status


def _scope(one: Workshop) -> str:
    """Which dates it is about. What repeats nowhere has one form, for all that is said of it."""
    if one.original is None:
        return "one"
    if not one.series.rule:
        return "all"
    asked = request.values.get("scope", "one")
    return asked if asked in ("one", "following", "all") else "one"


def _form(one: Workshop, scope: str) -> AnyForm:
    was = forms.as_typed(one, of_series=bool(scope != "one" and one.series.rule))
    people = dict(queries.facilitators(one.hub_id))
    for held_by in (one.facilitator, one.series.facilitator):
        people.setdefault(held_by.id, held_by.name)  # who left the hub meanwhile still holds it
    if scope == "one":
        form = forms.DateForm(data=was)
        form.facilitator.choices = choices(*((str(number), name) for number, name in people.items()))
        return form
    whole = forms.WorkshopForm(data=was)
    whole.offer(list(people.items()), queries.objects_at(one.hub_id), was=was)
    return whole


def _say(form: AnyForm, problem: Problem) -> int:
    if isinstance(problem, Invalid):
        show_faults(form, forms.by_field(problem))
    else:
        form.form_errors.append(spoken(problem))
    return problem.status


@blueprint.post("/workshops/<int:workshop_id>/cancel")
def cancel(workshop_id: int) -> Answer:
    """It is not held, nor are those that follow where that was said; whoever comes is told."""
    try:
        with transaction():
            services.cancel(
                workshop_id=workshop_id,
                actor_id=current_user.id,
                scope=request.form.get("scope", "one"),
                why=request.form.get("why"),
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return workshop_page(workshop_id, problem)
    undoable: Any = {
        "text": _("C’est annulé. Les personnes inscrites sont prévenues."),
        "action": url_for(".restore", workshop_id=workshop_id),
        "act": _("Rétablir"),
    }
    flash(undoable, "ok")
    return redirect(url_for(".show", workshop_id=workshop_id))


@blueprint.post("/workshops/<int:workshop_id>/restore")
def restore(workshop_id: int) -> Answer:
    """It is held after all."""
    try:
        with transaction():
            services.restore(workshop_id=workshop_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        return workshop_page(workshop_id, problem)
    flash(_("L’atelier a bien lieu."), "ok")
    return redirect(url_for(".show", workshop_id=workshop_id))
