"""The pages of sessions: one's own, one of them with its one next step, what a hub is to settle. Asking stands in
`asking.py`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import ics
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.forms import Form, show_faults
from app.core.http import spoken
from app.core.i18n import _, format_day_time
from app.hubs import policy as hub_policy
from app.hubs import queries as hub_queries
from app.messages import queries as message_queries
from app.skills import nearby
from app.skills.sessions import calendar, forms, queries, rules, services, shown
from app.skills.sessions.models import SkillSession

blueprint = Blueprint("sessions", __name__)

Answer = str | Response | tuple[str, int]
Do = Callable[[], SkillSession]


# -- one's own --------------------------------------------------------------------------------------------


@blueprint.get("/sessions")
def index() -> Answer:
    """What waits for me first, then what is coming, what waits for others, and the last that are over."""
    me = current_user.id
    found = shown.lines(queries.open_sessions(me), me, now=g.now)
    past = queries.past_sessions(me, limit=5)
    coming = [line for line in found if line.step == "coming"]
    todo = [line for line in found if line.mine]
    return render_template(
        "sessions/index.html",
        todo=todo,
        coming=sorted(coming, key=lambda line: (line.session.starts_at, line.session.id)),
        waiting=[line for line in found if line not in coming and not line.mine],
        past=shown.lines(past.lines, me, now=g.now),
        next=past.next,
    )


@blueprint.get("/sessions/past")
def past() -> Answer:
    page = queries.past_sessions(current_user.id, cursor=request.args.get("cursor"))
    lines = shown.lines(page.lines, current_user.id, now=g.now)
    return render_template("sessions/past.html", past=lines, next=page.next)


@blueprint.get("/hubs/<slug>/disputes")
def disputes(slug: str) -> Answer:
    """What two neighbours do not agree on, for the coordinators of the hub that hears them."""
    hub = next((mine for mine in current_user.hubs if mine.slug == slug), None) or hub_queries.hub(slug)
    held = next((mine.roles for mine in current_user.hubs if mine.id == hub.id), ())
    reasons = hub_policy.why_not_look_after(held, is_steward=current_user.is_steward)
    if reasons:
        raise Forbidden(reasons[0])
    lines = shown.lines(queries.to_settle(hub.id), current_user.id, now=g.now)
    return render_template("sessions/disputes.html", hub=hub, lines=lines)


# -- one session ------------------------------------------------------------------------------------------


@blueprint.get("/sessions/<int:session_id>")
def show(session_id: int) -> Answer:
    return page_of(session_id)


def page_of(session_id: int, *, problem: Problem | None = None, **typed: Form) -> Answer:
    """One session with its one next step; where an act could not be, why not, and what was typed."""
    seen = queries.session_for(session_id, current_user.id)
    session = seen.session
    line = shown.line(session, current_user.id, now=g.now)
    given: dict[str, Form] = {
        "times_form": forms.TimesForm(formdata=None),
        "confirm_form": forms.ConfirmForm(formdata=None, minutes=line.other_said or session.minutes),
        "dispute_form": forms.DisputeForm(formdata=None),
        "settle_form": forms.SettleForm(formdata=None, minutes=_between(session)),
        "link_form": forms.LinkForm(formdata=None, link=session.link),
        "message_form": forms.MessageForm(formdata=None),
        **typed,
    }
    if isinstance(problem, Conflict):
        nearby.say_ways_back(problem, current_user.id, near=current_user.home)
    page = render_template(
        "sessions/show.html",
        line=line,
        may=shown.may(line, current_user.id, g.now),
        answers=[(time.isoformat(), line.span(time)) for time in line.standing.times if time > g.now],
        messages=None if seen.hears else message_queries.said_about("session", session.id),
        history=session.history,
        shortest=rules.SHORTEST,
        longest=rules.LONGEST,
        typed_why=request.form.get("why", ""),
        opened=next(iter(typed), ""),
        problem_words=spoken(problem) if isinstance(problem, Conflict) else "",
        limit=problem is not None and problem.word == "limit_reached",
        ways_back=problem.params.get("needs") or problem.params.get("offers") if problem else None,
        **given,
    )
    return page, problem.status if problem else 200


def _between(session: SkillSession) -> int:
    """A way to meet in the middle, to begin with."""
    said = [n for n in (session.giver_minutes, session.learner_minutes) if n is not None]
    return sum(said) // len(said) if said else session.minutes


@blueprint.get("/sessions/<int:session_id>.ics")
def day(session_id: int) -> Answer:
    """The agreed time, for one's own calendar."""
    session = queries.own_session(session_id, current_user.id).session
    if session.starts_at is None:
        raise NotFound
    one = calendar.happening(session, current_user.id)
    page = url_for(".show", session_id=session_id, _external=True)
    named = replace(one, uid=f"{one.uid}@{urlsplit(page).hostname}", url=page)  # as the feed names it
    text = ics.calendar([named], now=g.now)
    return Response(
        text,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="movilab-{session_id}.ics"'},
    )


@blueprint.get("/sessions/<int:session_id>/<act>")
def back_to_session(session_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".show", session_id=session_id))


