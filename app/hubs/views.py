"""The pages of hubs: finding one, joining, members, hours, closures, terms.

A hub's own page also shows what stands on its shelves, which this room does not know: see `app/home/hub_page.py`.
"""

from dataclasses import asdict

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.forms import show_faults, status
from app.core.http import spoken
from app.core.i18n import _, sentence
from app.geo import places
from app.geo.naming import around
from app.geo.rules import read_point
from app.hubs import forms, queries, services
from app.hubs.models import Hub
from app.hubs.rules import KINDS, LIMITS

blueprint = Blueprint("hubs", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/hubs")
def index() -> Answer:
    """Near the place that was given, else near one's home, else by name."""
    given = request.args.get("near", "home" if current_user.home else "")
    near = current_user.home if given == "home" else read_point(given)
    kind = request.args.get("kind", "")
    words = request.args.get("q", "")[:200]
    page = queries.hubs_page(
        now=g.now,
        near=near,
        kind=kind if kind in KINDS else None,
        words=words,
        cursor=request.args.get("cursor"),
    )
    # Where no hub has this name, a commune may, and hubs near it.
    commune = None if page.lines else next(iter(places.find(words, limit=1)), None)
    name = places.named(*near) if near and given != "home" else ""
    return render_template(
        "hubs/index.html",
        page=page,
        near=given if near else "",
        near_words=around(name) if name else "",
        commune=commune,
        commune_words=around(commune.name) if commune else "",
        words=words,
        kind=kind,
        kinds=KINDS,
    )


@blueprint.post("/hubs/<slug>/join")
def join(slug: str) -> Answer:
    hub = queries.hub(slug)
    try:
        with transaction():
            services.join(hub_id=hub.id, actor_id=current_user.id, now=g.now)
    except Conflict as conflict:
        flash(spoken(conflict), "warn")
    else:
        flash(_("C’est noté. Passez une fois au comptoir : on vérifie votre carte, sans copie."), "ok")
    return redirect(url_for(".show", slug=slug))


# -- members, for those who hold the counter --------------------------------------------------------------


@blueprint.get("/hubs/<slug>/members")
def members(slug: str) -> Answer:
    hub = queries.hub(slug)
    services.require_sight_of_members(actor_id=current_user.id, hub_id=hub.id)
    words = request.args.get("q", "")[:100]
    page = queries.members_page(hub.id, words=words, cursor=request.args.get("cursor"))
    return render_template("hubs/members.html", hub=hub, page=page, words=words)


@blueprint.get("/hubs/<slug>/members/<int:resident_id>")
def member(slug: str, resident_id: int) -> Answer:
    hub = queries.hub(slug)
    services.require_sight_of_members(actor_id=current_user.id, hub_id=hub.id)
    return _member_page(hub, resident_id, forms.SuspendForm(formdata=None))


def _member_page(hub: Hub, resident_id: int, suspend_form: forms.SuspendForm) -> Answer:
    sheet = queries.member(hub.id, resident_id)
    roles_form = forms.RolesForm(formdata=None, roles=_plain_roles(sheet))
    page = render_template(
        "hubs/member.html",
        hub=hub,
        sheet=sheet,
        suspend_form=suspend_form,
        roles_form=roles_form,
        looks_after=_looks_after(hub.id),
        oneself=resident_id == current_user.id,
    )
    return page, status(suspend_form)


def _plain_roles(sheet: queries.MemberSheet) -> list[str]:
    """The roles as they were ticked: a coordinator's others follow by themselves."""
    tied = sheet.membership
    ticked = {
        "volunteer": tied.is_volunteer,
        "organizer": tied.is_organizer,
        "coordinator": tied.is_coordinator,
    }
    return [role for role, on in ticked.items() if on]


def _looks_after(hub_id: int) -> bool:
    """Whether to show the buttons of the coordination; the service asks again."""
    return current_user.is_steward or any(
        hub.id == hub_id and "coordinator" in hub.roles for hub in current_user.hubs
    )


@blueprint.post("/hubs/<slug>/members/<int:resident_id>/verify")
def verify(slug: str, resident_id: int) -> Answer:
    hub = queries.hub(slug)
    with transaction():
        services.verify(hub_id=hub.id, resident_id=resident_id, actor_id=current_user.id, now=g.now)
    flash(_("C’est vérifié. Seuls votre nom et la date sont gardés."), "ok")
    return redirect(url_for(".member", slug=slug, resident_id=resident_id))


@blueprint.post("/hubs/<slug>/members/<int:resident_id>/suspend")
def suspend(slug: str, resident_id: int) -> Answer:
    hub = queries.hub(slug)
    form = forms.SuspendForm()
    try:
        with transaction():
            services.suspend(
                hub_id=hub.id,
                resident_id=resident_id,
                why=form.why.data,
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, invalid)
        return _member_page(hub, resident_id, form)
    flash(_("Ses prêts sont suspendus ici. Ses retours restent acceptés."), "ok")
    return redirect(url_for(".member", slug=slug, resident_id=resident_id))


@blueprint.post("/hubs/<slug>/members/<int:resident_id>/lift")
def lift(slug: str, resident_id: int) -> Answer:
    hub = queries.hub(slug)
    with transaction():
        services.lift(hub_id=hub.id, resident_id=resident_id, actor_id=current_user.id, now=g.now)
    flash(_("La suspension est levée."), "ok")
    return redirect(url_for(".member", slug=slug, resident_id=resident_id))


@blueprint.post("/hubs/<slug>/members/<int:resident_id>/roles")
def set_roles(slug: str, resident_id: int) -> Answer:
    hub = queries.hub(slug)
    with transaction():
        services.set_roles(
            hub_id=hub.id,
            resident_id=resident_id,
            roles=request.form.getlist("roles"),
            actor_id=current_user.id,
            now=g.now,
        )
    flash(_("C’est changé."), "ok")
    return redirect(url_for(".member", slug=slug, resident_id=resident_id))


@blueprint.route("/hubs/<slug>/residents", methods=["GET", "POST"])
def add_resident(slug: str) -> Answer:
    """An account made at the counter, for somebody who stands there, with or without an address."""
    hub = queries.hub(slug)
    services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    form = forms.ResidentForm()
    if form.is_submitted():
        try:
            with transaction():
                made = services.add_resident(
                    hub_id=hub.id,
                    name=form.name.data,
                    email=form.email.data,
                    proof_seen=form.proof_seen.data,
                    actor_id=current_user.id,
                    now=g.now,
                )
        except Invalid as invalid:
            show_faults(form, invalid)
        except Conflict as conflict:
            form.email.errors = [spoken(conflict)]
        else:
            flash(_("Le compte est fait. Donnez-lui le code de sa carte."), "ok")
            return redirect(url_for(".member", slug=slug, resident_id=made.resident_id))
    return render_template("hubs/add_resident.html", hub=hub, form=form), status(form)


# -- days and terms, for the coordination -----------------------------------------------------------------


@blueprint.route("/hubs/<slug>/hours", methods=["GET", "POST"])
def hours(slug: str) -> Answer:
    hub = queries.hub(slug)
    services.require_looking_after(actor_id=current_user.id, hub_id=hub.id)
    faults: dict[str, str] = {}
    typed = forms.shown_hours(list(queries.open_days(hub).week))
    holidays = hub.closed_on_holidays
    if request.method == "POST":
        typed, holidays = request.form.to_dict(), "closed_on_holidays" in request.form
        try:
            openings = forms.read_hours(typed)
            with transaction():
                services.set_hours(
                    hub_id=hub.id,
                    openings=openings,
                    closed_on_holidays=holidays,
                    actor_id=current_user.id,
                    now=g.now,
                )
        except Invalid as invalid:
            faults = {day: sentence(code, params) for day, (code, params) in invalid.errors.items()}
        else:
            flash(_("Les nouveaux horaires sont affichés."), "ok")
            return redirect(url_for(".show", slug=slug))
    page = render_template(
        "hubs/hours.html", hub=hub, typed=typed, holidays=holidays, faults=faults, slots=range(forms.SLOTS)
    )
    return page, 422 if faults else 200


@blueprint.route("/hubs/<slug>/closures", methods=["GET", "POST"])
def closures(slug: str) -> Answer:
    hub = queries.hub(slug)
    services.require_looking_after(actor_id=current_user.id, hub_id=hub.id)
    form = forms.ClosureForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.announce_closure(
                    hub_id=hub.id,
                    first_day=form.first_day.data,
                    last_day=form.last_day.data,
                    why=form.why.data,
                    actor_id=current_user.id,
                    now=g.now,
                )
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            flash(_("La fermeture est annoncée."), "ok")
            return redirect(url_for(".closures", slug=slug))
    today = queries.open_days(hub).today(g.now)
    return render_template("hubs/closures.html", hub=hub, form=form, today=today), status(form)


@blueprint.post("/hubs/<slug>/closures/<int:closure_id>/cancel")
def cancel_closure(slug: str, closure_id: int) -> Answer:
    hub = queries.hub(slug)
    with transaction():
        services.cancel_closure(hub_id=hub.id, closure_id=closure_id, actor_id=current_user.id, now=g.now)
    flash(_("Cette fermeture est retirée : le lieu sera ouvert."), "ok")
    return redirect(url_for(".closures", slug=slug))


@blueprint.route("/hubs/<slug>/policy", methods=["GET", "POST"])
def edit_policy(slug: str) -> Answer:
    hub = queries.hub(slug)
    services.require_looking_after(actor_id=current_user.id, hub_id=hub.id)
    form = forms.PolicyForm(data=asdict(hub.policy)) if request.method == "GET" else forms.PolicyForm()
    if form.validate_on_submit():
        values = {name: value for name, value in form.data.items() if name != "csrf_token"}
        try:
            with transaction():
                services.set_policy(hub_id=hub.id, values=values, actor_id=current_user.id, now=g.now)
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            flash(_("Les nouvelles règles valent dès le prochain prêt."), "ok")
            return redirect(url_for(".show", slug=slug))
    return render_template("hubs/policy.html", hub=hub, form=form, limits=LIMITS), status(form)
