"""The pages of repairs: those of a hub, a sheet for the afternoon at the repair café, one of them with its steps."""

from typing import Any

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.forms import choices
from app.core.http import in_one_breath
from app.core.i18n import _, _l, sentence
from app.core.text import whole
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.items import queries as items
from app.items.forms import CONDITION_WORDS
from app.items.pages import say, site
from app.lending import lines
from app.lending import policy as lending_policy
from app.lending import queries as lending
from app.lending import services as lending_services
from app.lending.card_deposits import views as card_deposits
from app.lending.condition import photos
from app.lending.condition import queries as condition
from app.lending.models import Loan
from app.lending.repairs import forms, queries, rules, services

blueprint = Blueprint("repairs", __name__)

Answer = str | Response | tuple[str, int]
OVER = "over"
_NOTED = _l("C’est noté.")
_DONE = {
    "back": _l("C’est réparé : il se prête de nouveau."),
    "retired": _l("C’est noté : il ne se prête plus."),
}


# -- those of a hub ---------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/repairs")
def of_hub(slug: str) -> Answer:
    """What is to be looked at, waits for a part, is being mended; or what is over."""
    hub = _hub(slug)
    chosen = request.args.get("state", "")
    if chosen not in ("", OVER, *rules.OPEN):
        raise NotFound
    page = queries.page(
        hub.id,
        state=chosen if chosen in rules.OPEN else None,
        over=chosen == OVER,
        cursor=request.args.get("cursor"),
    )
    return render_template(
        "lending/repairs/list.html",
        hub=hub,
        page=page,
        chosen=chosen,
        counts=queries.how_many_open(hub.id),
        states=rules.OPEN,
        pictures=lines.pictures({line.item_id for line in page.lines}),
        conditions=dict(CONDITION_WORDS),
        today=clock.day_at(g.now, hub.timezone),
    )


def _hub(slug: str) -> Hub:
    hub = hubs.hub(slug)
    if all(mine.id != hub.id for mine in current_user.counter_hubs):
        raise Forbidden("hubs.not_volunteer")
    return hub


@blueprint.get("/hubs/<slug>/repairs/sheet")
def sheet(slug: str) -> Answer:
    """To be printed and taken along: what is wrong with each, and room to write what was done. `?ticket=` chooses."""
    hub = _hub(slug)
    ids = [number for text in request.args.getlist("ticket")[: queries.ON_A_SHEET] if (number := whole(text))]
    found = queries.on_sheet(hub.id, ids)
    return render_template(
        "lending/repairs/sheet.html",
        hub=hub,
        found=found,
        most=queries.ON_A_SHEET,
        pictures=lines.pictures({line.item_id for line in found}),
        codes={line.id: _qr(line.id) for line in found},
        conditions=dict(CONDITION_WORDS),
        today=clock.day_at(g.now, hub.timezone),
    )


def _qr(ticket_id: int) -> str:
    """Opens the repair on any phone, so that what was done is written down at once."""
    made = segno.make(f"{site()}{url_for('.show', ticket_id=ticket_id)}", error="m", micro=False)
    return str(made.svg_data_uri(border=2, dark="#000", light="#fff"))


# -- sending an object to one ------------------------------------------------------------------------------


@blueprint.route("/items/<int:item_id>/repair", methods=["GET", "POST"])
def begin(item_id: int) -> Answer:
    """Something is wrong with an object on its shelf; where a repair is open already, that one."""
    item = items.visible(item_id, current_user)
    _require_keeper(item)
    ticket = lending.open_ticket(item_id)
    if ticket is not None:
        return redirect(url_for(".show", ticket_id=ticket.id))
    form = forms.BeginForm()
    form.offer(item)
    status = 200
    if form.is_submitted():
        try:
            with transaction():
                ticket = services.found_broken(
                    item_id=item_id,
                    condition=form.condition.data,
                    note=form.note.data,
                    missing=form.missing.data or (),
                    actor_id=current_user.id,
                    now=g.now,
                )
        except (Conflict, Invalid) as problem:
            status = say(form, problem)
            item = items.visible(item_id, current_user)
        else:
            flash(_("C’est noté : il n’est plus prêté tant qu’il n’est pas réparé."), "ok")
            return redirect(url_for(".show", ticket_id=ticket.id))
    return render_template(
        "lending/repairs/begin.html", item=item, form=form, longest=rules.NOTE_LONGEST
    ), status