def act_on(
    session_id: int,
    do: Do,
    said: Callable[[SkillSession], str],
    form: tuple[str, Form] | None = None,
) -> Answer:
    """Do it and say so on the session's page; where it cannot be, the page says why, beside what was typed."""
    try:
        with transaction():
            session = do()
    except (Conflict, Invalid) as problem:
        if form is None or isinstance(problem, Conflict):
            return page_of(session_id, problem=problem, **(dict([form]) if form else {}))
        shown_faults = form[1].by_field(problem) if isinstance(form[1], forms.TimesForm) else problem
        show_faults(form[1], shown_faults)
        return page_of(session_id, problem=problem, **dict([form]))
    flash(said(session), "ok")
    return redirect(url_for(".show", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/accept")
def accept(session_id: int) -> Answer:
    """One of the times, as the page offers them."""
    return act_on(
        session_id,
        lambda: services.accept(
            session_id=session_id,
            actor_id=current_user.id,
            start=forms.moment(request.form.get("start")),
            now=g.now,
        ),
        lambda session: _("C’est convenu : %(day)s.", day=_when(session)),
    )


def _when(session: SkillSession) -> str:
    assert session.starts_at is not None
    return format_day_time(session.starts_at, queries.zone_of(session.hub))


@blueprint.post("/sessions/<int:session_id>/times")
def propose(session_id: int) -> Answer:
    """Other times instead."""
    form = forms.TimesForm()

    def do() -> SkillSession:
        zone = queries.zone_of(queries.own_session(session_id, current_user.id).session.hub)
        return services.propose(
            session_id=session_id, actor_id=current_user.id, starts=form.starts(zone), now=g.now
        )

    return act_on(
        session_id, do, lambda _session: _("C’est proposé. La personne est prévenue."), ("times_form", form)
    )


@blueprint.post("/sessions/<int:session_id>/decline")
def decline(session_id: int) -> Answer:
    return act_on(
        session_id,
        lambda: services.decline(
            session_id=session_id, actor_id=current_user.id, why=request.form.get("why"), now=g.now
        ),
        lambda _session: _("C’est dit. La personne est prévenue, gentiment."),
    )


@blueprint.post("/sessions/<int:session_id>/cancel")
def cancel(session_id: int) -> Answer:
    return act_on(
        session_id,
        lambda: services.cancel(
            session_id=session_id, actor_id=current_user.id, why=request.form.get("why"), now=g.now
        ),
        lambda _session: _("C’est annulé. La personne est prévenue."),
    )


@blueprint.post("/sessions/<int:session_id>/confirm")
def confirm(session_id: int) -> Answer:
    form = forms.ConfirmForm()
    return act_on(
        session_id,
        lambda: services.confirm(
            session_id=session_id, actor_id=current_user.id, minutes=_typed(form), now=g.now
        ),
        _after_saying,
        ("confirm_form", form),
    )


def _typed(form: Any) -> int:
    """The minutes that were typed; `Invalid` for none."""
    form.validate()
    if form.minutes.data is None:
        raise Invalid({} if form.minutes.errors else {"minutes": "core.required"})
    return int(form.minutes.data)


def _after_saying(session: SkillSession) -> str:
    if session.status == "confirmed":
        return _("C’est confirmé : %(minutes)s minutes. Merci à vous deux !", minutes=session.moved_minutes)
    if session.status == "disputed":
        return _("C’est noté. Vous ne dites pas la même durée : rien ne bouge pour l’instant.")
    return _("C’est noté. L’autre personne le confirme d’un geste.")


@blueprint.post("/sessions/<int:session_id>/agree")
def agree(session_id: int) -> Answer:
    return act_on(
        session_id,
        lambda: services.agree(session_id=session_id, actor_id=current_user.id, now=g.now),
        lambda session: (
            _after_saying(session)
            if session.status == "confirmed"
            else _("C’est noté : aucune minute ne passe.")
        ),
    )


@blueprint.post("/sessions/<int:session_id>/dispute")
def dispute(session_id: int) -> Answer:
    form = forms.DisputeForm()
    return act_on(
        session_id,
        lambda: services.dispute(
            session_id=session_id,
            actor_id=current_user.id,
            minutes=_typed(form),
            why=form.why.data,
            now=g.now,
        ),
        _after_saying,
        ("dispute_form", form),
    )


@blueprint.post("/sessions/<int:session_id>/settle")
def settle(session_id: int) -> Answer:
    form = forms.SettleForm()
    return act_on(
        session_id,
        lambda: services.settle(
            session_id=session_id,
            actor_id=current_user.id,
            minutes=_typed(form),
            note=form.note.data,
            now=g.now,
        ),
        lambda _session: _("C’est réglé. Les deux personnes sont prévenues."),
        ("settle_form", form),
    )


@blueprint.post("/sessions/<int:session_id>/link")
def set_link(session_id: int) -> Answer:
    form = forms.LinkForm()
    return act_on(
        session_id,
        lambda: services.set_link(
            session_id=session_id, actor_id=current_user.id, link=form.link.data, now=g.now
        ),
        lambda _session: _("Le lien est là, pour vous deux seulement."),
        ("link_form", form),
    )


@blueprint.post("/sessions/<int:session_id>/messages")
def post_message(session_id: int) -> Answer:
    form = forms.MessageForm()
    try:
        with transaction():
            services.post_message(
                session_id=session_id, actor_id=current_user.id, text=form.text.data, now=g.now
            )
    except Invalid as problem:
        show_faults(form, problem)
        return page_of(session_id, problem=problem, message_form=form)
    return redirect(url_for(".show", session_id=session_id, _anchor="messages"))
