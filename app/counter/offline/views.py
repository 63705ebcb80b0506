"""The routes of a counter without a network: what a device keeps and asks, and the list that people settle.

A device sends its scans themselves to the JSON API (`app.counter.api`), as any program does."""

from datetime import datetime
from functools import cache
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.core.assets import STATIC
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import in_one_breath
from app.core.i18n import _
from app.core.text import whole
from app.counter.offline import queries, services
from app.hubs import queries as hub_queries
from app.hubs import services as hub_services
from app.hubs.models import Hub

blueprint = Blueprint("offline", __name__, url_prefix="/counter")

Answer = str | AnyResponse | tuple[str, int]

SCOPE = "/counter"
WORKER = "worker.js"
AT_ONCE = 50


def _hub() -> Hub:
    """The hub of the request, if whoever asks holds its counter."""
    hub = hub_queries.hub(request.values.get("hub", ""))
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub


# -- for the device ---------------------------------------------------------------------------------------


@blueprint.get("/worker.js")
def worker() -> Response:
    """The service worker, from an address that lets it stand before the whole counter."""
    script = current_app.send_static_file(f"js/counter/{WORKER}")
    script.headers["Service-Worker-Allowed"] = SCOPE
    script.headers["Cache-Control"] = "no-cache"
    return script


@blueprint.get("/without-network")
def shell() -> Answer:
    """The desk that a device keeps for when there is no network. Public, because a device asks for it without saying
    who it is: nothing of anybody can be in it."""
    nameless = {"slug": "", "name": Markup("<span data-place></span>")}  # the device fills in where it stands
    return render_template("counter/offline/shell.html", counter_hub=nameless, modules=_modules())


@cache
def _modules() -> list[str]:
    """The scripts of the counter, which import each other by name: a device must have them all."""
    return sorted(file.name for file in (STATIC / "js" / "counter").glob("*.js") if file.name != WORKER)


@blueprint.get("/standing")
def standing() -> Response:
    """Who asks, what the server's clock says, and what a form needs: the first question of a device that is back."""
    hub = _hub()
    held = hub_queries.membership(current_user.id, hub.id)
    return _fresh(
        {
            "account": str(current_user.id),
            "now": g.now.isoformat(timespec="milliseconds"),
            "csrf": generate_csrf(),
            "hub": {"slug": hub.slug, "name": hub.name, "timezone": hub.timezone},
            "may_take_over": held is not None and "coordinator" in held.roles,
            "to_settle": queries.how_many_to_settle(hub.id),
        }
    )


@blueprint.get("/day")
def day() -> Response:
    """What a device keeps of this hub until midnight: names and codes of cards, the objects."""
    hub = _hub()
    return _fresh(
        {
            "until": queries.end_of_day(hub, now=g.now).isoformat(),
            "cards": queries.cards(hub.id),
            "things": queries.things(hub, now=g.now),
        }
    )


def _fresh(body: dict[str, Any]) -> Response:
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/to-settle")
def put_down() -> tuple[Response, int]:
    """A device says what it kept and was refused, so that everybody who holds this counter sees it."""
    hub = _hub()
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid({"act": "core.required"})
    refused = services.Refused(
        **{
            name: str(sent.get(name, ""))
            for name in ("key", "act", "item_code", "member_code", "why", "said")
        },
        at=_moment(sent.get("at")),
        ticked=ticked if isinstance(ticked := sent.get("ticked"), dict) else {},
    )
    with transaction():
        services.put_down(refused, hub_id=hub.id, actor_id=current_user.id, now=g.now)
    return _fresh({"to_settle": queries.how_many_to_settle(hub.id)}), 201


def _moment(text: object) -> datetime:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2000 <= at.year <= 2200:
        raise Invalid({"at": "lending.moment_without_zone"})
    return at


@blueprint.post("/take-over")
def take_over() -> Response:
    """A coordinator is about to send what somebody else kept on this device."""
    hub = _hub()
    resident_id, scans = whole(request.form.get("from")), whole(request.form.get("scans"))
    if resident_id is None:
        raise NotFound
    with transaction():
        kept_by = services.take_over(
            hub_id=hub.id, resident_id=resident_id, scans=scans or 0, actor_id=current_user.id, now=g.now
        )
        name = kept_by.name
    return _fresh({"name": name})


# -- for people -------------------------------------------------------------------------------------------


@blueprint.get("/to-settle")
def to_settle() -> Answer:
    """What was kept without a network and could not be accepted: each act, why not, and what can be done."""
    hub = _hub()
    return render_template(
        "counter/offline/to_settle.html",
        hub=hub,
        page=queries.to_settle(hub.id, cursor=request.args.get("cursor"), limit=AT_ONCE),
        settled=queries.settled(hub.id),
    )


@blueprint.post("/to-settle/<int:scan_id>/settled")
def settle(scan_id: int) -> Answer:
    hub = _hub()
    note = request.form.get("note")
    with transaction():
        services.settle(scan_id=scan_id, hub_id=hub.id, actor_id=current_user.id, note=note, now=g.now)
    flash(_("C’est réglé."), "ok")
    return _to_list(hub)


@blueprint.post("/to-settle/<int:scan_id>/again")
def try_again(scan_id: int) -> Answer:
    """The same act once more; what stands in the way still is said."""
    hub = _hub()
    try:
        with transaction():
            scan = services.try_again(scan_id=scan_id, hub_id=hub.id, actor_id=current_user.id, now=g.now)
            lent = scan.act == "check-out"
    except (Conflict, Invalid) as problem:
        flash(_("Toujours pas. %(why)s", why=in_one_breath(problem)), "bad")
    else:
        flash(_("C’est prêté.") if lent else _("C’est rendu."), "ok")
    return _to_list(hub)


def _to_list(hub: Hub) -> AnyResponse:
    return redirect(url_for(".to_settle", hub=hub.slug), 303)
