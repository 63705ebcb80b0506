"""The desk for somebody without e-mail: what she offers and looks for, her sessions, the workshops she comes to. A
volunteer does it with her, by the same services as she would; both names are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.accounts.models import Resident
from app.core import codes
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.http import in_one_breath
from app.core.i18n import _, current_locale
from app.core.text import whole
from app.counter.pages import blueprint, hub_here
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.items.shown import drawn_url
from app.skills import policy, suiting
from app.skills import queries as skill_queries
from app.skills import services as skills
from app.skills.models import Skill
from app.skills.sessions import forms as session_forms
from app.skills.sessions import queries as session_queries
from app.skills.sessions import services as sessions
from app.skills.sessions import shown as sessions_shown
from app.skills.workshops import queries as workshop_queries
from app.skills.workshops import services as workshops
from app.skills.workshops import shown as workshops_shown

Answer = str | Response | tuple[str, int]
WORKSHOPS_SHOWN = 8


@dataclass(frozen=True)
class Served:
    """Who is served at which desk, and what was typed."""

    hub: Hub
    person: Resident
    form: MultiDict[str, str]

    @property
    def on_behalf(self) -> dict[str, Any]:
        """What services are told of who does it, for whom, and where."""
        return {"actor_id": current_user.id, "counter_id": self.hub.id, "now": g.now}

    def number(self, name: str) -> int:
        """A row's number in the form; one that cannot be is not found."""
        number = whole(self.form.get(name, ""))
        if number is None:
            raise NotFound
        return number


Act = Callable[[Served], str]
ACTS: dict[str, Act] = {}


def act(name: str) -> Callable[[Act], Act]:
    """What a form posted to `/counter/<hub>/for/<card>/<name>` does; its answer is said on the page after."""

    def register(do: Act) -> Act:
        ACTS[name] = do
        return do

    return register


@blueprint.get("/counter/<slug>/for/<card>")
def serve(slug: str, card: str) -> Answer:
    return _page(_served(slug, card))


@blueprint.post("/counter/<slug>/for/<card>/<what>")
def serve_act(slug: str, card: str, what: str) -> Answer:
    served = _served(slug, card)
    if what not in ACTS:
        raise NotFound
    try:
        with transaction():
            said = ACTS[what](served)
    except (Conflict, Invalid) as problem:
        return _page(served, problem)
    flash(said, "ok")
    return redirect(url_for(".serve", slug=slug, card=card))


@blueprint.get("/counter/<slug>/for/<card>/<what>")
def back_to_serving(slug: str, card: str, what: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".serve", slug=slug, card=card))


def _served(slug: str, card: str) -> Served:
    """Somebody of this hub who has no address of her own, for those who hold its counter."""
    hub = hub_here(slug)
    code = codes.read(card)
    person = accounts.by_code(code) if code is not None and code.kind == codes.MEMBER else None
    if person is None:
        raise NotFound
    tie = hubs.membership(person.id, hub.id)
    reasons = policy.why_not_act_for(
        has_email=person.email is not None, member_here=tie is not None and tie.status != "suspended"
    )
    if reasons:
        raise Forbidden(reasons[0])
    return Served(hub, person, request.form)


def _page(served: Served, problem: Problem | None = None) -> Answer:
    hub, person, now = served.hub, served.person, g.now
    coming = workshop_queries.coming_page(
        now=now, hub_id=hub.id, resident_id=person.id, limit=WORKSHOPS_SHOWN
    )
    open_ones = session_queries.open_sessions(person.id)
    lines = sessions_shown.lines(open_ones, person.id, now=now)
    page = render_template(
        "counter/serving.html",
        counter_hub=hub,
        person=person,
        own=skill_queries.hers(person.id),
        suiting=suiting.others(person.id, hub_id=hub.id, now=now),
        sessions=[(line, sessions_shown.may(line, person.id, now)) for line in lines],
        workshops=[workshops_shown.line(one, now=now, with_hub=False) for one in coming.lines],
        drawn=drawn_url,
        branches=_branches(),
        lengths=session_forms.LENGTHS,
        typed=served.form if problem else {},
        problem=in_one_breath(problem) if problem else "",
        path=url_for(".serve", slug=hub.slug, card=person.code),
    )
    return page, problem.status if problem else 200


