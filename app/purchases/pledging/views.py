"""The page of a pledge: how many, what that costs now and at most, and taking it back. After the closing it says what
one gets and pays."""

import hashlib

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.core import forms as core_forms
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.http import in_one_breath
from app.core.i18n import _
from app.payments.cards import queries as cards
from app.payments.cards.carrying import carry_out
from app.purchases import shown as campaigns_shown
from app.purchases.models import Campaign
from app.purchases.pledging import closing, forms, queries, rules, services, shown
from app.purchases.pledging.models import Pledge

blueprint = Blueprint("pledging", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/purchases/<int:campaign_id>/pledge")
def show(campaign_id: int) -> Answer:
    """What one pledges, or has pledged."""
    campaign, pledge = _seen(campaign_id)
    return _page(campaign, pledge, None) if _open(campaign) else _after(campaign, pledge)


@blueprint.get("/purchases/<int:campaign_id>/pledge/live")
def live(campaign_id: int) -> Answer:
    """The parts of the page that change, with the numbers typed so far; 204 when all is as it was `seen`."""
    campaign, pledge = _seen(campaign_id)
    if not _open(campaign):
        response = Response(status=204)
        response.headers["HX-Refresh"] = "true"
        return response
    _form, words = _words(campaign, pledge, request.args)
    parts = render_template("purchases/pledging/live.html", campaign=campaign, live=words)
    seen = hashlib.sha256(parts.encode()).hexdigest()[:16]
    if request.args.get("seen") == seen:
        return Response(status=204)
    return parts.replace("SEEN", seen)


@blueprint.post("/purchases/<int:campaign_id>/pledge")
def save(campaign_id: int) -> Answer:
    """Pledge, or change one's pledge; a card that is not saved yet is asked for next. With `count` the numbers are only
    shown with their sum, and nothing is kept: so one counts without JavaScript."""
    campaign, pledge = _seen(campaign_id)
    if "count" in request.form and _open(campaign):
        return _page(campaign, pledge, request.form)
    products = queries.products_of(campaign_id)
    form = forms.form_for(products, {}, ways=("counter", "card"), payment=None, formdata=request.form)
    try:
        if not form.validate():
            raise Invalid({})
        with transaction():
            done = services.pledge(
                campaign_id=campaign_id,
                actor_id=current_user.id,
                wishes=forms.wishes(form, products),
                payment=form.payment.data,
                key=form.once.data,
                now=g.now,
            )
    except Problem as problem:
        return _again(campaign_id, problem)
    if done.attempt_id is not None:
        carry_out(done.attempt_id, now=g.now)
        here = url_for(".show", campaign_id=campaign_id)
        return redirect(url_for("cards.paying", attempt_id=done.attempt_id, path=here))
    flash(_("C’est noté. Vous pouvez changer d’avis jusqu’à la clôture."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/pledge/withdraw")
def withdraw(campaign_id: int) -> Answer:
    """Take it back."""
    try:
        with transaction():
            services.withdraw(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
    except Problem as problem:
        return _again(campaign_id, problem)
    flash(_("Votre engagement est retiré. Vous ne payez rien."), "ok")
    return redirect(url_for("purchases.show", campaign_id=campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/close")
def close(campaign_id: int) -> Answer:
    """One of its organizers closes it now."""
    try:
        with transaction():
            campaign = closing.close(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        flash(in_one_breath(problem), "warn")
    else:
        flash(shown.closed(campaign.status), "ok")
    return redirect(url_for("purchases.show", campaign_id=campaign_id))


# --- the page --------------------------------------------------------------------------------------------------------


def _seen(campaign_id: int) -> tuple[Campaign, Pledge | None]:
    """The campaign, which is no draft any more, and what the reader has pledged."""
    campaign = queries.campaign(campaign_id)
    return campaign, queries.pledge_of(campaign_id, current_user.id)


def _open(campaign: Campaign) -> bool:
    return campaign.status == "open" and campaign.closes_at > g.now


def _words(
    campaign: Campaign, pledge: Pledge | None, typed: MultiDict[str, str] | None
) -> tuple[forms.PledgeForm, shown.Live]:
    """The form, and how all stands with its numbers."""
    before = queries.said_by(pledge)
    products = queries.products_of(campaign.id)
    ways = rules.payments(campaign.payment, cards=cards.enabled())
    payment = pledge.payment if pledge else None
    form = forms.form_for(products, before, ways=ways, payment=payment, formdata=typed)
    wished = forms.sums(form, products, rules.MOST_UNITS)
    running = queries.running(campaign, products, before=before, wished=wished)
    return form, shown.live(campaign, products, running, pledge=pledge)


def _page(
    campaign: Campaign,
    pledge: Pledge | None,
    typed: MultiDict[str, str] | None,
    problem: Problem | None = None,
) -> Answer:
    form, words = _words(campaign, pledge, typed)
    if isinstance(problem, Invalid):
        form.validate()
        core_forms.show_faults(form, problem)
    counts = pledge is not None and pledge.status in queries.COUNTS
    page = render_template(
        "purchases/pledging/show.html",
        campaign=campaign,
        hub=campaign.hub,
        tag=campaigns_shown.tag(campaign, now=g.now),
        pledge=pledge if counts else None,
        attempt_id=services.attempt_waiting(pledge) if counts and pledge else None,
        form=form,
        live=words,
        most=rules.MOST_UNITS,
        fault="" if isinstance(problem, Invalid) or problem is None else in_one_breath(problem),
    )
    return page, problem.status if problem else 200


def _after(campaign: Campaign, pledge: Pledge | None, problem: Problem | None = None) -> Answer:
    """What one gets and pays; whoever has not pledged reads about the campaign itself."""
    if pledge is None or pledge.status not in queries.COUNTS:
        if problem is None:
            return redirect(url_for("purchases.show", campaign_id=campaign.id))
        raise problem
    page = render_template(
        "purchases/pledging/after.html",
        campaign=campaign,
        hub=campaign.hub,
        tag=campaigns_shown.tag(campaign, now=g.now),
        pledge=pledge,
        result=shown.result(
            campaign,
            pledge,
            queries.allotted(pledge),
            queries.said_by(pledge),
            queries.products_of(campaign.id),
        ),
        attempt_id=services.attempt_waiting(pledge),
        fault=in_one_breath(problem) if problem else "",
    )
    return page, problem.status if problem else 200


def _again(campaign_id: int, problem: Problem) -> Answer:
    """The page with what was typed, and why it was not kept."""
    if isinstance(problem, NotFound):
        raise problem
    campaign, pledge = _seen(campaign_id)
    if not _open(campaign):
        return _after(campaign, pledge, problem)
    return _page(campaign, pledge, request.form, problem)
