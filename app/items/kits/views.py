"""The page of a kit, for those who look after it: what it is made of, an object put in by its code, one taken out."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import codes
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.http import in_one_breath
from app.core.i18n import _
from app.items import queries as items
from app.items import shown
from app.items.kits import queries, services

blueprint = Blueprint("kits", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/items/<int:item_id>/kit")
def show(item_id: int) -> Answer:
    """What it is made of."""
    return _page(item_id)


@blueprint.post("/items/<int:item_id>/kit")
def put_in(item_id: int) -> Answer:
    """One more object, by its code."""
    items.owned(item_id, current_user)
    typed = request.form.get("code", "")
    try:
        with transaction():
            part = services.put_in(
                kit_id=item_id, object_id=_object_of(typed), actor_id=current_user.id, now=g.now
            )
    except (Conflict, Forbidden, Invalid, NotFound) as problem:
        return _page(item_id, problem, typed)
    flash(_("%(name)s en fait partie.", name=part.name), "ok")
    return redirect(url_for(".show", item_id=item_id))


def _object_of(typed: str) -> int:
    code = codes.read(typed)
    found = queries.wearing(str(code)) if code is not None and code.kind == codes.ITEM else None
    if found is None:
        raise Invalid({"code": "items.no_such_label"})
    return found


@blueprint.post("/items/<int:item_id>/kit/<int:object_id>/take-out")
def take_out(item_id: int, object_id: int) -> Answer:
    """One object less."""
    try:
        with transaction():
            services.take_out(kit_id=item_id, object_id=object_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        return _page(item_id, problem)
    flash(_("C’est enlevé."), "ok")
    return redirect(url_for(".show", item_id=item_id))


def _page(item_id: int, problem: Problem | None = None, typed: str = "") -> tuple[str, int]:
    item = items.owned(item_id, current_user)
    members = queries.members(item)
    drawn = items.lines([one.id for one in members], signed_in=True, now=g.now)
    page = render_template(
        "items/kit.html",
        item=item,
        members=members,
        pictures={line.id: shown.picture(line) for line in drawn},
        most=services.MOST_OBJECTS,
        typed=typed,
        fault=in_one_breath(problem) if problem else "",
    )
    return page, problem.status if problem else 200
