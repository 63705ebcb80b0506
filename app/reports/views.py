"""The pages of reports: reporting an object, and what waits for those who look after a place."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooMany
from app.core.forms import show_faults
from app.core.http import in_one_breath, spoken
from app.core.i18n import _
from app.hubs import queries as hubs
from app.items import queries as items
from app.reports import forms, policy, queries, rules, services

blueprint = Blueprint("reports", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.route("/items/<int:item_id>/report", methods=["GET", "POST"])
def report_item(item_id: int) -> Answer:
    """What is wrong with it: one choice, a few words."""
    item = items.visible(item_id, current_user)
    if item.status != "active":
        raise NotFound("items.unknown")
    form = forms.ReportForm()
    status = 200
    if form.is_submitted():
        try:
            with transaction():
                services.report_item(
                    item_id=item_id,
                    reason=form.reason.data,
                    text=form.text.data,
                    actor_id=current_user.id,
                    now=g.now,
                )
        except (Conflict, Invalid, TooMany) as problem:
            status = _say(form, problem)
            item = items.visible(item_id, current_user)
        else:
            flash(_("Merci. Les personnes qui veillent sur ce lieu vont regarder."), "ok")
            return redirect(url_for("items.show", item_id=item_id))
    return render_template("reports/report.html", item=item, form=form, longest=rules.TEXT_LONGEST), status


def _say(form: forms.ReportForm, problem: Problem) -> int:
    if isinstance(problem, Invalid):
        show_faults(form, problem)
    else:
        form.form_errors.append(spoken(problem))
    return problem.status


@blueprint.get("/hubs/<slug>/reports")
def of_hub(slug: str) -> Answer:
    """What waits for the coordinators of a place, or what they have settled."""
    return _list(slug)


@blueprint.get("/steward/reports")
def everywhere() -> Answer:
    """The whole installation's, and those of no place."""
    return _list(None)


@blueprint.post("/reports/<int:report_id>/settle")
def settle(report_id: int) -> Answer:
    """Looked at, with a note. `hub` says which list it was done from."""
    slug = request.form.get("hub") or None
    try:
        with transaction():
            services.settle(
                report_id=report_id, note=request.form.get("note"), actor_id=current_user.id, now=g.now
            )
    except (Conflict, Invalid) as problem:
        typed = {"id": report_id, "note": request.form.get("note", ""), "fault": in_one_breath(problem)}
        return _list(slug, typed=typed, status=problem.status)
    flash(_("C’est réglé, et c’est noté."), "ok")
    return redirect(url_for(".of_hub", slug=slug) if slug else url_for(".everywhere"))


def _list(slug: str | None, *, typed: dict[str, Any] | None = None, status: int = 200) -> Answer:
    hub = hubs.hub(slug) if slug else None
    held = next((one.roles for one in current_user.hubs if hub and one.id == hub.id), ())
    reasons = policy.why_not_handle(held, is_steward=current_user.is_steward)
    if reasons:
        raise Forbidden(reasons[0] if hub else "admin.not_steward")
    settled = "settled" in request.args
    lines = queries.page(
        viewer_id=current_user.id,
        hub_id=hub.id if hub else None,
        settled=settled,
        cursor=request.args.get("cursor"),
    )
    onward: dict[str, Any] = {"cursor": lines.next, **({"settled": "1"} if settled else {})}
    html = render_template(
        "reports/list.html",
        hub=hub,
        lines=lines.lines,
        settled=settled,
        typed=typed or {},
        longest=rules.NOTE[1],
        to_look_at=_address(slug),
        looked_at=_address(slug, settled="1"),
        next_url=_address(slug, **onward) if lines.next else None,
    )
    return html, status


def _address(slug: str | None, **query: Any) -> str:
    return url_for(".of_hub", slug=slug, **query) if slug else url_for(".everywhere", **query)
