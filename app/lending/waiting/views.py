"""The pages of those who wait: one's place in the line of an object, and what can be done with it in one tap."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, NotFound
from app.core.http import spoken
from app.core.i18n import _
from app.items.models import Item
from app.lending.views import blueprint
from app.lending.waiting import services, shown

Answer = str | Response | tuple[str, int]


@blueprint.get("/items/<int:item_id>/line")
def wait(item_id: int) -> Answer:
    """Where the message leads: how one stands, and three ways on."""
    return _page(item_id)


def _page(item_id: int, problem: Conflict | None = None) -> Answer:
    item = db.session.get(Item, item_id)
    if item is None or item.status == "draft":
        raise NotFound("items.unknown")
    found = shown.waits(current_user.id, now=g.now, item_id=item_id)
    if not found and problem is None:
        return redirect(url_for("items.show", item_id=item_id))
    page = render_template(
        "lending/waiting.html",
        item=item,
        wait=found[0] if found else None,
        problem_words=spoken(problem) if problem else "",
        blockers=problem.blockers if isinstance(problem, Blocked) else [],
    )
    return page, problem.status if problem else 200


def _act(item_id: int, do: Callable[[], Any], then: Callable[[Any], Response]) -> Answer:
    """Do it and go on; where it cannot be, the page says why."""
    try:
        with transaction():
            done = do()
    except Conflict as problem:
        return _page(item_id, problem)
    return then(done)


@blueprint.post("/items/<int:item_id>/line")
def join_line(item_id: int) -> Answer:
    def then(place: Any) -> Response:
        if place.status == "ready":
            flash(_("Il est là : c’est déjà votre tour."), "ok")
            return redirect(url_for(".wait", item_id=item_id))
        undoable: Any = {
            "text": _("Vous êtes dans la file. On vous prévient quand vient votre tour."),
            "action": url_for(".leave_line", item_id=item_id),
            "act": _("Annuler"),
        }
        flash(undoable, "ok")
        return redirect(url_for("items.show", item_id=item_id, _anchor="days"))

    return _act(item_id, lambda: services.join(item_id=item_id, actor_id=current_user.id, now=g.now), then)


@blueprint.post("/items/<int:item_id>/line/take")
def take_turn(item_id: int) -> Answer:
    return _act(
        item_id,
        lambda: services.take(item_id=item_id, actor_id=current_user.id, now=g.now),
        lambda loan: redirect(url_for(".show", loan_id=loan.id)),
    )


@blueprint.post("/items/<int:item_id>/line/pass")
def pass_turn(item_id: int) -> Answer:
    def then(_place: Any) -> Response:
        flash(_("C’est passé. Vous gardez votre place pour son prochain retour."), "ok")
        return redirect(url_for(".wait", item_id=item_id))

    return _act(item_id, lambda: services.pass_on(item_id=item_id, actor_id=current_user.id, now=g.now), then)


@blueprint.post("/items/<int:item_id>/line/leave")
def leave_line(item_id: int) -> Answer:
    def then(_nothing: None) -> Response:
        flash(_("Vous n’attendez plus cet objet."), "ok")
        return redirect(url_for("items.show", item_id=item_id))

    return _act(item_id, lambda: services.leave(item_id=item_id, actor_id=current_user.id, now=g.now), then)


@blueprint.get("/items/<int:item_id>/line/<act>")
def back_to_line(item_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".wait", item_id=item_id))
