"""Posting an object, and saying something else of one's own: a photo and two fields, the rest can wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.core import images
from app.core.db import transaction
from app.core.errors import Invalid, Problem
from app.core.forms import choices
from app.core.i18n import _, current_locale
from app.items import forms, queries, services, shown
from app.items.models import Item
from app.items.pages import Answer, blueprint, folder, say

PLAIN_CONDITIONS = ("new", "good", "worn")


# -- posting ----------------------------------------------------------------------------------------------


@blueprint.route("/items/new", methods=["GET", "POST"])
def new() -> Answer:
    """A photo and two fields; the rest can wait."""
    form = forms.ItemForm()
    _offer_choices(form)
    if not form.is_submitted():
        form.hub.data = form.hub.choices[0].value
        return render_template("items/new.html", form=form, staged=None)
    waiting: images.Stored | None = None
    try:
        waiting = _photo_of(form)
        with transaction():
            item = services.post_item(
                actor_id=current_user.id, now=g.now, **form.said(), **form.whose_and_where()
            )
            if waiting:
                services.add_photo(item_id=item.id, actor_id=current_user.id, photo=waiting, now=g.now)
    except Problem as problem:
        code = say(form, problem)
        if waiting:
            form.staged.data = forms.stage(waiting, resident_id=current_user.id)
        return render_template("items/new.html", form=form, staged=waiting), code
    except BaseException:
        _forget(waiting)
        raise
    flash(_("C’est en ligne. Vos voisins peuvent le trouver."), "ok")
    return redirect(url_for(".show", item_id=item.id))


def _photo_of(form: forms.ItemForm) -> images.Stored | None:
    """The photo that was sent now, else the one that waits since the last try."""
    upload = form.photo.data
    if upload and upload.filename:
        return images.store(upload.stream, folder())
    waiting = forms.staged(form.staged.data, resident_id=current_user.id)
    if waiting is None or queries.photo_in_use(waiting.name):
        return None
    return waiting if images.path(waiting.name, images.SIZES[0], folder()).exists() else None


def _forget(photo: images.Stored | None) -> None:
    if photo:
        images.forget(photo.name, folder())


def _offer_choices(form: forms.ItemForm, item: Item | None = None) -> None:
    """The shelves and the places that this resident can choose from."""
    locale = current_locale()
    form.category.choices = [
        SelectChoice("", _("Choisir un rayon")),
        *(
            SelectChoice(one.slug, one.name(locale), optgroup=top.name(locale))
            for top, below in queries.shelves()
            for one in below or [top]
        ),
    ]
    form.condition.choices = choices(
        *(
            (word, text)
            for word, text in forms.CONDITION_WORDS
            if word in PLAIN_CONDITIONS or (item and item.condition == word)
        )
    )
    places = [(forms.AT_HOME, _("Chez vous"))] if current_user.home else []
    for hub in current_user.hubs:
        if hub.status != "suspended":
            places.append((str(hub.id), _("Confié à %(hub)s", hub=hub.name)))
        if "volunteer" in hub.roles and item is None:
            places.append((f"{forms.OF_THE_HUB}{hub.id}", _("C’est un objet de %(hub)s", hub=hub.name)))
    form.hub.choices = choices(*(places or [(forms.AT_HOME, _("Chez vous"))]))


# -- changing ---------------------------------------------------------------------------------------------


@blueprint.route("/items/<int:item_id>/edit", methods=["GET", "POST"])
def edit(item_id: int) -> Answer:
    item = queries.owned(item_id, current_user)
    form = forms.ItemForm(formdata=request.form if request.method == "POST" else None, data=_as_typed(item))
    _offer_choices(form, item)
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
        except Problem as problem:
            code = say(form, problem)
            return _edit_page(item_id, form), code
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
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _as_typed(item: Item) -> dict[str, Any]:
    """The object as its form shows it."""
    plain = ("title", "max_days", "asks_each_time", "description", "condition", "deposit_cents")
    more = ("value_cents", "buffer_days", "induction", "shelf", "version")
    return {
        **{name: getattr(item, name) for name in (*plain, *more)},
        "category": item.category.slug,
        "mode": item.modes,
        "hub": str(item.hub_id) if item.hub_id else forms.AT_HOME,
        "parts": forms.typed_parts([(part.name, part.count) for part in item.parts]),
        "notices": "\n".join(item.notices),
    }


@blueprint.post("/items/<int:item_id>/photos")
def add_photo(item_id: int) -> Answer:
    item = queries.owned(item_id, current_user)
    form = forms.PhotoForm()
    try:
        with _stored(form) as sent, transaction():
            services.add_photo(item_id=item_id, actor_id=current_user.id, photo=sent, now=g.now)
    except Problem as problem:
        code = say(form, problem)
        edit_form = forms.ItemForm(formdata=None, data=_as_typed(item))
        _offer_choices(edit_form, item)
        return _edit_page(item_id, edit_form, photo_form=form), code
    flash(_("La photo est ajoutée."), "ok")
    return redirect(url_for(".edit", item_id=item_id, _anchor="photos"))


@contextmanager
def _stored(form: forms.PhotoForm) -> Iterator[images.Stored]:
    """The photo that was sent, forgotten again when what follows fails."""
    upload = form.photo.data
    if not upload:
        raise Invalid({"photo": "core.photo_missing"})
    sent = images.store(upload.stream, folder())
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
