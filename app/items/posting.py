"""Posting an object: a photo and a name, the rest can wait. Sent twice, it is posted once."""

import hashlib
import json
import re
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app.core import idempotency, images
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, Problem
from app.core.i18n import _
from app.core.text import whole
from app.core.tokens import new_token
from app.items import forms, queries, services, shelving, shown
from app.items.pages import Answer, blueprint, folder, offer_choices, say

_ONCE = re.compile(r"^[\w-]{16,64}$", re.ASCII)
_IN_A_COPY = ("title", "category", "mode", "max_days", "asks_each_time", "description", "condition", "parts",
              "notices", "deposit_cents", "value_cents", "buffer_days", "induction", "hub")  # fmt: skip
_IN_THE_NEXT = ("category", "mode", "hub")


@blueprint.route("/items/new", methods=["GET", "POST"])
def new() -> Answer:
    """A photo and a name; the rest can wait. `?like=12` begins with all that is said of an object of one's own,
    `?after=12` with where it is kept, how it is offered and its shelf."""
    if request.method != "POST":
        form = forms.ItemForm(formdata=None, data=_begun())
        offer_choices(form)
        if form.hub.data not in {choice.value for choice in form.hub.choices}:
            form.hub.data = form.hub.choices[0].value
        return _page(form)
    form = forms.ItemForm()
    offer_choices(form)
    photo: images.Stored | None = None
    try:
        photo = _photo_of(form)
        item_id = _posted(form, photo)
    except Problem as problem:
        if photo:
            form.staged.data = forms.stage(photo, resident_id=current_user.id)
        return _page(form, staged=photo, problem=problem), problem.status
    finally:
        _tidy(photo, form.staged.data)
    return _on_to(url_for(".posted", item_id=item_id))


def _page(
    form: forms.ItemForm, *, staged: images.Stored | None = None, problem: Problem | None = None
) -> str:
    form.once.data = form.once.data if _ONCE.match(form.once.data or "") else new_token()
    form.guess_shelf(shelving.likely(form.title.data or ""))
    if problem:
        say(form, form.with_guess(problem))
    return render_template("items/new.html", form=form, staged=staged)


def _begun() -> dict[str, Any]:
    """What the form begins with, out of an object of one's own, or of one's hub."""
    for name, kept in (("like", _IN_A_COPY), ("after", _IN_THE_NEXT)):
        number = whole(request.args.get(name))
        if number is not None:
            item = queries.owned(number, current_user)
            said = forms.as_typed(item)
            if item.owner_hub_id is not None:
                said["hub"] = f"{forms.OF_THE_HUB}{item.owner_hub_id}"
            return {field: said[field] for field in kept}
    return {}


def _posted(form: forms.ItemForm, photo: images.Stored | None) -> int:
    """The object's number. Of one form that was sent twice only one object comes."""
    said = {**form.said(), **form.whose_and_where(), "draft": form.later.data}
    once = form.once.data if _ONCE.match(form.once.data or "") else new_token()
    key = f"items.new {once}"  # with a space in it, which no program can choose for a key
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    try:
        with transaction():
            before = idempotency.earlier(current_user.id, key, now=g.now)
            if before is None:
                idempotency.take(current_user.id, key, digest=digest, now=g.now)
                item = services.post_item(actor_id=current_user.id, now=g.now, **said)
                if photo:
                    services.add_photo(item_id=item.id, actor_id=current_user.id, photo=photo, now=g.now)
                idempotency.keep(current_user.id, key, status=201, body=str(item.id))
                return item.id
    except Conflict as conflict:
        if conflict.code != idempotency.RACE:
            raise
        with transaction():  # the other one has just ended: its object stands
            before = idempotency.earlier(current_user.id, key, now=g.now)
        if before is None:
            raise
    if before[0] != digest:
        flash(_("Il était déjà parti. Ce que vous avez changé depuis n’y est pas : modifiez-le."), "warn")
    return int(before[2])


def _on_to(address: str) -> Answer:
    """To the next page; the page's own script is told where it is, and goes there once it has tidied up."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(url=address), 201
    return redirect(address)


def _photo_of(form: forms.ItemForm) -> images.Stored | None:
    """The photo that was sent now, else the one that waits: since the last try, or sent ahead of the form."""
    upload = sent_photo()
    if upload:
        return images.store(upload.stream, folder())
    try:
        return waiting_photo(form.staged.data)
    except Invalid:
        form.staged.data = ""  # so that the next try may go without
        raise


def sent_photo() -> FileStorage | None:
    """The file of the form, from the camera or from those one has."""
    return next((one for one in request.files.getlist("photo") if one.filename), None)


def waiting_photo(sign: str | None) -> images.Stored | None:
    """The photo behind a sign; None without one, or where an object is shown by it already. `Invalid` for one that
    waited too long."""
    if not sign:
        return None
    waiting = forms.staged(sign, resident_id=current_user.id)
    if waiting is None or not images.path(waiting.name, images.SIZES[0], folder()).exists():
        raise Invalid({"photo": "core.upload_unknown"})
    return None if queries.photo_in_use(waiting.name) else waiting


def _tidy(photo: images.Stored | None, sign: str | None) -> None:
    """Forget a photo that nothing shows and no sign keeps: of a form that was sent twice, or that failed."""
    if photo and not sign and not queries.photo_in_use(photo.name):
        images.forget(photo.name, folder())


@blueprint.get("/items/new/shelf")
def guess_shelf() -> Answer:
    """The shelf that the words typed so far speak of, as the part of the form that asks for it."""
    form = forms.ItemForm(formdata=request.args)
    offer_choices(form)
    form.guess_shelf(shelving.likely(form.title.data or ""))
    return render_template("items/_shelf_alone.html", form=form)


@blueprint.get("/items/<int:item_id>/posted")
def posted(item_id: int) -> Answer:
    """It is there: what can be done next, another one first of all."""
    item = queries.owned(item_id, current_user)
    line = queries.line(item, signed_in=True, now=g.now)
    card = shown.card(line, signed_in=True)._replace(place=item.hub.name if item.hub else _("Chez vous"))
    return render_template("items/posted.html", item=item, card=card)
