"""The organizer's pages: a new campaign, what is said of it, its products, its slots, who looks after it with her, and
opening it. Each is small, and what was typed is never lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.core.forms import show_faults
from app.core.http import in_one_breath, spoken
from app.core.i18n import _, format_day_time
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.payments.cards import queries as cards
from app.purchases import fields, forms, policy, queries, services, shown
from app.purchases.models import Campaign
from app.purchases.pages import Answer, actor_at, blueprint
from app.purchases.services.ground import organizers_of, refuse
from app.purchases.services.opening import why_not_open
from app.purchases.views import campaign_page

Refused = Conflict | Invalid | Stale


@blueprint.route("/purchases/new", methods=["GET", "POST"])
def new() -> Answer:
    """What is bought, from whom, until when; products come next."""
    hub = _hub_to_begin_at()
    if isinstance(hub, str):
        return hub
    form = forms.CampaignForm()
    form.offer(cards=cards.enabled())
    status = 200
    if form.is_submitted():
        try:
            said = form.said(timezone=hub.timezone)
            with transaction():
                made = services.create(hub_id=hub.id, actor_id=current_user.id, now=g.now, **said)
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
        else:
            return redirect(url_for(".prepare", campaign_id=made.id))
    else:
        form.process(data={"currency": "EUR", **forms.usual_times(g.now, hub.timezone)})
    return render_template("purchases/new.html", hub=hub, form=form), status


def _hub_to_begin_at() -> Hub | str:
    """The hub that was named, or the only one there is; else a page to choose it."""
    mine = [one for one in current_user.hubs if not policy.why_not_begin(policy.Actor(None, one.roles))]
    named = request.args.get("hub") or (mine[0].slug if len(mine) == 1 else "")
    if not named and mine:
        return render_template("purchases/where.html", hubs=mine)
    if not named:
        refuse(policy.why_not_begin(policy.Actor(current_user.id)))
    hub = hubs.hub(named)
    refuse(policy.why_not_begin(actor_at(hub.id)))
    return hub


@blueprint.get("/purchases/<int:campaign_id>/prepare")
def prepare(campaign_id: int) -> Answer:
    """All that makes a campaign, one step after the other, and what is still missing."""
    return _prepare(campaign_id)


def _prepare(
    campaign_id: int, problem: Problem | None = None, slots: forms.SlotsForm | None = None
) -> tuple[str, int]:
    campaign = _mine(campaign_id)
    missing = why_not_open(campaign, now=g.now) if campaign.status == "draft" else None
    if slots is None:
        slots = forms.SlotsForm(
            formdata=None,
            data={
                "day": campaign.delivery_day,
                "begins": "17:00",
                "ends": "19:00",
                "minutes": "30",
                "capacity": 8,
            },
        )
        slots.offer()
    there = organizers_of(campaign)
    page = render_template(
        "purchases/prepare.html",
        campaign=campaign,
        hub=campaign.hub,
        tag=shown.tag(campaign, now=g.now),
        products=[shown.product_view(one, currency=campaign.currency) for one in campaign.products],
        slots=slots,
        team=[one for one in queries.team_of(campaign.hub_id) if one[0] not in there],
        missing=spoken(missing) if missing else "",
        fault=in_one_breath(problem) if problem else "",
    )
    return page, problem.status if problem else 200


def _mine(campaign_id: int) -> Campaign:
    campaign = queries.one(campaign_id, actor=actor_at)
    refuse(policy.why_not_look_after(actor_at(campaign.hub_id), organizers=organizers_of(campaign)))
    return campaign


@blueprint.route("/purchases/<int:campaign_id>/edit", methods=["GET", "POST"])
def edit(campaign_id: int) -> Answer:
    """What is said of it. Once somebody has pledged, what she counts on stands."""
    campaign = _mine(campaign_id)
    form = forms.CampaignForm(data=forms.as_typed(campaign))
    form.offer(cards=cards.enabled(), was=campaign.payment)
    status = 200
    if form.is_submitted():
        try:
            said = form.said(timezone=campaign.hub.timezone)
            with transaction():
                services.edit(
                    campaign_id=campaign_id,
                    actor_id=current_user.id,
                    revision=form.revision.data,
                    now=g.now,
                    **said,
                )
        except (Conflict, Invalid, Stale) as problem:
            status = _say(form, problem)
            campaign = queries.one(campaign_id, actor=actor_at)
        else:
            flash(_("C’est enregistré."), "ok")
            return redirect(url_for(".prepare", campaign_id=campaign_id))
    return render_template("purchases/edit.html", campaign=campaign, form=form), status


# -- products -----------------------------------------------------------------------------------------------


@blueprint.route("/purchases/<int:campaign_id>/products/new", methods=["GET", "POST"])
def new_product(campaign_id: int) -> Answer:
    """A product more."""
    return _product_page(campaign_id, None)


@blueprint.route("/purchases/<int:campaign_id>/products/<int:product_id>", methods=["GET", "POST"])
def edit_product(campaign_id: int, product_id: int) -> Answer:
    """A product said anew."""
    return _product_page(campaign_id, product_id)


def _product_page(campaign_id: int, product_id: int | None) -> Answer:
    campaign = _mine(campaign_id)
    product = next((one for one in campaign.products if one.id == product_id), None)
    if product_id is not None and product is None:
        raise NotFound("purchases.no_such_product")
    was: dict[str, Any] = {"unit_size": 1, "pack_size": 1, "vat": "5,5"}
    form = forms.ProductForm(data=forms.product_as_typed(product, campaign.currency) if product else was)
    form.show_rows(forms.tiers_as_typed(product, campaign.currency) if product else [])
    status = 200
    if form.is_submitted():
        form.read_rows(request.form)
        if "more" in request.form:
            form.show_rows([*[row for row in form.rows if any(row)], ("", ""), ("", "")][: fields.MOST_TIERS])
            return render_template("purchases/product.html", campaign=campaign, product=product, form=form)
        try:
            said = form.said(currency=campaign.currency)
            with transaction():
                services.put_product(
                    campaign_id=campaign_id,
                    actor_id=current_user.id,
                    product_id=product_id,
                    now=g.now,
                    **said,
                )
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
            campaign = queries.one(campaign_id, actor=actor_at)
        else:
            flash(_("C’est enregistré."), "ok")
            again = product_id is None and "again" in request.form
            return redirect(url_for(".new_product" if again else ".prepare", campaign_id=campaign_id))
    page = render_template("purchases/product.html", campaign=campaign, product=product, form=form)
    return page, status


@blueprint.post("/purchases/<int:campaign_id>/products/<int:product_id>/remove")
def remove_product(campaign_id: int, product_id: int) -> Answer:
    """Not for sale after all."""
    return _act(
        campaign_id, lambda **who: services.remove_product(product_id=product_id, **who), _("C’est retiré.")
    )


# -- slots and organizers -----------------------------------------------------------------------------------


@blueprint.post("/purchases/<int:campaign_id>/slots")
def put_slots(campaign_id: int) -> Answer:
    """Times to come for it, one after the other on one day."""
    campaign = _mine(campaign_id)
    form = forms.SlotsForm()
    form.offer()
    try:
        slots = form.said(timezone=campaign.hub.timezone)
        with transaction():
            services.put_slots(campaign_id=campaign_id, actor_id=current_user.id, slots=slots, now=g.now)
    except (Conflict, Invalid) as problem:
        status = _say(form, problem)
        return _prepare(campaign_id, slots=form)[0], status
    flash(_("Les créneaux sont notés."), "ok")
    return redirect(url_for(".prepare", campaign_id=campaign_id, _anchor="slots"))


@blueprint.post("/purchases/<int:campaign_id>/slots/<int:slot_id>/remove")
def remove_slot(campaign_id: int, slot_id: int) -> Answer:
    """Nobody can come then."""
    return _act(campaign_id, lambda **who: services.remove_slot(slot_id=slot_id, **who), _("C’est retiré."))


@blueprint.post("/purchases/<int:campaign_id>/organizers")
def name_organizer(campaign_id: int) -> Answer:
    """Somebody of the hub's team looks after it too."""
    chosen = request.form.get("resident", "")
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
    return _act(
        campaign_id,
        lambda **who: services.name_organizer(resident_id=number, **who),
        _("C’est noté : cette personne suit l’achat avec vous."),
    )


