"""The page of one's calendar, and the calendar itself, which a program reads without logging in."""

from datetime import datetime

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock, ics
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.i18n import _, in_language
from app.core.ratelimit import limiter
from app.core.tokens import fingerprint
from app.home.calendar import queries, services

blueprint = Blueprint("calendar", __name__)

Answer = str | AnyResponse


def _link() -> str:
    """Counted for each link: many calendars are read by the servers of one company."""
    return fingerprint(str((request.view_args or {}).get("token", "")))[:32]


def _unknown(response: Response) -> bool:
    return response.status_code == 404


@blueprint.get("/calendar")
def show() -> Answer:
    made_at = queries.made_at(current_user.id)
    return render_template("home/calendar/show.html", made_on=made_at and _day(made_at), address=None)


@blueprint.post("/calendar")
@limiter.limit("30 per hour")
def make() -> Answer:
    """The link is shown in the answer to its making, and never again."""
    with transaction():
        token = services.make_link(actor_id=current_user.id, now=g.now)
    path = url_for(".feed", token=token)
    address = current_app.extensions["movilab.config"].site_url + path
    page = current_app.make_response(
        render_template("home/calendar/show.html", made_on=_day(g.now), address=address)
    )
    page.cache_control.no_store = True
    return page


@blueprint.post("/calendar/end")
def end() -> Answer:
    with transaction():
        services.end_link(actor_id=current_user.id)
    flash(_("Ce lien n’ouvre plus rien."), "ok")
    return redirect(url_for(".show"))


@blueprint.get("/calendar/<token>.ics")
@limiter.limit("120 per hour", key_func=_link)
@limiter.limit("100 per hour", deduct_when=_unknown)
def feed(token: str) -> Answer:
    """What a calendar program reads, in the resident's own language."""
    found = queries.reader(token)
    if found is None:
        raise NotFound
    site_url = current_app.extensions["movilab.config"].site_url
    with in_language(found.locale):
        rooms = current_app.extensions["movilab.calendars"]
        on_it = queries.happenings_of(found.resident_id, rooms, site_url=site_url, now=g.now)
        name = current_app.extensions["movilab.config"].site_name
        text = ics.calendar(on_it, now=g.now, name=name)
    return Response(text, content_type=ics.CONTENT_TYPE)


def _day(at: datetime) -> object:
    return clock.day_at(at, clock.home_zone())
