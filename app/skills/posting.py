"""Saying what one can teach or wants to learn, saying it otherwise, pausing it, closing it."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Problem
from app.core.i18n import _, current_locale
from app.skills import forms, queries, services
from app.skills.fields import KINDS
from app.skills.models import Skill
from app.skills.pages import Answer, blueprint, category_choices, say

LINES_AT_LEAST = 3
"""So many empty rows of times a form begins with."""


@blueprint.route("/skills/new", methods=["GET", "POST"])
def new() -> Answer:
    """An offer or a need, in under a minute."""
    kind = request.args.get("kind", "offer")
    form = _form(
        data={"kind": kind if kind in KINDS else "offer", "mode": ["hub"], "languages": [current_locale()]}
    )
    if form.is_submitted():
        said = form.said(request.form)
        post = services.ask if form.kind.data == "need" else services.offer
        try:
            with transaction():
                skill = post(actor_id=current_user.id, now=g.now, **said)
        except Problem as problem:
            code = say(form, problem)
            return _page(form, title=_title(form.kind.data)), code
        flash(_("C’est publié. Vos voisins le trouvent dès maintenant."), "ok")
        return redirect(url_for(".show", skill_id=skill.id))
    return _page(form, title=_title(form.kind.data))


@blueprint.route("/skills/<int:skill_id>/edit", methods=["GET", "POST"])
def edit(skill_id: int) -> Answer:
    """Say something else of it."""
    skill = queries.owned(skill_id, current_user.id)
    form = _form(data=forms.as_typed(skill))
    if form.is_submitted():
        try:
            with transaction():
                services.change(
                    skill_id=skill_id, actor_id=current_user.id, now=g.now, **form.said(request.form)
                )
        except Problem as problem:
            code = say(form, problem)
            return _page(form, title=_("Changer"), skill=skill), code
        flash(_("C’est changé."), "ok")
        return redirect(url_for(".show", skill_id=skill_id))
    return _page(form, title=_("Changer"), skill=skill)


def _title(kind: str | None) -> str:
    return _("Ce que je cherche") if kind == "need" else _("Ce que je sais faire")


def _form(data: dict[str, Any]) -> forms.SkillForm:
    mine = {hub.slug: hub.name for hub in current_user.hubs if hub.status != "suspended"}
    form = forms.SkillForm(
        formdata=request.form if request.method == "POST" else None,
        data=data,
        hubs=[*mine.items()],
        spoken=current_locale(),
    )
    form.category.choices = category_choices()
    if not data.get("category"):
        form.category.choices = [("", _("Choisir un domaine")), *form.category.choices]
    return form


def _page(form: forms.SkillForm, *, title: str, skill: Skill | None = None) -> str:
    if form.is_submitted():
        times = list(forms.typed_times(request.form))
    else:
        times = [forms.window_as_typed(one) for one in (skill.availability if skill else ())]
    empty = max(LINES_AT_LEAST - len(times), 1)
    rows = [*times, *({"weekday": -1, "opens": "", "closes": ""} for _number in range(empty))]
    return render_template(
        "skills/edit.html",
        form=form,
        title=title,
        skill=skill,
        times=[{**row, "n": number} for number, row in enumerate(rows, start=1)],
        weekdays=forms.WEEKDAYS,
    )


@blueprint.post("/skills/<int:skill_id>/pause")
def pause(skill_id: int) -> Answer:
    """Not now."""
    with transaction():
        services.pause(skill_id=skill_id, actor_id=current_user.id, now=g.now)
    return _undoable(skill_id, _("C’est en pause : on ne le trouve plus."))


@blueprint.post("/skills/<int:skill_id>/close")
def close(skill_id: int) -> Answer:
    """No more of it."""
    with transaction():
        services.close(skill_id=skill_id, actor_id=current_user.id, now=g.now)
    return _undoable(skill_id, _("C’est fermé."))


@blueprint.post("/skills/<int:skill_id>/resume")
def resume(skill_id: int) -> Answer:
    """Found again."""
    with transaction():
        services.resume(skill_id=skill_id, actor_id=current_user.id, now=g.now)
    flash(_("On le trouve de nouveau."), "ok")
    return redirect(url_for(".mine"))


def _undoable(skill_id: int, text: str) -> Answer:
    said: Any = {"text": text, "action": url_for(".resume", skill_id=skill_id), "act": _("Annuler")}
    flash(said, "ok")
    return redirect(url_for(".mine"))
