"""How an object looked when it left and when it came back, side by side; the photos of a loan."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound, TooLarge, Unsupported
from app.core.i18n import _
from app.items import shown
from app.items.forms import CONDITION_WORDS
from app.items.pages import say
from app.lending import lines
from app.lending import queries as lending
from app.lending.condition import forms, photos, queries, rules, services

blueprint = Blueprint("condition", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/loans/<int:loan_id>/condition")
def show(loan_id: int) -> Answer:
    return _page(loan_id, forms.ConditionForm(formdata=None)), 200


@blueprint.post("/loans/<int:loan_id>/condition")
def describe(loan_id: int) -> Answer:
    """A word, a photo, or both."""
    form = forms.ConditionForm()
    try:
        with photos.kept(form, loan_id) as photo, transaction():
            services.describe(
                loan_id=loan_id, text=form.text.data, photo=photo, actor_id=current_user.id, now=g.now
            )
    except (Conflict, Invalid, TooLarge, Unsupported) as problem:
        status = say(form, problem)
        return _page(loan_id, form), status
    flash(_("C’est noté. L’autre personne le voit aussi."), "ok")
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.post("/loans/<int:loan_id>/condition/<int:note_id>/take-back")
def take_back(loan_id: int, note_id: int) -> Answer:
    with transaction():
        name = services.take_back(loan_id=loan_id, note_id=note_id, actor_id=current_user.id, now=g.now)
    photos.forget(name)
    flash(_("C’est enlevé."), "ok")
    return redirect(url_for(".show", loan_id=loan_id))


def _page(loan_id: int, form: forms.ConditionForm) -> str:
    loan = lending.loan_for(loan_id, current_user.id)
    seen = queries.notes(loan_id)
    said = {event.kind: event.why for event in loan.history if event.kind in ("checked_out", "returned")}
    stages = (
        ("out", _("Au départ"), loan.checked_out_at, loan.condition_out, said.get("checked_out")),
        ("in", _("Au retour"), loan.checked_in_at, loan.condition_in, said.get("returned")),
    )
    return render_template(
        "lending/condition.html",
        line=lines.line(loan, current_user.id, now=g.now),
        stages=[(*stage, [one for one in seen if one.stage == stage[0]]) for stage in stages],
        conditions=dict(CONDITION_WORDS),
        open_stage=rules.stage_open(
            loan.status, out_at=loan.checked_out_at, in_at=loan.checked_in_at, now=g.now
        ),
        form=form,
        longest=rules.TEXT_LONGEST,
        photos=photos,
    )


@blueprint.get("/loans/<int:loan_id>/photos/<name>/<size>.webp")
def photo(loan_id: int, name: str, size: str) -> Response:
    """For the people of the loan, for as long as it is kept."""
    if size not in shown.SIZES:
        raise NotFound("items.photo_unknown")
    return photos.sent(loan_id, name, shown.SIZES[size], viewer_id=current_user.id)
