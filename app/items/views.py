"""The pages of one's own objects: days for oneself, who was shown how, taking back, the list, the label."""

import segno
from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.accounts import queries as accounts
from app.core import codes
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, Problem
from app.core.http import spoken
from app.core.i18n import _
from app.items import forms, policy, queries, services, showing
from app.items.labels import forms as label_forms
from app.items.pages import Answer, blueprint, say, site

# -- days for oneself, inductions, taking back -----------------------------------------------------------


@blueprint.post("/items/<int:item_id>/own-days")
def take_own_days(item_id: int) -> Answer:
    queries.owned(item_id, current_user)
    form = forms.OwnDaysForm()
    try:
        if form.first.data is None or form.last.data is None:
            raise Invalid(
                {
                    field.name: "core.not_a_date" if (field.raw_data or [""])[0] else "core.required"
                    for field in (form.first, form.last)
                    if field.data is None
                }
            )
        with transaction():
            services.take_own_days(
                item_id=item_id,
                actor_id=current_user.id,
                first_day=form.first.data,
                last_day=form.last.data,
                now=g.now,
            )
    except Problem as problem:
        if isinstance(problem, Invalid):
            named = {"from": "first", "to": "last"}
            problem = Invalid({named.get(name, name): what for name, what in problem.errors.items()})
        code = say(form, problem)
        return showing.page(item_id, own_form=form, status_code=code)
    flash(_("Ces jours sont à vous."), "ok")
    return redirect(url_for(".show", item_id=item_id, _anchor="own"))


@blueprint.post("/items/<int:item_id>/own-days/<int:claim_id>/end")
def give_own_days_back(item_id: int, claim_id: int) -> Answer:
    with transaction():
        services.give_own_days_back(item_id=item_id, claim_id=claim_id, actor_id=current_user.id)
    flash(_("Ces jours sont à tout le monde."), "ok")
    return redirect(url_for(".show", item_id=item_id, _anchor="own"))


@blueprint.post("/items/<int:item_id>/inductions")
def grant_induction(item_id: int) -> Answer:
    """Somebody was shown how to use it; found by the member card."""
    form = forms.InductionForm()
    try:
        code = codes.read(form.code.data or "")
        learner = accounts.by_code(code) if code and code.kind == codes.MEMBER else None
        if learner is None:
            raise Invalid({"code": "items.card_unknown"})
        with transaction():
            services.grant_induction(
                item_id=item_id, resident_id=learner.id, actor_id=current_user.id, now=g.now
            )
    except Invalid as invalid:
        return showing.page(item_id, induction_form=form, status_code=say(form, invalid))
    flash(_("C’est noté : %(name)s sait s’en servir.", name=learner.name), "ok")
    return redirect(url_for(".show", item_id=item_id))


@blueprint.route("/items/<int:item_id>/retire", methods=["GET", "POST"])
def retire(item_id: int) -> Answer:
    """One page to be sure, one button."""
    item = queries.owned(item_id, current_user)
    if request.method == "GET":
        return render_template("items/retire.html", item=item, refused=None)
    try:
        with transaction():
            services.retire(item_id=item_id, actor_id=current_user.id, now=g.now)
    except Conflict as conflict:
        page = render_template(
            "items/retire.html", item=queries.owned(item_id, current_user), refused=spoken(conflict)
        )
        return page, conflict.status
    flash(_("Il n’est plus proposé. Merci de l’avoir partagé."), "ok")
    return redirect(url_for(".mine"))


# -- one's own --------------------------------------------------------------------------------------------


@blueprint.get("/items/<int:item_id>/label")
def label(item_id: int) -> Answer:
    """The tag to print: its QR opens this site's own address of the code."""
    item = queries.visible(item_id, current_user)
    if not policy.reads_code(queries.keeping_of(item), queries.actor_of(current_user)):
        raise Forbidden("items.only_the_owner")
    picture = segno.make(f"{site()}/c/{item.code}", error="m", micro=False)
    qr = picture.svg_data_uri(border=2, dark="#000", light="#fff")
    return render_template(
        "items/label.html", item=item, qr=qr, print_form=label_forms.PrintForm(formdata=None)
    )
