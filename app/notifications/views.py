"""What one was told, and the demo's mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.http import safe_next
from app.core.i18n import _, format_day
from app.notifications import mailbox as mails
from app.notifications import queries, services
from app.notifications.models import Notification
from app.notifications.wording import said
from config import Config

blueprint = Blueprint("notifications", __name__)

LARGEST_ID = 2**31 - 1
SHOWN_ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"
)
"""A mail's HTML shows itself and nothing else: no script, no form, nothing fetched; a click leaves the frame."""


@dataclass(frozen=True)
class Line:
    """One line of the list, ready to be shown; `at` is told in `zone`."""

    id: int
    text: str
    path: str
    at: datetime
    zone: str
    unread: bool


@blueprint.get("/notifications")
def index() -> str:
    page = queries.told_to(current_user.id, cursor=request.args.get("cursor"))
    return render_template(
        "notifications/index.html",
        days=_by_day([_line(row) for row in page.lines]),
        newest=page.lines[0].id if page.lines and not request.args.get("cursor") else LARGEST_ID,
        next_url=url_for(".index", cursor=page.next) if page.next else None,
    )


@blueprint.post("/notifications/read")
def mark_all_read() -> Response:
    up_to = request.form.get("up_to", type=int, default=0)
    with transaction():
        services.mark_all_read(actor_id=current_user.id, up_to=min(max(up_to, 0), LARGEST_ID), now=g.now)
    return redirect(url_for(".index"))


@blueprint.post("/notifications/<int:notification_id>")
def open_one(notification_id: int) -> Response:
    """Seen, and on to where it is settled."""
    with transaction():
        line = services.mark_read(notification_id=notification_id, actor_id=current_user.id, now=g.now)
    return redirect(safe_next(line.path) or url_for(".index"))


@blueprint.get("/mailbox")
def mailbox() -> str:
    """Mails that left, where there is no mail server: in a demo only."""
    letters = mails.newest(_demo().folder / "mail")
    days = groupby(letters, key=lambda letter: clock.day_at(letter.at, clock.home_zone()))
    return render_template(
        "notifications/mailbox.html",
        days=[(_called(day), list(told)) for day, told in days],
        zone=clock.home_zone(),
    )


@blueprint.get("/mailbox/<name>")
def mailbox_message(name: str) -> str:
    return render_template("notifications/mailbox_message.html", mail=_mail(name), zone=clock.home_zone())


@blueprint.get("/mailbox/<name>/html")
def mailbox_html(name: str) -> Response:
    """The HTML part as it was sent, for a frame of its own; its links open in the whole window."""
    html = _mail(name).html.replace("<head>", '<head><base target="_top">', 1)
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = SHOWN_ALONE
    return answer


def _demo() -> Config:
    config: Config = current_app.extensions["movilab.config"]
    if not config.is_demo:
        raise NotFound
    return config


def _mail(name: str) -> mails.Written:
    mail = mails.read(_demo().folder / "mail", name)
    if mail is None:
        raise NotFound
    return mail


def _line(row: Notification) -> Line:
    zone = str(row.params.get("zone") or clock.home_zone())
    return Line(
        id=row.id,
        text=said(row.kind, row.params),
        path=safe_next(row.path) or url_for(".index"),
        at=row.created_at,
        zone=zone,
        unread=row.read_at is None,
    )


def _by_day(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under the days they were told on, as those days are called."""
    days = groupby(lines, key=lambda line: clock.day_at(line.at, line.zone))
    return [(_called(day), list(told)) for day, told in days]


def _called(day: date) -> str:
    away = (clock.day_at(g.now, clock.home_zone()) - day).days
    near = {0: _("Aujourd’hui"), 1: _("Hier")}
    return near.get(away) or format_day(day, year=away > 300)
