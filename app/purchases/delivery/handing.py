"""Picking up: one's own page (when, what, how much, a code for somebody else), and the table at the hub where crates are
handed out by a scan."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import in_one_breath
from app.core.i18n import _, format_money
from app.core.text import whole
from app.core.tokens import new_token
from app.payments.cards.carrying import carry_out
from app.purchases.delivery import queries, services, typed
from app.purchases.delivery.pages import Answer, blueprint, handed_out, may_look_after
from app.purchases.delivery.services.handing import CODES_OPEN, SLOTS_OPEN, pledge_by_code
from app.purchases.delivery.services.refunding import to_give_back
from app.purchases.models import Campaign

# -- one's own --------------------------------------------------------------------------------------------


@blueprint.get("/purchases/<int:campaign_id>/pick-up")
def pick_up(campaign_id: int) -> Answer:
    """What is hers, when she comes, what she pays there."""
    return _own_page(queries.campaign(campaign_id))


def _own_page(campaign: Campaign, *, code: str = "", fault: str = "", status: int = 200) -> Answer:
    pledge = queries.own_pledge(campaign.id, current_user.id)
    if pledge is None:
        raise NotFound("delivery.no_pledge")
    page = render_template(
        "purchases/delivery/pick_up.html",
        campaign=campaign,
        pledge=pledge,
        crate=queries.own_crate(campaign, current_user.id),
        slots=[slot for slot in campaign.slots if slot.ends_at > g.now],
        may_choose=campaign.status in SLOTS_OPEN and pledge.picked_up_at is None,
        may_send=campaign.status in CODES_OPEN and pledge.picked_up_at is None,
        code=code,
        fault=fault,
    )
    return page, status


@blueprint.post("/purchases/<int:campaign_id>/pick-up")
def choose_slot(campaign_id: int) -> Answer:
    """When she comes."""
    chosen = request.form.get("slot", "")
    try:
        with transaction():
            services.choose_slot(
                campaign_id=campaign_id, slot_id=whole(chosen), actor_id=current_user.id, now=g.now
            )
    except Conflict as problem:
        return _own_page(queries.campaign(campaign_id), fault=in_one_breath(problem), status=problem.status)
    flash(
        _("C’est noté, on vous attend.") if chosen else _("C’est noté : vous viendrez quand vous pourrez."),
        "ok",
    )
    return redirect(url_for(".pick_up", campaign_id=campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/pick-up/code")
def make_code(campaign_id: int) -> Answer:
    """Somebody else comes: the code is shown once, here."""
    try:
        with transaction():
            code = services.make_code(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        return _own_page(queries.campaign(campaign_id), fault=in_one_breath(problem), status=problem.status)
    return _own_page(queries.campaign(campaign_id), code=code)


@blueprint.get("/purchases/<int:campaign_id>/pick-up/code")
def back_to_pick_up(campaign_id: int) -> Answer:
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".pick_up", campaign_id=campaign_id))


# -- at the hub -------------------------------------------------------------------------------------------


@blueprint.get("/purchases/<int:campaign_id>/hand-out")
def hand_out(campaign_id: int) -> Answer:
    """Who comes; `?code=` a card or a code, `?pledge=` a name in the list."""
    campaign = handed_out(campaign_id)
    code = request.args.get("code", "").strip()
    if not code:
        return _desk(campaign, pledge_id=whole(request.args.get("pledge")))
    found = pledge_by_code(campaign, code)
    if found is None:
        return _desk(
            campaign,
            fault=_("Ni carte ni code de retrait connu pour cet achat groupé. Essayez encore une fois."),
        )
    return _desk(campaign, pledge_id=found.id, code=code)


def _desk(
    campaign: Campaign, *, pledge_id: int | None = None, code: str = "", fault: str = "", status: int = 200
) -> Answer:
    crates = queries.crates(campaign)
    crate = next((one for one in crates if one.pledge.id == pledge_id), None)
    page = render_template(
        "purchases/delivery/hand_out.html",
        counter_hub=campaign.hub,
        campaign=campaign,
        crates=[one for one in crates if one.to_hand_out or one.sums.owed_cents > 0],
        crate=crate,
        code=code,
        fault=fault,
        once=new_token(),
        begun=campaign.status in ("delivered", "closed"),
        follows=may_look_after(campaign),
        to_card=_to_card(campaign, crate),
        means=("cash", "cheque", "transfer"),
    )
    return page, status


def _to_card(campaign: Campaign, crate: queries.Crate | None) -> int:
    """What could go back to the card, for those who look after the campaign."""
    if crate is None or crate.sums.owed_cents >= 0 or not may_look_after(campaign):
        return 0
    return to_give_back(campaign, crate.pledge)[1]


@blueprint.post("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>")
def give_crate(campaign_id: int, pledge_id: int) -> Answer:
    """She has it, and paid or not."""
    campaign = handed_out(campaign_id)
    code = request.form.get("code", "")
    try:
        cents = typed.cents(request.form.get("cents"), "cents", campaign.currency)
        with transaction():
            done = services.pick_up(
                campaign_id=campaign_id,
                pledge_id=pledge_id,
                code=code,
                means=request.form.get("means") or None,
                cents=cents,
                actor_id=current_user.id,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _desk(
            queries.campaign(campaign_id),
            pledge_id=pledge_id,
            code=code,
            fault=in_one_breath(problem),
            status=problem.status,
        )
    name = queries.crates(queries.campaign(campaign_id), pledge_id=pledge_id)[0].name
    if done.repeated:
        flash(_("Le panier de %(name)s est déjà remis.", name=name), "ok")
    else:
        flash(_undoable(campaign, pledge_id, name, done.paid_cents), "ok")
    return redirect(url_for(".hand_out", campaign_id=campaign_id))


def _undoable(campaign: Campaign, pledge_id: int, name: str, paid_cents: int) -> Any:
    said = _("C’est remis à %(name)s", name=name)
    if paid_cents:
        sum_paid = format_money(paid_cents, campaign.currency)
        return _("Remis à %(name)s, %(sum)s encaissés.", name=name, sum=sum_paid)
    return {
        "text": said,
        "action": url_for(".undo_give_crate", campaign_id=campaign.id, pledge_id=pledge_id),
        "act": _("Annuler"),
        "fields": {},
    }


@blueprint.post("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>/undo")
def undo_give_crate(campaign_id: int, pledge_id: int) -> Answer:
    """It was another one's."""
    try:
        with transaction():
            services.undo_pick_up(
                campaign_id=campaign_id, pledge_id=pledge_id, actor_id=current_user.id, now=g.now
            )
    except Conflict as problem:
        flash(in_one_breath(problem), "bad")
    else:
        flash(_("Le panier attend de nouveau."), "ok")
    return redirect(url_for(".hand_out", campaign_id=campaign_id, pledge=pledge_id))


