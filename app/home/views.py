"""The home page, one's own neighbourhood, the language, and the styleguide."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.accounts import services as residents
from app.core.db import transaction
from app.core.errors import Invalid, NotFound
from app.core.forms import choices, show_faults, status
from app.core.http import safe_next
from app.core.i18n import LOCALES, _, current_locale
from app.geo import choosing
from app.geo.rules import read_point
from app.home import forms
from app.home import queries as gathered
from app.hubs import queries as hubs
from app.items import queries as items
from app.items import shown
from app.purchases import shown as purchases

blueprint = Blueprint("home", __name__)

Answer = str | Response | tuple[str, int]
SHELVES = 8
"""Two rows on a phone; "see all" leads to the others."""
YEAR = 365 * 24 * 3600


@blueprint.get("/")
def index() -> Answer:
    if not current_user.is_authenticated:
        return render_template("home/welcome.html", hubs=hubs.hubs_page(now=g.now, limit=6))
    hub = current_user.hub
    near_by = gathered.free_near(current_user.home, signed_in=True, now=g.now)
    return render_template(
        "home/index.html",
        today=gathered.today(current_user.id, hub_id=hub.id if hub else None, now=g.now),
        shelves=[(one, one.name(current_locale())) for one, _below in items.shelves()[:SHELVES]],
        cards=[shown.card(line, signed_in=True) for line in near_by],
        bought=[
            purchases.line(one, now=g.now)
            for one in gathered.bought_near(current_user.id, near=current_user.home)
        ],
    )


@blueprint.post("/language")
def set_language() -> Answer:
    """For this browser, and for the resident's own mails and pages when she is logged in."""
    locale = request.form.get("locale", "")
    answer = redirect(safe_next(request.form.get("next")) or "/")
    if locale in LOCALES:
        if current_user.is_authenticated:
            with transaction():
                residents.edit_profile(actor_id=current_user.id, locale=locale)
        answer.set_cookie(
            "locale", locale, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return answer


@blueprint.route("/account/home", methods=["GET", "POST"])
def place() -> Answer:
    """One's neighbourhood: by the name of a commune or an address, by the phone's position, by coordinates, or by the
    hub next door. What is typed comes by POST: an address has no place in the lines that proxies write."""
    form = forms.PlaceForm()
    typed = form.where.data or ""
    if typed and "HX-Request" in request.headers:
        return render_template("home/_spots.html", chosen=choosing.while_typing(typed), typed=typed)
    known = hubs.choices()
    form.hub.choices = choices(
        ("", _("Choisir un lieu")),
        *((str(number), f"{commune} · {name}" if commune else name) for number, name, commune, *_at in known),
    )
    chosen = None
    if typed:
        chosen = choosing.asked_for(typed)
    elif form.is_submitted():
        try:
            point = _chosen_point(form, {str(row[0]): (row[3], row[4]) for row in known})
            with transaction():
                residents.set_home(actor_id=current_user.id, lat=point[0], lon=point[1], now=g.now)
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            flash(_how_exactly(), "ok")
            return redirect(url_for("accounts.show"))
    has_home = accounts.resident(current_user.id).home_lat is not None
    page = render_template("home/place.html", form=form, has_home=has_home, chosen=chosen, typed=typed)
    return page, status(form)


def _how_exactly() -> str:
    if request.form.get("approximate"):
        return _(
            "C’est noté, mais la position de cette commune est approximative. Une adresse serait plus juste."
        )
    return _("C’est noté, à 200 m près. Les distances partent de là.")


def _chosen_point(form: forms.PlaceForm, hub_points: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Coordinates, when some were typed, count before the hub."""
    typed = (form.lat.data or "").strip(), (form.lon.data or "").strip()
    if any(typed):
        point = read_point(",".join(number.replace(",", ".") for number in typed))
        if point is None:
            raise Invalid({"lat": "home.not_coordinates"})
        return point
    if form.hub.data not in hub_points:
        raise Invalid({"hub": "home.choose_a_place"})
    return hub_points[form.hub.data]


@blueprint.post("/account/home/forget")
def forget_place() -> Answer:
    with transaction():
        residents.forget_home(actor_id=current_user.id)
    flash(_("Votre quartier est effacé."), "ok")
    return redirect(url_for("accounts.show"))


@blueprint.get("/styleguide")
def styleguide() -> Answer:
    """Every part of a page, in demo mode only."""
    if not current_app.extensions["movilab.config"].is_demo:
        raise NotFound
    sides = []
    for side in ("light", "dark"):
        form = forms.SampleForm(prefix=side, formdata=None)
        form.email.errors = [_("Il manque la fin, après le @. Par exemple : nadia@exemple.fr")]
        sides.append(form)
    return render_template("styleguide/index.html", forms=sides)
