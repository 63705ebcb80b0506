"""The stewards' page of jobs."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.admin import queries, rules, services
from app.core import clock
from app.core.db import transaction
from app.core.i18n import _, format_clock, format_short_day, has_sentence, ngettext, sentence
from app.core.jobs import Job
from app.notifications import queries as notifications

blueprint = Blueprint("admin", __name__, url_prefix="/steward")


@blueprint.get("/jobs")
def jobs() -> str:
    services.require_steward(actor_id=current_user.id)
    lines = queries.jobs(_timetable(), now=g.now)
    beat_at = queries.heartbeat()
    given_up, failed_mails = notifications.given_up()
    return render_template(
        "admin/jobs.html",
        jobs=lines,
        failing=[line for line in lines if line.state == "failing"],
        beat_at=beat_at,
        silent=rules.is_silent(beat_at, now=g.now),
        mail=notifications.mail_state(now=g.now),
        given_up=given_up,
        failed_mails=failed_mails,
        events=queries.events(),
        job_name=_job_name,
        moment=_moment,
        said=sentence,
    )


@blueprint.post("/jobs/<name>/run")
def run_now(name: str) -> Response:
    with transaction():
        services.run_now(
            name=name, names=[job.name for job in _timetable()], actor_id=current_user.id, now=g.now
        )
    flash(_("C’est demandé. Le travail passe dans quelques secondes."), "ok")
    return redirect(url_for(".jobs"))


@blueprint.post("/mail/retry")
def retry_mail() -> Response:
    with transaction():
        count = services.retry_mail(actor_id=current_user.id, now=g.now)
    flash(
        ngettext("%(num)s message repart.", "%(num)s messages repartent.", count)
        if count
        else _("Aucun message n’était en échec."),
        "ok",
    )
    return redirect(url_for(".jobs"))


def _timetable() -> Sequence[Job]:
    timetable: Sequence[Job] = current_app.extensions["movilab.timetable"]
    return timetable


def _job_name(name: str) -> str:
    """What a job is called; its own name where nobody gave it one."""
    return sentence(f"job.{name}") if has_sentence(f"job.{name}") else name


def _moment(at: datetime | None) -> str:
    """As short as a table needs: the time today, the day and time else."""
    if at is None:
        return "–"
    zone = clock.home_zone()
    told = format_clock(at, zone)
    day = at.astimezone(ZoneInfo(zone)).date()
    return told if day == clock.day_at(g.now, zone) else f"{format_short_day(day)}, {told}"