def _branches() -> list[tuple[str, list[tuple[str, str]]]]:
    """The tree of skills as two levels of choices."""
    rows, locale = skill_queries.category_rows(), current_locale()
    return [
        (top.name(locale), [(one.slug, one.name(locale)) for one in rows if one.parent_id == top.id])
        for top in rows
        if top.parent_id is None
    ]


# -- what she offers and looks for ------------------------------------------------------------------------


@act("skill")
def write_down(served: Served) -> str:
    """Something new, at this hub, at any time."""
    do = skills.offer if served.form.get("kind") == "offer" else skills.ask
    do(
        for_id=served.person.id,
        title=served.form.get("title"),
        category=served.form.get("category"),
        description=served.form.get("description"),
        mode=("hub",),
        hub=served.hub.slug,
        **served.on_behalf,
    )
    return _("Au nom de %(name)s, c’est écrit.", name=served.person.name)


@act("pause")
def pause(served: Served) -> str:
    skills.pause(skill_id=served.number("skill"), **served.on_behalf)
    return _("C’est en pause.")


@act("resume")
def resume(served: Served) -> str:
    skills.resume(skill_id=served.number("skill"), **served.on_behalf)
    return _("On le trouve de nouveau.")


@act("close")
def close(served: Served) -> str:
    skills.close(skill_id=served.number("skill"), **served.on_behalf)
    return _("C’est fermé.")


# -- her sessions -----------------------------------------------------------------------------------------


@act("ask")
def ask(served: Served) -> str:
    """At the hub where the other one teaches; here, where she names none."""
    skill = db.session.get(Skill, served.number("skill"))
    if skill is None:
        raise NotFound
    zone = session_queries.zone_of(skill.hub or served.hub)
    form = session_forms.AskForm(served.form)
    sessions.ask(
        skill_id=skill.id,
        for_id=served.person.id,
        starts=form.starts(zone),
        minutes=form.length,
        place="hub",
        hub=served.hub.slug,
        message=served.form.get("message"),
        **served.on_behalf,
    )
    return _("C’est demandé. La réponse se lira ici, au comptoir.")


@act("accept")
def accept(served: Served) -> str:
    sessions.accept(start=session_forms.moment(served.form.get("start")), **_session(served))
    return _("C’est convenu. Notez l’heure sur un papier.")


@act("decline")
def decline(served: Served) -> str:
    sessions.decline(**_session(served))
    return _("C’est dit.")


@act("cancel")
def cancel(served: Served) -> str:
    sessions.cancel(**_session(served))
    return _("La séance est annulée, l’autre personne est prévenue.")


@act("confirm")
def confirm(served: Served) -> str:
    sessions.confirm(minutes=whole(served.form.get("minutes", "")) or 0, **_session(served))
    return _("C’est noté.")


@act("agree")
def agree(served: Served) -> str:
    sessions.agree(**_session(served))
    return _("C’est noté.")


def _session(served: Served) -> dict[str, Any]:
    return {"session_id": served.number("session"), "for_id": served.person.id, **served.on_behalf}


# -- the workshops she comes to ---------------------------------------------------------------------------


@act("register")
def register(served: Served) -> str:
    attendee = workshops.register(**_workshop(served))
    if attendee.status == "going":
        return _("%(name)s a sa place.", name=served.person.name)
    return _("C’est complet : %(name)s est dans la file.", name=served.person.name)


@act("leave")
def leave(served: Served) -> str:
    workshops.leave(**_workshop(served))
    return _("La place est rendue.")


def _workshop(served: Served) -> dict[str, Any]:
    now: datetime = g.now
    return {
        "workshop_id": served.number("workshop"),
        "actor_id": current_user.id,
        "for_id": served.person.id,
        "now": now,
    }
