"""What all acts of the desk share: who stands where, how an act is done, and the page that answers it.

Every act is a form post that answers the desk as it then stands, at the status of what happened; the script only sends
the same forms without a new page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.core import codes
from app.core.db import db, rehearsal
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import in_one_breath
from app.core.i18n import _, format_clock, format_day
from app.core.text import whole
from app.counter import practice, queries, rows
from app.counter.practice import Played
from app.counter.queries import Person
from app.counter.said import Said
from app.hubs import queries as hub_queries
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.lending import desk, lines
from app.lending.models import Loan

blueprint = Blueprint("counter", __name__)

Answer = str | Response | tuple[str, int]

JUST_NOW = 4


@dataclass
class Stand:
    """Who stands at which desk, and what the form says. An act may put somebody else there, or nobody. `practice`:
    what was played in it so far; None on any other day."""

    hub: Hub
    person: Person | None
    form: MultiDict[str, str]
    practice: list[Played] | None = None

    def number(self, name: str) -> int:
        """A row's number in the form; one that cannot be is not found."""
        number = whole(self.form.get(name, ""))
        if number is None:
            raise NotFound
        return number

    def loan(self) -> Loan:
        """The loan that the form means."""
        if self.practice is None:
            found = db.session.get(Loan, self.number("loan"))
        else:
            found = queries.latest_loan(str(codes.read(self.form.get("code", ""))))
        if found is None or found.hub_id != self.hub.id:
            raise NotFound
        return found


Act = Callable[[Stand], Said]
ACTS: dict[str, Act] = {}


@blueprint.after_request
def keep_nothing(response: Any) -> Any:
    """Whoever stood at the desk is not brought back by the browser's arrow."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def act(name: str) -> Callable[[Act], Act]:
    """This is what a form posted to `/counter/<name>` does. What it refuses is said loudly at the desk."""

    def register(do: Act) -> Act:
        ACTS[name] = do
        blueprint.add_url_rule(f"/counter/{name}", do.__name__, lambda: _at_desk(name), methods=["POST"])
        return do

    return register


def _at_desk(name: str) -> Answer:
    hub = hub_here(request.form.get("hub", ""))
    played = practice.read(request.form.get("practice"), ACTS)
    stand = Stand(hub, person_here(request.form.get("member", ""), hub), request.form, played)
    if played is None:
        return _answer(name, stand)
    with rehearsal():
        for one in played:
            _done(one.act, Stand(hub, person_here(one.form.get("member", ""), hub), one.form, played))
        return _answer(name, stand)


def _answer(name: str, stand: Stand) -> Answer:
    said = _done(name, stand)
    if stand.practice is not None and said.chime and said.status == 200:
        stand.practice = [*stand.practice, Played(name, stand.form)]
    if stand.person is not None:
        stand.person = person_here(stand.person.code, stand.hub)
    return desk_page(stand, said)


def _done(name: str, stand: Stand) -> Said:
    try:
        return ACTS[name](stand)
    except (Conflict, Invalid, NotFound) as problem:
        return Said("problem", "stop", problem.status, detail=in_one_breath(problem))


def hub_here(slug: str) -> Hub:
    """The hub whose counter this is, for its volunteers."""
    hub = hub_queries.hub(slug)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub


def person_here(text: str, hub: Hub) -> Person | None:
    """Whose card this is; None for what is no card."""
    code = codes.read(text)
    if code is None or code.kind != codes.MEMBER:
        return None
    return queries.person_by_code(str(code), hub=hub, now=g.now)


def desk_page(stand: Stand, said: Said) -> Answer:
    """The desk: what it says, who stands there, what was done just now, what today holds."""
    hub, person = stand.hub, stand.person
    today = desk.today_at(hub.id, now=g.now)
    just_now = desk.just_now(hub.id, now=g.now, limit=JUST_NOW)
    waiting = rows.after(stand.form, said, person)
    shown = [
        said.item,
        *(row.item for row in waiting.open),
        *said.copies,
        *said.things,
        *(line.loan.item for line in just_now),
    ]
    if person:
        shown += [loan.item for loan in (*person.ready, *person.in_hand)]
        shown += [place.item for place in person.kept]
    page = render_template(
        "counter/desk.html",
        counter_hub=hub,
        counter_now=_now_words(hub),
        person=person,
        standings=_standings(),
        answer=said,
        day=today,
        short=lambda day: lines.short_day(day, today.today),
        just_now=just_now,
        undoable={line.loan.id for line in just_now if line.undoable},
        pictures=lines.pictures({item.id for item in shown if item is not None}),
        conditions=_conditions(),
        rows=waiting,
        practice=None if stand.practice is None else practice.written(stand.practice),
    )
    return page, said.status


def _now_words(hub: Hub) -> str:
    days = hub_queries.open_days(hub)
    return _(
        "%(day)s, %(clock)s · vous tenez le comptoir",
        day=format_day(days.today(g.now)),
        clock=format_clock(g.now, hub.timezone),
    )


def _standings() -> dict[str | None, str]:
    """How somebody belongs here, in words, by the status of the membership."""
    return {
        None: _("pas encore membre ici"),
        "pending": _("à vérifier"),
        "suspended": _("emprunts suspendus"),
        "verified": _("membre vérifié"),
    }


def _conditions() -> list[tuple[str, str]]:
    return [
        ("good", _("Comme au départ")),
        ("worn", _("Un peu usé")),
        ("incomplete", _("Il manque une pièce")),
        ("damaged", _("Abîmé")),
    ]
