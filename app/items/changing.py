"""One's own objects: what one offers or began to, saying something else of it, its photos."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core import images
from app.core.db import transaction
from app.core.errors import Invalid, Problem
from app.core.i18n import _
from app.core.text import whole
from app.items import forms, queries, services, shown
from app.items.pages import Answer, blueprint, folder, offer_choices, say
from app.items.posting import sent_photo, waiting_photo


@blueprint.get("/items/mine")
def mine() -> Answer:
    begun, page = queries.mine(current_user, cursor=request.args.get("cursor"), now=g.now)
    cards = [
        shown.card(line, signed_in=True)._replace(place=line.hub.name if line.hub else _("Chez vous"))
        for line in page.lines
    ]
    return render_template(
        "items/mine.html",
        drafts=[(line, shown.picture(line)) for line in begun],
        cards=cards,
        next_url=url_for(".mine", cursor=page.next) if page.next else None,
    )


@blueprint.route("/items/<int:item_id>/edit", methods=["GET", "POST"])
def edit(item_id: int) -> Answer:
    item = queries.owned(item_id, current_user)
    form = forms.ItemForm(
        formdata=request.form if request.method == "POST" else None, data=forms.as_typed(item)
    )
    offer_choices(form, item)
    if form.is_submitted():
        try:
            fields = form.said()
            if item.owner_hub_id is None:
                fields["hub"] = form.whose_and_where()["hub"]
            with transaction():
                services.edit_item(
                    item_id=item_id,
                    actor_id=current_user.id,
                    now=g.now,
                    version=_version(form.version.data),
                    **fields,
                )
                if form.publish.data:
                    services.publish(item_id=item_id, actor_id=current_user.id, now=g.now)
        except Problem as problem:
            code = say(form, problem)
            return _edit_page(item_id, form), code
        if form.publish.data:
            return redirect(url_for(".posted", item_id=item_id))
        flash(_("C’est changé."), "ok")
        return redirect(url_for(".show", item_id=item_id))
    return _edit_page(item_id, form)


def _edit_page(item_id: int, form: Any, photo_form: Any = None) -> str:
    return render_template(
        "items/edit.html",
        item=queries.owned(item_id, current_user),
        form=form,
        photo_form=photo_form or forms.PhotoForm(formdata=None),
        most_photos=services.MOST_PHOTOS,
        words=shown,
    )


def _version(given: str | int | None) -> int:
    """As it was typed, or, where a form came empty, as it stands."""
    number = whole(str(given or ""))
    return -1 if number is None else number


@blueprint.post("/items/<int:item_id>/photos")
def add_photo(item_id: int) -> Answer:
    item = queries.owned(item_id, current_user)
    form = forms.PhotoForm()
    try:
        with _stored(form) as sent, transaction():
            services.add_photo(item_id=item_id, actor_id=current_user.id, photo=sent, now=g.now)
    except Problem as problem:
        code = say(form, problem)
        edit_form = forms.ItemForm(formdata=None, data=forms.as_typed(item))
        offer_choices(edit_form, item)
        return _edit_page(item_id, edit_form, photo_form=form), code
    flash(_("La photo est ajoutée."), "ok")
    return redirect(url_for(".edit", item_id=item_id, _anchor="photos"))


@contextmanager
def _stored(form: forms.PhotoForm) -> Iterator[images.Stored]:
    """The photo that was sent, now or ahead of the form, forgotten again when what follows fails."""
    upload = sent_photo()
    sent = images.store(upload.stream, folder()) if upload else waiting_photo(form.staged.data)
    if sent is None:
        raise Invalid({"photo": "core.photo_missing"})
    try:
        yield sent
    except BaseException:
        images.forget(sent.name, folder())
        raise


@blueprint.post("/items/<int:item_id>/photos/<int:photo_id>/remove")
def remove_photo(item_id: int, photo_id: int) -> Answer:
    with transaction():
        name = services.remove_photo(item_id=item_id, photo_id=photo_id, actor_id=current_user.id, now=g.now)
    if not queries.photo_in_use(name):
        images.forget(name, folder())
    flash(_("La photo est enlevée."), "ok")
    return redirect(url_for(".edit", item_id=item_id, _anchor="photos"))


@blueprint.post("/items/<int:item_id>/photos/<int:photo_id>/first")
def put_photo_first(item_id: int, photo_id: int) -> Answer:
    with transaction():
        services.put_photo_first(item_id=item_id, photo_id=photo_id, actor_id=current_user.id, now=g.now)
    flash(_("C’est elle que l’on verra d’abord."), "ok")
    return redirect(url_for(".edit", item_id=item_id, _anchor="photos"))
