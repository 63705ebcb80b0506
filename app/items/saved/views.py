"""The pages of kept searches: those one has, and the question before one is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, Problem
from app.core.http import all_said
from app.core.i18n import _
from app.items.pages import Answer, blueprint
from app.items.saved import address, queries, rules, services, shown

NOT_OF_THE_SEARCH = ("csrf_token", "name", "cursor", "sort")


@blueprint.get("/searches")
def searches() -> Answer:
    """What one keeps an eye on."""
    return _page()


def _page(faults: Sequence[str] = (), status: int = 200) -> Answer:
    kept = shown.lines(queries.mine(current_user.id))
    page = render_template("items/searches.html", searches=kept, faults=faults, longest=rules.NAME_LONGEST)
    return page, status


@blueprint.get("/searches/new")
def new_search() -> Answer:
    """The search in words, and one button: where a log-in leads back to."""
    return _question(request.args)


@blueprint.post("/searches")
def keep_search() -> Answer:
    """Be told when something fits. Who is not logged in yet comes back with all that was asked."""
    asked = _of_the_search(request.form)
    if not current_user.is_authenticated:
        return redirect(url_for(".new_search", **asked))
    try:
        kept_as = address.normalised(asked, home=current_user.home, known=True)
        with transaction():
            kept = services.keep(
                asked=kept_as, actor_id=current_user.id, name=request.form.get("name"), now=g.now
            )
    except (Conflict, Invalid) as problem:
        return _question(request.form, problem)
    flash(
        _("C’est noté. Un message par jour au plus, quand quelque chose arrive.")
        if kept.new
        else _("Vous suiviez déjà cette recherche."),
        "ok",
    )
    return redirect(url_for(".searches"))


@blueprint.post("/searches/<int:search_id>/rename")
def rename_search(search_id: int) -> Answer:
    try:
        with transaction():
            services.rename(search_id=search_id, actor_id=current_user.id, name=request.form.get("name"))
    except Invalid as invalid:
        return _page(all_said(invalid), invalid.status)
    flash(_("C’est changé."), "ok")
    return redirect(url_for(".searches"))


@blueprint.post("/searches/<int:search_id>/stop")
def stop_search(search_id: int) -> Answer:
    """At once, and taken back with one tap."""
    with transaction():
        stopped = services.stop(search_id=search_id, actor_id=current_user.id, now=g.now)
    said: Any = {
        "text": _("Vous n’aurez plus de message pour cette recherche."),
        "action": url_for(".keep_search"),
        "act": _("Annuler"),
        "fields": {**address.read(stopped.query), "name": stopped.name},
    }
    flash(said, "ok")
    return redirect(url_for(".searches"))


def _of_the_search(typed: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if value and name not in NOT_OF_THE_SEARCH}


def _question(typed: Mapping[str, str], problem: Problem | None = None) -> Answer:
    """Whether this search is to be kept; with what stands against it, if anything does."""
    asked = _of_the_search(typed)
    words = ""
    try:
        asked = rules.bounded(address.normalised(asked, home=current_user.home, known=True))
        if rules.too_wide(asked):
            raise Invalid({"q": "items.search_too_wide"})
        words = shown.in_words(asked)
    except Invalid as invalid:
        problem = problem or invalid
    page = render_template(
        "items/keep_search.html",
        asked=asked,
        words=words,
        name=typed.get("name", ""),
        longest=rules.NAME_LONGEST,
        faults=all_said(problem) if problem else (),
    )
    return page, problem.status if problem else 200
