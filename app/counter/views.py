"""The counter's pages. Every act is a form post that answers the desk as it then stands, at the status of what
happened; the script only sends the same forms without a new page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import codes
from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.http import spoken
from app.core.i18n import _, format_clock, format_day, sentence
from app.counter import queries, rules
from app.counter.queries import Person
from app.counter.wording import SENTENCES
from app.hubs import queries as hub_queries
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.items.labels import queries as labels
from app.items.models import Item
from app.lending import lines, services
from app.lending import queries as lending_queries
from app.lending.models import Loan, RepairTicket
from app.lending.services import CheckedIn, Override, WhereNext

blueprint = Blueprint("counter", __name__)

Answer = str | Response | tuple[str, int]

JUST_NOW = 4


@dataclass
class Said:
    """What the counter answers to a scan. `kind` chooses the words in `counter/_answer.html`, `chime` the sound."""

    kind: str
    chime: str = ""
    status: int = 200
    item: Item | None = None
    loan: Loan | None = None
    next: WhereNext | None = None
    next_name: str = ""
    detail: str = ""
    word: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    shortened: bool = False
    blockers: list[Any] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)
    override_codes: list[str] = field(default_factory=list)
    ticks: "Ticks | None" = None
    copies: list[Item] = field(default_factory=list)
    free_from: date | None = None
    holder: Loan | None = None
    out_elsewhere: bool = False
    expected: Loan | None = None
    ticket: RepairTicket | None = None
    people: list[Person] = field(default_factory=list)
    things: list[Item] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    days_late: int = 0
    note: str = ""


@dataclass(frozen=True)
class Ticks:
    """What was ticked and typed about one hand-out; every further form of it carries this along."""

    code: str
    due: date | None = None
    parts: tuple[str, ...] = ()
    acknowledged: bool = False
    deposit_cents: int | None = None
    override: tuple[str, ...] = ()
    reason: str = ""


@blueprint.after_request
def keep_nothing(response: Any) -> Any:
    """Whoever stood at the desk is not brought back by the browser's arrow."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


# -- the desk ---------------------------------------------------------------------------------------------


@blueprint.get("/counter")
def desk() -> Answer:
    """The counter of one's hub; with several, the one that is chosen."""
    mine = current_user.counter_hubs
    if not mine:
        raise Forbidden("hubs.not_volunteer")
    slug = request.args.get("hub", "")
    if not slug and len(mine) > 1:
        return render_template("counter/choose.html", hubs=mine)
    hub = _hub(slug or mine[0].slug)
    person = _person(request.args.get("member", ""), hub)
    return _desk(hub, person, Said("person" if person else "hello"))


@blueprint.get("/counter/<act>")
def back_to_desk(act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".desk"))


def _hub(slug: str) -> Hub:
    hub = hub_queries.hub(slug)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub


def _person(text: str, hub: Hub) -> Person | None:
    code = codes.read(text)
    if code is None or code.kind != codes.MEMBER:
        return None
    return queries.person_by_code(str(code), hub=hub, now=g.now)


def _desk(hub: Hub, person: Person | None, said: Said) -> Answer:
    today = lending_queries.counter_today(hub.id, now=g.now)
    just_now = lending_queries.just_now(hub.id, now=g.now, limit=JUST_NOW)
    shown = [said.item, *said.copies, *said.things, *(line.loan.item for line in just_now)]
    if person:
        shown += [loan.item for loan in (*person.ready, *person.in_hand)]
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


def _at_desk(act: Callable[[Hub, Person | None], "tuple[Said, Person | None]"]) -> Answer:
    """Read who stands where, act, and show the desk as it is afterwards. What the act refuses is said loudly."""
    hub = _hub(request.form.get("hub", ""))
    person = _person(request.form.get("member", ""), hub)
    try:
        said, person = act(hub, person)
    except (Conflict, Invalid, NotFound) as problem:
        said = Said("problem", "stop", problem.status, detail=_problem_words(problem))
    if person is not None:
        person = _person(person.code, hub)
    return _desk(hub, person, said)


def _problem_words(problem: Problem) -> str:
    if isinstance(problem, Invalid):
        return " ".join(sentence(code, params) for code, params in problem.errors.values())
    return spoken(problem)


# -- a scan -----------------------------------------------------------------------------------------------


