"""The page on which a session is asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, url_for
from flask_login import current_user

from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.forms import show_faults, status
from app.core.http import spoken
from app.core.i18n import _
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.items.shown import drawing_url
from app.skills import nearby, policy
from app.skills.ledger import queries as ledger
from app.skills.ledger.rules import HOUR
from app.skills.models import Skill
from app.skills.sessions import forms, queries, services
from app.skills.sessions.views import Answer, blueprint

NEAREST = 6
"""Hubs to choose from, besides one's own."""


@blueprint.route("/skills/<int:skill_id>/sessions/new", methods=["GET", "POST"])
def ask(skill_id: int) -> Answer:
    """Up to three times, where, how long, and a word."""
    skill = _skill(skill_id)
    form = forms.AskForm()
    hubs = [] if skill.hub_id is not None or not skill.at_hub else _hubs(skill)
    form.offer(_places(skill, hubs), hubs)
    code = 200
    if form.is_submitted():
        try:
            starts = form.starts(_zone(skill, form))
            with transaction():
                session = services.ask(
                    skill_id=skill_id,
                    actor_id=current_user.id,
                    starts=starts,
                    minutes=form.length,
                    place=form.place.data or "",
                    hub=form.hub.data or None,
                    link=form.link.data if form.place.data == "online" else None,
                    message=form.message.data,
                    now=g.now,
                )
        except Invalid as problem:
            show_faults(form, form.by_field(problem))
            code = status(form)
        except Conflict as problem:
            form.form_errors.append(spoken(problem))
            code = problem.status
        else:
            flash(_("C’est demandé. On vous prévient dès que la personne répond."), "ok")
            return redirect(url_for(".show", session_id=session.id))
        skill = _skill(skill_id)
    else:
        _suggest(form, skill)
    page = render_template(
        "sessions/new.html",
        skill=skill,
        form=form,
        picture=drawing_url(skill.category.drawing),
        hubs=hubs,
        **_short_of_hours(skill),
    )
    return page, code


def _short_of_hours(skill: Skill) -> dict[str, Any]:
    """Where her account leaves no room for an hour: how much it does, and what would bring it back."""
    room = ledger.account_of(current_user.id).standing.can_pay if skill.kind == "offer" else HOUR
    if room >= HOUR:
        return {}
    back = nearby.ways_back(current_user.id, "need", near=current_user.home)
    return {"limit": "need", "room": max(0, room), "ways_back": back}


def _skill(skill_id: int) -> Skill:
    skill = db.session.get(Skill, skill_id)
    if skill is None or not policy.sees(skill.state, skill.resident_id, current_user.id):
        raise NotFound("skills.unknown")
    if skill.resident_id == current_user.id:
        raise Forbidden("sessions.own_skill")
    return skill


def _hubs(skill: Skill) -> list[tuple[str, str]]:
    """Where the skill names none: the hubs that one belongs to, then those nearest to where it is published."""
    near = hub_queries.hubs_page(now=g.now, near=(skill.lat, skill.lon), limit=NEAREST)
    own = {hub.slug: hub.name for hub in current_user.hubs}
    return list((own | {line.hub.slug: line.hub.name for line in near.lines}).items())


def _places(skill: Skill, hubs: Sequence[tuple[str, str]]) -> list[str]:
    """Where it may be; at a hub only where there is one to name."""
    found = [place for place in skill.modes if place != "hub" or skill.hub_id is not None or hubs]
    return found or list(skill.modes)


def _zone(skill: Skill, form: forms.AskForm) -> str:
    """On which clock the hours were typed: that of the place."""
    hub: Hub | None = skill.hub if form.place.data == "hub" else None
    if form.place.data == "hub" and hub is None and form.hub.data:
        try:
            hub = hub_queries.hub(form.hub.data)
        except NotFound:
            hub = None
    return queries.zone_of(hub)


def _suggest(form: forms.AskForm, skill: Skill) -> None:
    """Begin with the next time that suits both, so that one tap may be enough."""
    start = next((one for one in queries.openings(skill, now=g.now) if _suits(skill, one)), None)
    if start is None:
        return
    zone = skill.hub.timezone if skill.hub is not None else clock.home_zone()
    there = start.astimezone(ZoneInfo(zone))
    form.process(
        formdata=None, data={"day_0": there.date(), "time_0": there.time(), "place": form.place.data}
    )


def _suits(skill: Skill, start: datetime) -> bool:
    later = g.now + timedelta(hours=12)
    return start > later and queries.suits(skill, current_user.id, start, 60)