@blueprint.post("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>/pay")
def take_payment(campaign_id: int, pledge_id: int) -> Answer:
    """Who has her crate pays for it afterwards, or before."""
    campaign = handed_out(campaign_id)
    try:
        cents = typed.cents(request.form.get("cents"), "cents", campaign.currency)
        with transaction():
            paid = services.pay(
                campaign_id=campaign_id,
                pledge_id=pledge_id,
                means=request.form.get("means", ""),
                cents=cents,
                once=request.form.get("once", ""),
                actor_id=current_user.id,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _desk(
            queries.campaign(campaign_id),
            pledge_id=pledge_id,
            fault=in_one_breath(problem),
            status=problem.status,
        )
    flash(_("%(sum)s encaissés.", sum=format_money(paid, campaign.currency)), "ok")
    return redirect(url_for(".hand_out", campaign_id=campaign_id, pledge=pledge_id))


@blueprint.post("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>/give-back")
def give_back(campaign_id: int, pledge_id: int) -> Answer:
    """What was paid too much goes back to her card."""
    try:
        with transaction():
            attempt_id = services.give_back(
                campaign_id=campaign_id, pledge_id=pledge_id, actor_id=current_user.id, now=g.now
            ).id
    except Conflict as problem:
        flash(in_one_breath(problem), "bad")
    else:
        carry_out(attempt_id, now=g.now)
        flash(_("C’est rendu sur sa carte, ou en route."), "ok")
    return redirect(url_for(".hand_out", campaign_id=campaign_id, pledge=pledge_id))


@blueprint.get("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>/<what>")
@blueprint.get("/purchases/<int:campaign_id>/hand-out/<int:pledge_id>")
def back_to_hand_out(campaign_id: int, pledge_id: int, what: str = "") -> Answer:  # noqa: ARG001 -- in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".hand_out", campaign_id=campaign_id, pledge=pledge_id))