@blueprint.post("/purchases/<int:campaign_id>/organizers/<int:resident_id>/remove")
def part_with_organizer(campaign_id: int, resident_id: int) -> Answer:
    """She looks after it no more."""
    return _act(
        campaign_id,
        lambda **who: services.part_with_organizer(resident_id=resident_id, **who),
        _("C’est noté."),
        ".index" if resident_id == current_user.id else ".prepare",
    )


# -- opening, calling off, one more like it -----------------------------------------------------------------


@blueprint.post("/purchases/<int:campaign_id>/open")
def open_now(campaign_id: int) -> Answer:
    """Neighbours can pledge: now, or from a moment that was typed."""
    campaign = _mine(campaign_id)
    if not request.form.get("later"):
        return _act(
            campaign_id,
            services.open_now,
            _("C’est ouvert. Les voisins sont prévenus."),
            ".show",
        )
    try:
        at = _typed_moment(campaign.hub.timezone)
    except Invalid as problem:
        return _prepare(campaign_id, problem)
    opens = format_day_time(at, campaign.hub.timezone)
    return _act(
        campaign_id,
        lambda **who: services.open_then(at=at, **who),
        _("C’est noté : l’achat s’ouvre de lui-même, %(opens)s.", opens=opens),
    )


def _typed_moment(timezone: str) -> datetime:
    form = forms.OpeningForm()
    faults = forms.unread(form)
    if faults:
        raise Invalid(faults)
    at = forms.moment(form.day.data, form.time.data, timezone)
    if at is None:
        raise Invalid({"day": "core.required"})
    return at


