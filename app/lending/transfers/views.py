"""The pages of transfers: asking for one, the van list of a hub, one transfer with what would go along."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.forms import choices, show_faults
from app.core.http import in_one_breath, spoken
from app.core.i18n import _
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.items import queries as items
from app.items import services as item_services
from app.lending import lines
from app.lending import queries as lending
from app.lending.transfers import forms, policy, queries, services

blueprint = Blueprint("transfers", __name__)

Answer = str | Response | tuple[str, int]


# -- asking -----------------------------------------------------------------------------------------------


@blueprint.route("/items/<int:item_id>/transfer", methods=["GET", "POST"])
def request_transfer(item_id: int) -> Answer:
    """Where it should go: one choice, a word where one is wanted."""
    item = items.visible(item_id, current_user)
    if item.hub_id is None or item.status != "active":
        raise NotFound("items.unknown")
    there = queries.destinations(item, current_user)
    if not there:
        raise Forbidden(_who_decides(item.owner_resident_id))
    form = forms.TransferForm()
    form.to.choices = choices(*((str(number), name) for number, name in there))
    status = 200
    if form.is_submitted():
        try:
            with transaction():
                made = services.request(
                    item_id=item_id,
                    to_hub_id=_chosen(form.to.data, [number for number, _name in there]),
                    actor_id=current_user.id,
                    note=form.note.data,
                    now=g.now,
                )
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
            item = items.visible(item_id, current_user)
        else:
            flash(_("C’est demandé."), "ok")
            return redirect(url_for(".show", transfer_id=made.id))
    elif len(there) == 1:
        form.to.data = str(there[0][0])
    return render_template("lending/transfers/request.html", item=item, form=form), status


def _who_decides(owner_id: int | None) -> str:
    return "lending.transfer_owner_decides" if owner_id is not None else policy.NOT_ITS_VOLUNTEER


def _chosen(typed: str | None, known: list[int]) -> int:
    for number in known:
        if typed == str(number):
            return number
    raise Invalid({"to": "core.not_a_choice" if typed else "core.required"})


def _say(form: forms.TransferForm, problem: Problem) -> int:
    if isinstance(problem, Invalid):
        show_faults(form, problem)
    else:
        form.form_errors.append(spoken(problem))
    return problem.status


# -- the van list -----------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/transfers")
def of_hub(slug: str) -> Answer:
    """What is to be loaded here, what is to be unloaded, and what a person has to decide."""
    hub = _hub(slug)
    van = queries.van_list(hub.id)
    return render_template(
        "lending/transfers/of_hub.html",
        hub=hub,
        van=van,
        to_decide=queries.to_decide(hub),
        pictures=lines.pictures(van.item_ids),
    )


@blueprint.post("/hubs/<slug>/transfers")
def scan(slug: str) -> Answer:
    """An object at the van's door: it leaves, or it has come."""
    hub = _hub(slug)
    try:
        with transaction():
            done = services.scan(
                item_code=request.form.get("code", ""), hub_id=hub.id, actor_id=current_user.id, now=g.now
            )
    except (Conflict, Invalid, NotFound) as problem:
        if problem.word == "reservations_stand":
            return redirect(url_for(".show", transfer_id=problem.params["transfer"]))
        flash(in_one_breath(problem), "bad")
        return redirect(url_for(".of_hub", slug=hub.slug))
    flash(_said(done.status, done.item.title, done.to_hub.name), "ok")
    return redirect(url_for(".of_hub", slug=hub.slug))


def _hub(slug: str) -> Hub:
    hub = hub_queries.hub(slug)
    if all(hub.id != mine.id for mine in current_user.counter_hubs):
        raise Forbidden("hubs.not_volunteer")
    return hub


def _said(status: str, title: str, hub: str) -> str:
    if status == "received":
        return _("%(title)s est arrivé.", title=title)
    return _("%(title)s part pour %(hub)s.", title=title, hub=hub)


# -- one transfer -----------------------------------------------------------------------------------------


@blueprint.get("/transfers/<int:transfer_id>")
def show(transfer_id: int) -> Answer:
    """Where it stands, and what can be done with it now."""
    return _page(transfer_id)


def _page(transfer_id: int, problem: Problem | None = None) -> tuple[str, int]:
    transfer = queries.transfer_for(transfer_id, current_user.id)
    way, actor = queries.way(transfer), queries.actor(current_user.id)
    waits = transfer.status == "requested"
    may_send = waits and not policy.why_not_send(way, actor)
    # Who has reserved it is for the hub that has it to know, until it leaves.
    ahead = lending.reservations_ahead(transfer.item_id) if may_send else []
    open_still = transfer.status in ("requested", "sent")
    page = render_template(
        "lending/transfers/show.html",
        transfer=transfer,
        picture=lines.pictures({transfer.item_id})[transfer.item_id],
        away=waits and lending.out_of_house(transfer.item_id),
        coming=queries.coming(ahead, transfer.to_hub) if ahead else [],
        may_send=may_send,
        may_cancel=open_still and not policy.why_not_cancel(way, actor, sent=transfer.status == "sent"),
        may_shelve=transfer.status == "received"
        and transfer.item.hub_id == transfer.to_hub_id
        and transfer.to_hub_id in actor.volunteer_at,
        list_hub=next(
            (one for one in (transfer.from_hub, transfer.to_hub) if one.id in actor.volunteer_at), None
        ),
        fault=in_one_breath(problem) if problem else "",
    )
    return page, problem.status if problem else 200


@blueprint.post("/transfers/<int:transfer_id>/send")
def send(transfer_id: int) -> Answer:
    """It leaves, with what is reserved where that was agreed to."""
    try:
        with transaction():
            sent = services.send(
                transfer_id=transfer_id,
                actor_id=current_user.id,
                with_reservations=bool(request.form.get("with_reservations")),
                now=g.now,
            )
    except Conflict as problem:
        return _page(transfer_id, problem)
    flash(_said("sent", sent.item.title, sent.to_hub.name), "ok")
    return redirect(url_for(".of_hub", slug=sent.from_hub.slug))


@blueprint.post("/transfers/<int:transfer_id>/cancel")
def cancel(transfer_id: int) -> Answer:
    """It stays where it was, or comes back."""
    try:
        with transaction():
            services.cancel(transfer_id=transfer_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        return _page(transfer_id, problem)
    flash(_("C’est annulé."), "ok")
    return redirect(url_for(".show", transfer_id=transfer_id))


@blueprint.post("/transfers/<int:transfer_id>/shelf")
def shelve(transfer_id: int) -> Answer:
    """Where it stands at its new place."""
    transfer = queries.transfer_for(transfer_id, current_user.id)
    try:
        with transaction():
            item_services.edit_item(
                item_id=transfer.item_id,
                actor_id=current_user.id,
                shelf=request.form.get("shelf", ""),
                now=g.now,
            )
    except Invalid as problem:
        return _page(transfer_id, problem)
    flash(_("C’est noté."), "ok")
    return redirect(url_for(".show", transfer_id=transfer_id))


@blueprint.get("/transfers/<int:transfer_id>/<act>")
def back_to_transfer(transfer_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".show", transfer_id=transfer_id))
