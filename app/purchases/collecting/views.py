"""The organizer's page while cards are asked: how each stands, what each way to go on would come to, and the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.http import in_one_breath
from app.core.i18n import _
from app.purchases import policy
from app.purchases.collecting import asking, ending, rules, services
from app.purchases.collecting.asking import Asked
from app.purchases.models import Campaign
from app.purchases.pages import Answer
from app.purchases.services.ground import actor_at, organizers_of, refuse

blueprint = Blueprint("collecting", __name__)


@blueprint.after_request
def keep_no_names(response: Any) -> Any:
    """Whose card was refused is not brought back by the browser's arrow."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


@dataclass(frozen=True)
class Standing:
    """How the cards of a campaign stand; `previews`: the ways to go on, once all have answered and some said no."""

    campaign: Campaign
    found: Sequence[Asked]
    waits: bool
    previews: Sequence[ending.Preview]


def standing(campaign_id: int) -> Standing:
    """For those who look after the campaign."""
    campaign = _looked_after(campaign_id)
    found = asking.standing_of(campaign_id) if campaign.status == "collecting" else []
    out = [asked.pledge for asked in found if asked.card.how != "secured"]
    waits = any(asked.card.how in ("asking", "unasked") for asked in found)
    return Standing(campaign, found, waits, ending.previews(campaign, out) if out and not waits else [])


@blueprint.get("/purchases/<int:campaign_id>/cards")
def show(campaign_id: int) -> Answer:
    """How the cards stand."""
    return _page(campaign_id)


def _page(campaign_id: int, problem: Problem | None = None) -> Answer:
    page = render_template(
        "purchases/collecting/show.html",
        fault=in_one_breath(problem) if problem else "",
        **vars(standing(campaign_id)),
    )
    return page, problem.status if problem else 200


@blueprint.post("/purchases/<int:campaign_id>/cards")
def decide(campaign_id: int) -> Answer:
    """Go on in one of the ways there are, or call it off."""
    choice = request.form.get("choice", "")
    if choice not in rules.CHOICES:
        raise NotFound
    try:
        with transaction():
            campaign = services.decide(
                campaign_id=campaign_id,
                choice=choice,
                why=request.form.get("why"),
                actor_id=current_user.id,
                now=g.now,
            )
            ended = campaign.status == "cancelled"
    except (Conflict, Invalid) as problem:
        return _page(campaign_id, problem)
    flash(
        _("C’est annulé : personne ne paie rien.")
        if ended
        else _("C’est décidé : les cartes sont débitées."),
        "ok",
    )
    return redirect(url_for("collecting.show", campaign_id=campaign_id))


def _looked_after(campaign_id: int) -> Campaign:
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound("purchases.unknown")
    actor = actor_at(campaign.hub_id, actor_id=current_user.id)
    refuse(policy.why_not_look_after(actor, organizers=organizers_of(campaign)))
    return campaign