@blueprint.post("/purchases/<int:campaign_id>/wait")
def wait(campaign_id: int) -> Answer:
    """It does not open by itself after all."""
    return _act(
        campaign_id,
        services.wait_with_opening,
        _("C’est noté : il ne s’ouvre pas de lui-même."),
    )


@blueprint.post("/purchases/<int:campaign_id>/cancel")
def call_off(campaign_id: int) -> Answer:
    """It does not take place; whoever pledged is told."""
    why = request.form.get("why")
    return _act(
        campaign_id,
        lambda **who: services.call_off(why=why, **who),
        _("C’est annulé. Les personnes engagées sont prévenues, personne ne paie rien."),
        ".show",
        refused=campaign_page,
    )


@blueprint.route("/purchases/<int:campaign_id>/copy", methods=["GET", "POST"])
def copy(campaign_id: int) -> Answer:
    """One more like it: the same products, other times."""
    earlier = queries.one(campaign_id, actor=actor_at)
    refuse(policy.why_not_begin(actor_at(earlier.hub_id)))
    form = forms.CopyForm()
    status = 200
    if form.is_submitted():
        try:
            said = form.said(timezone=earlier.hub.timezone)
            with transaction():
                made = services.copy(campaign_id=campaign_id, actor_id=current_user.id, now=g.now, **said)
        except (Conflict, Invalid) as problem:
            status = _say(form, problem)
        else:
            flash(_("C’est copié. Vérifiez les prix avant d’ouvrir."), "ok")
            return redirect(url_for(".prepare", campaign_id=made.id))
    else:
        usual = forms.usual_times(g.now, earlier.hub.timezone)
        form.process(data={"title": earlier.title, **usual})
    return render_template("purchases/copy.html", earlier=earlier, form=form), status


def _act(
    campaign_id: int,
    do: Callable[..., Any],
    said: str,
    then: str = ".prepare",
    *,
    refused: Callable[[int, Problem], Answer] = _prepare,
) -> Answer:
    """Do it and say so; where it cannot be, the page on which it was asked says why."""
    try:
        with transaction():
            do(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
    except (Conflict, Invalid) as problem:
        return refused(campaign_id, problem)
    flash(said, "ok")
    return redirect(url_for(then) if then == ".index" else url_for(then, campaign_id=campaign_id))


def _say(form: Any, problem: Refused) -> int:
    if isinstance(problem, Invalid):
        show_faults(form, forms.by_field(problem))
    else:
        form.form_errors.append(spoken(problem))
    return problem.status