@blueprint.post("/counter/scan")
def scan() -> Answer:
    """A card, a label, or a name: the counter knows what is meant."""
    return _at_desk(lambda hub, person: _read(request.form.get("code", ""), hub, person))


def _read(text: str, hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
    seen = rules.read(text)
    if seen.kind == "nothing":
        return Said("person" if person else "hello"), person
    if seen.kind == "half_read":
        return Said("half_read", "stop", 422), person
    if seen.kind == "words":
        return _named(seen.words, hub), person
    if seen.kind == "member":
        found = _person(seen.code, hub)
        return (Said("person"), found) if found else (Said("unknown", "stop", 404, words=seen.code), person)
    item = queries.item_by_code(seen.code)
    if item is None:
        waits = labels.blank(seen.code, counter_at={hub.id}) is not None
        return Said("blank" if waits else "unknown", "stop", 404, words=seen.code), person
    if person is None:
        return _take_back(item, hub), None
    return _lend(item, hub, person, Ticks(item.code)), person


def _named(words: str, hub: Hub) -> Said:
    people = queries.people_named(words, hub_id=hub.id)
    things = queries.things_named(words, hub_id=hub.id)
    return Said(
        "names", "" if people or things else "stop", 200, words=words[:60], people=people, things=things
    )


# -- handing out ------------------------------------------------------------------------------------------


@blueprint.post("/counter/check-out")
def check_out() -> Answer:
    """The same as the second scan, with what was ticked, received, or passed over."""

    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        item = queries.item_by_code(str(codes.read(request.form.get("code", ""))))
        if item is None or person is None:
            return Said("unknown", "stop", 404, words=request.form.get("code", "")[:60]), person
        return _lend(item, hub, person, _typed(item)), person

    return _at_desk(act)


def _typed(item: Item) -> Ticks:
    form = request.form
    known = {part.name for part in item.parts}
    return Ticks(
        code=item.code,
        due=_day(form.get("due", "")),
        parts=tuple(name for name in form.getlist("parts") if name in known),
        acknowledged=bool(form.get("acknowledged")),
        deposit_cents=_cents(form.get("deposit_euros", "")) if form.get("deposit_paid") else None,
        override=tuple(form.getlist("override"))[:10],
        reason=form.get("reason", ""),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({"due": "core.not_a_date"}) from error


def _cents(text: str) -> int:
    cents = rules.cents(text)
    if cents is None:
        raise Invalid({"deposit": "counter.not_a_sum"})
    return cents


def _lend(item: Item, hub: Hub, person: Person, ticks: Ticks) -> Said:
    try:
        with transaction():
            done = services.check_out(
                item_code=item.code,
                member_code=person.code,
                hub_id=hub.id,
                actor_id=current_user.id,
                due=ticks.due,
                parts=list(ticks.parts),
                acknowledged=ticks.acknowledged,
                deposit_received_cents=ticks.deposit_cents,
                override=Override(ticks.override, ticks.reason) if ticks.override else None,
                now=g.now,
            )
    except Conflict as problem:
        return _not_lent(problem, item, hub, person, ticks)
    loan = done.loan
    if done.repeated and rules.means_return(loan.checked_out_at, now=g.now):
        return Said("has_it", item=item, loan=loan)
    usual = lending_queries.terms_of(item, hub).usual_days
    short = loan.walk_in and ticks.due is None and (loan.due - loan.first_day).days < usual
    return Said("lent_again" if done.repeated else "lent", "lent", item=item, loan=loan, shortened=short)


def _not_lent(problem: Conflict, item: Item, hub: Hub, person: Person, ticks: Ticks) -> Said:
    """Why it does not leave, with the choices there are."""
    deposit_only = isinstance(problem, Blocked) and {b.word for b in problem.blockers} == {"deposit_due"}
    if problem.word == "to_tick" or deposit_only:
        return Said("to_tick", "keep", 409, item=item, ticks=ticks)
    if isinstance(problem, Blocked):
        said = Said("blocked", "stop", 409, item=item, ticks=ticks, blockers=problem.blockers)
        said.reasons, said.ways = _about(person, problem)
        if all(blocker.overridable for blocker in problem.blockers):
            said.override_codes = [blocker.word for blocker in problem.blockers]
        return said
    said = _refused(problem, item, ticks)
    said.out_elsewhere = problem.word == "already_out"
    if problem.word in ("already_out", "claimed", "claimed_soon", "in_repair", "kept_free"):
        said.copies = _copies(item, hub)
    if problem.word == "claimed":
        holder = queries.expected_loan(item.id, hub=hub, now=g.now)
        said.holder = holder if holder and holder.borrower_id != person.id else None
    alternatives = problem.params.get("alternatives") or []
    said.free_from = alternatives[0]["from"] if alternatives else None
    return said


def _about(person: Person, problem: Blocked) -> tuple[dict[str, str], dict[str, str]]:
    """The blockers as said about somebody who stands at the counter, and what the volunteer can do about each."""
    reasons, ways = {}, {}
    for blocker in problem.blockers:
        known = f"counter.{blocker.word}"
        params = {**blocker.params, "name": person.name}
        told = known in SENTENCES
        reasons[blocker.word] = sentence(known, params) if told else blocker.detail
        ways[blocker.word] = sentence(f"{known}.way_out", params) if told else blocker.way_out
    return reasons, ways


def _refused(problem: Conflict, item: Item, ticks: Ticks | None = None) -> Said:
    return Said(
        "conflict",
        "stop",
        409,
        item=item,
        detail=spoken(problem),
        word=problem.word,
        params=problem.params,
        ticks=ticks,
    )


def _copies(item: Item, hub: Hub) -> list[Item]:
    """Objects like it that stand here and nobody holds today."""
    days = lending_queries.terms_of(item, hub)
    today = days.days.today(g.now)
    alike = lending_queries.similar_near(item, first_day=today, due=today, limit=20)
    return [other for other in alike if other.hub_id == hub.id][:3]


@blueprint.post("/counter/give-way")
def give_way() -> Answer:
    """Whoever had reserved it gives it up, with a word of why; then it leaves with the person who stands here."""

    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        held = db.session.get(Loan, _number("loan"))
        if held is None or held.hub_id != hub.id or person is None:
            raise NotFound
        reason = request.form.get("reason", "")
        if len(reason.strip()) < 3:
            raise Invalid({"reason": "lending.reason_needed"})
        item = queries.item_by_code(held.item.code)
        assert item is not None
        with transaction():
            services.cancel(loan_id=held.id, actor_id=current_user.id, why=reason, now=g.now)
        return _lend(item, hub, person, Ticks(item.code)), person

    return _at_desk(act)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text)


# -- taking back ------------------------------------------------------------------------------------------


@blueprint.post("/counter/check-in")
def check_in() -> Answer:
    """Take this object back, whoever stands at the desk."""

    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        item = queries.item_by_code(str(codes.read(request.form.get("code", ""))))
        if item is None:
            return Said("unknown", "stop", 404, words=request.form.get("code", "")[:60]), person
        return _take_back(item, hub), person

    return _at_desk(act)


def _take_back(item: Item, hub: Hub) -> Said:
    try:
        with transaction():
            done = services.check_in(item_code=item.code, hub_id=hub.id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        if problem.word != "not_out":
            return _refused(problem, item)
        return Said(
            "here",
            "keep",
            409,
            item=item,
            expected=queries.expected_loan(item.id, hub=hub, now=g.now),
            ticket=lending_queries.open_ticket(item.id),
        )
    return _returned("returned_again" if done.repeated else "returned", done, item, hub)


def _returned(kind: str, done: CheckedIn, item: Item, hub: Hub) -> Said:
    loan = done.loan
    ticket = lending_queries.open_ticket(item.id)
    days = hub_queries.open_days(hub)
    back = days.today(loan.checked_in_at) if loan.checked_in_at else loan.due
    return Said(
        kind,
        "returned" if done.next.kind == "shelf" else "keep",
        item=item,
        loan=loan,
        next=done.next,
        next_name=queries.name_of(done.next.user_id),
        missing=list(ticket.missing) if ticket else [],
        note=ticket.note if ticket else "",
        days_late=max(0, (back - loan.due).days),
    )


@blueprint.post("/counter/describe-return")
def describe_return() -> Answer:
    """How it came back: after the scan, because the scan asks nothing."""

    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        form = request.form
        loan_id = _number("loan")
        loan = db.session.get(Loan, loan_id)
        if loan is None or loan.hub_id != hub.id:
            raise NotFound
        owed = loan.deposit_received_cents if form.get("deposit_returned") else None
        with transaction():
            loan = services.describe_return(
                loan_id=loan_id,
                hub_id=hub.id,
                actor_id=current_user.id,
                condition=form.get("condition", "good"),
                parts=form.getlist("parts") if form.get("parts_shown") else None,
                note=form.get("note"),
                deposit_returned_cents=owed,
                now=g.now,
            )
        again = _take_back(_whole(loan.item_id), hub)  # the same scan once more only says where it goes
        again.kind = "noted"
        return again, person

    return _at_desk(act)


def _whole(item_id: int) -> Item:
    item = db.session.get(Item, item_id)
    if item is None:
        raise NotFound
    return item


# -- the exceptions ---------------------------------------------------------------------------------------


@blueprint.post("/counter/undo")
def undo() -> Answer:
    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        with transaction():
            loan = services.undo(loan_id=_number("loan"), hub_id=hub.id, actor_id=current_user.id, now=g.now)
        return Said("undone", "returned", item=_whole(loan.item_id), loan=loan), person

    return _at_desk(act)


@blueprint.post("/counter/renew")
def renew() -> Answer:
    def act(_hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        with transaction():
            loan = services.renew(loan_id=_number("loan"), actor_id=current_user.id, now=g.now)
        return Said("renewed", "lent", item=_whole(loan.item_id), loan=loan), person

    return _at_desk(act)


@blueprint.post("/counter/verify")
def verify() -> Answer:
    """The proof was looked at, here and now; who is not a member yet joins with it."""

    def act(hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        if person is None:
            raise NotFound
        with transaction():
            if person.status is None:
                hub_services.join(hub_id=hub.id, actor_id=person.id, now=g.now)
            hub_services.verify(hub_id=hub.id, resident_id=person.id, actor_id=current_user.id, now=g.now)
        return Said("verified", "returned"), person

    return _at_desk(act)


@blueprint.post("/counter/repaired")
def repaired() -> Answer:
    def act(_hub: Hub, person: Person | None) -> tuple[Said, Person | None]:
        with transaction():
            ticket = services.close_repair(ticket_id=_number("ticket"), actor_id=current_user.id, now=g.now)
        return Said("repaired", "returned", item=_whole(ticket.item_id)), person

    return _at_desk(act)


# -- any phone's camera -----------------------------------------------------------------------------------


@blueprint.get("/c/<code>")
def open_code(code: str) -> Answer:
    """What a label or a card opens: the object's page, or what can be done with it by whoever holds the phone."""
    read = codes.read(code)
    if read is None:
        return render_template("counter/not_a_code.html"), 404
    if read.kind == codes.MEMBER:
        return _open_card(str(read))
    item = queries.item_by_code(str(read))
    if item is None:
        counters = {hub.id for hub in current_user.counter_hubs}
        if counters and labels.blank(str(read), counter_at=counters):
            return redirect(url_for("labels.stick", code=str(read)))
        return render_template("counter/not_a_code.html"), 404
    if item.hub and any(hub.id == item.hub_id for hub in current_user.counter_hubs):
        return _open_label(item, item.hub)
    loan = queries.loan_between(item.id, current_user.id) if current_user.is_authenticated else None
    if loan is not None and loan.hub_id is None:
        return redirect(url_for("lending.show", loan_id=loan.id))
    return redirect(url_for("items.show", item_id=item.id))


def _open_label(item: Item, hub: Hub) -> Answer:
    return render_template(
        "counter/label.html",
        item=item,
        hub=hub,
        picture=lines.pictures({item.id})[item.id],
        out=queries.loan_out(item.id),
        expected=queries.expected_loan(item.id, hub=hub, now=g.now),
        ticket=lending_queries.open_ticket(item.id),
        today=hub_queries.open_days(hub).today(g.now),
    )


def _open_card(code: str) -> Answer:
    """For those who hold a counter, the desk with this person; for others what it is, and nobody's name."""
    hub = current_user.counter_hub
    if hub is not None:
        return redirect(url_for(".desk", hub=hub.slug, member=code))
    mine = current_user.is_authenticated and current_user.code == code
    return render_template("counter/card.html", mine=mine)
