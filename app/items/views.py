"""The pages of objects: one object with its days, one's own."""

from typing import Any

import segno
from flask import current_app, flash, g, redirect, render_template, request, send_from_directory, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.core import codes, images
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.http import spoken
from app.core.i18n import _, current_locale
from app.hubs import queries as hubs
from app.items import days, forms, policy, queries, services, shown
from app.items.labels import forms as label_forms
from app.items.models import Item
from app.items.pages import Answer, blueprint, folder, say, site

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


# -- one object -------------------------------------------------------------------------------------------


@blueprint.get("/items/<int:item_id>")
def show(item_id: int) -> Answer:
    return _page(item_id)


def _page(
    item_id: int, *, own_form: Any = None, induction_form: Any = None, status_code: int = 200
) -> Answer:
    item = queries.visible(item_id, current_user)
    known = current_user.is_authenticated
    line = queries.line(item, signed_in=known, now=g.now)
    keeping, actor = queries.keeping_of(item), queries.actor_of(current_user)
    owns = policy.owns(keeping, actor)
    page = render_template(
        "items/show.html",
        item=item,
        line=line,
        tag=shown.tag(line),
        shelf=line.shelf.name(current_locale()),
        owns=owns,
        reads_code=policy.reads_code(keeping, actor),
        coordinates=item.induction is not None and _may_induct(item),
        distance=_how_far(line, known=known),
        hours=shown.hours(hubs.week_in_order(item.hub)) if item.hub else "",
        conditions=dict(forms.CONDITION_WORDS),
        parts_count=sum(part.count for part in item.parts),
        part_words=[shown.part_words(part.name, part.count) for part in item.parts],
        panel=_panel(item),
        linked_data=shown.linked_data(item, line, site=site()) if item.status == "active" else None,
        own_form=own_form or forms.OwnDaysForm(formdata=None),
        induction_form=induction_form or forms.InductionForm(formdata=None),
        **days.around(item, request.args, viewer_id=current_user.id, owns=owns, now=g.now),
    )
    return page, status_code


def _may_induct(item: Item) -> bool:
    if item.hub_id is None:
        return bool(item.owner_resident_id == current_user.id)
    here = next((hub for hub in current_user.hubs if hub.id == item.hub_id), None)
    return here is not None and "coordinator" in here.roles


def _how_far(line: queries.Line, *, known: bool) -> str:
    if not known or current_user.home is None:
        return ""
    metres = queries.metres_between(current_user.home, (line.lat, line.lon))
    return shown.distance(metres, signed_in=True)


def _panel(item: Item) -> dict[str, Any]:
    """What lending says of this object to this viewer, where it is at home."""
    ask = current_app.extensions.get("movilab.item_panel")
    found: dict[str, Any] = ask(item, current_user, g.now) if ask and item.status == "active" else {}
    return found


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
        return _page(item_id, own_form=form, status_code=code)
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
        return _page(item_id, induction_form=form, status_code=say(form, invalid))
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


@blueprint.get("/items/mine")
def mine() -> Answer:
    page = queries.mine(current_user.id, cursor=request.args.get("cursor"), now=g.now)
    cards = [
        {**shown.card(line, signed_in=True), "place": line.hub.name if line.hub else _("Chez vous")}
        for line in page.lines
    ]
    next_url = url_for(".mine", cursor=page.next) if page.next else None
    return render_template("items/mine.html", cards=cards, next_url=next_url)


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
