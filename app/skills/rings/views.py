"""The pages of rings: what is proposed to a neighbour, and her answer."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict
from app.core.http import spoken
from app.core.i18n import _
from app.skills import queries as skills
from app.skills.pages import Answer
from app.skills.rings import queries, services

blueprint = Blueprint("rings", __name__)


@blueprint.get("/skills/matches")
def index() -> Answer:
    """With whom one could exchange."""
    found = queries.of_resident(current_user.id, now=g.now)
    return render_template(
        "skills/rings/index.html",
        proposed=[one for one in found if one.state == "proposed"],
        agreed=[one for one in found if one.state == "agreed"],
        kinds={} if found else {line.kind for line in skills.hers(current_user.id) if line.state == "open"},
    )


@blueprint.get("/skills/matches/<int:ring_id>")
def show(ring_id: int) -> Answer:
    """One proposal."""
    ring = queries.one_of_hers(ring_id, current_user.id, now=g.now)
    return render_template("skills/rings/show.html", ring=ring, now=g.now)


@blueprint.post("/skills/matches/<int:ring_id>/answer")
def answer(ring_id: int) -> Answer:
    """Yes, or no thank you."""
    yes = request.form.get("answer") == "yes"
    try:
        with transaction():
            ring = services.answer(ring_id=ring_id, actor_id=current_user.id, yes=yes, now=g.now)
    except Conflict as conflict:
        flash(spoken(conflict), "warn")
        return redirect(url_for(".index"))
    if ring.state == "agreed":
        flash(_("Tout le monde a dit oui : proposez votre première séance."), "ok")
        return redirect(url_for(".show", ring_id=ring_id))
    if yes:
        flash(_("C’est noté. On vous écrit dès que tout le monde a répondu."), "ok")
    else:
        flash(_("C’est noté. Un non ne se justifie pas."), "ok")
    return redirect(url_for(".index"))