def _require_keeper(item: Any) -> None:
    if item.hub_id is not None:
        hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=item.hub_id)
    elif item.owner_resident_id != current_user.id:
        raise Forbidden("lending.only_the_owner")


# -- one of them ------------------------------------------------------------------------------------------


@blueprint.route("/repairs/<int:ticket_id>", methods=["GET", "POST"])
def show(ticket_id: int) -> Answer:
    """What is wrong, what was done about it, and what is to be done now."""
    form = forms.StepForm(formdata=request.form if request.method == "POST" else None)
    if not form.is_submitted():
        return _page(ticket_id, form), 200
    try:
        with transaction():
            ticket = services.write_down(
                ticket_id=ticket_id, actor_id=current_user.id, now=g.now, **form.said()
            )
            state = ticket.state
    except (Conflict, Invalid) as problem:
        status = say(form, problem)
        return _page(ticket_id, form), status
    flash(_DONE.get(state, _NOTED), "ok")
    return redirect(url_for(".show", ticket_id=ticket_id))


@blueprint.post("/repairs/<int:ticket_id>/deposit")
def give_deposit_back(ticket_id: int) -> Answer:
    """What waited for a decision: given back whole or in part."""
    ticket = queries.ticket_for(ticket_id, current_user.id)
    form = forms.DepositForm()
    try:
        if ticket.loan_id is None:
            raise NotFound
        loan_id, cents = ticket.loan_id, form.given_back()
        with transaction():
            lending_services.return_deposit(loan_id=loan_id, actor_id=current_user.id, cents=cents, now=g.now)
    except (Conflict, Invalid) as problem:
        page = _page(
            ticket_id, forms.StepForm(formdata=None), deposit=form, deposit_problem=in_one_breath(problem)
        )
        return page, problem.status
    flash(_("La caution rendue est notée."), "ok")
    return redirect(url_for(".show", ticket_id=ticket_id))


def _page(
    ticket_id: int,
    form: forms.StepForm,
    *,
    deposit: forms.DepositForm | None = None,
    deposit_problem: str = "",
) -> str:
    ticket = queries.ticket_for(ticket_id, current_user.id)
    hub = queries.hub_of(ticket)
    loan = queries.loan_of(ticket)
    steps = queries.steps(ticket_id)
    may = queries.may_do(ticket, current_user.id)
    form.state.choices = choices(*((state, sentence(f"lending.repair.{state}")) for state in may))
    if not form.is_submitted():
        form.state.data, form.paid_by.data = ticket.state, ticket.paid_by
    return render_template(
        "lending/repairs/show.html",
        ticket=ticket,
        hub=hub,
        loan=loan,
        steps=steps,
        cents=sum(step.cents for step in steps),
        minutes=sum(step.minutes for step in steps),
        form=form,
        may=may,
        picture=lines.pictures({ticket.item_id})[ticket.item_id],
        seen=condition.notes(loan.id, stage="in") if loan else [],
        photos=photos,
        conditions=dict(CONDITION_WORDS),
        zone=hub.timezone if hub else clock.home_zone(),
        holds_counter=any(hub and mine.id == hub.id for mine in current_user.counter_hubs),
        deposit=_deposit(loan, deposit),
        deposit_problem=deposit_problem,
        **card_deposits.box_of(loan),
        longest=rules.NOTE_LONGEST,
    )


def _deposit(loan: Loan | None, form: forms.DepositForm | None) -> forms.DepositForm | None:
    """For those who decide on a deposit that was received and has not been given back."""
    if loan is None or not loan.deposit_received_cents or loan.deposit_returned_cents is not None:
        return None
    people, actor = lending.parties(loan), lending.actor(current_user.id, loan.hub_id)
    if lending_policy.why_not_decide(people, actor):
        return None
    return form or forms.DepositForm(formdata=None, data={"returned": loan.deposit_received_cents})
