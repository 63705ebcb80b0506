"""The page at the end of a shift: the day in figures, its acts, each with its way back."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, NotFound
from app.core.http import spoken
from app.core.i18n import _
from app.core.text import whole
from app.counter import day
from app.counter.pages import Answer, blueprint, hub_here
from app.lending import lines, services


@blueprint.get("/counter/shift")
def shift() -> Answer:
    """What this day at the counter was."""
    hub = hub_here(request.args.get("hub", ""))
    seen = day.of(hub, now=g.now)
    return render_template(
        "counter/shift.html",
        hub=hub,
        day=seen,
        short=lambda when: lines.short_day(when, seen.today),
        pictures=lines.pictures({line.act.loan.item_id for line in seen.lines}),
    )


@blueprint.post("/counter/shift/undo")
def undo_in_list() -> Answer:
    """Take back a scan of the last day."""
    hub = hub_here(request.form.get("hub", ""))
    loan_id = whole(request.form.get("loan"))
    if loan_id is None:
        raise NotFound
    try:
        with transaction():
            loan = services.undo(
                loan_id=loan_id, hub_id=hub.id, actor_id=current_user.id, in_list=True, now=g.now
            )
    except Conflict as problem:
        flash(spoken(problem), "warn")
    else:
        flash(_("Défait : %(title)s, comme avant.", title=loan.item.title), "ok")
    return redirect(url_for(".shift", hub=hub.slug))
