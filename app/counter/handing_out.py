"""The desk hands out: the second scan, with what was ticked, received, or passed over."""

from datetime import date

from flask import g
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.core import codes
from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, Invalid, NotFound
from app.core.http import spoken
from app.core.i18n import sentence
from app.counter import queries, rules
from app.counter.pages import Stand, act
from app.counter.queries import Person
from app.counter.said import Said, Ticks
from app.counter.wording import SENTENCES
from app.hubs.models import Hub
from app.items.models import Item
from app.lending import queries as lending_queries
from app.lending import services
from app.lending.models import Loan
from app.lending.services import Override

LATER = ("already_out", "claimed", "claimed_soon", "kept_free")
"""Refused for today alone: other days of the same object are offered."""


@act("check-out")
def check_out(stand: Stand) -> Said:
    """The same as the second scan, with what was ticked, received, or passed over."""
    code = stand.form.get("code", "")
    item = queries.item_by_code(str(codes.read(code)))
    if item is None or stand.person is None:
        return Said("unknown", "stop", 404, words=code[:60])
    return lend(item, stand.hub, stand.person, _typed(stand.form, item))


@act("give-way")
def give_way(stand: Stand) -> Said:
    """Whoever had reserved it gives it up, with a word of why; then it leaves with the person who stands here."""
    held = db.session.get(Loan, stand.number("loan"))
    if held is None or held.hub_id != stand.hub.id or stand.person is None:
        raise NotFound
    reason = stand.form.get("reason", "")
    if len(reason.strip()) < 3:
        raise Invalid({"reason": "lending.reason_needed"})
    item = queries.item_by_code(held.item.code)
    assert item is not None
    with transaction():
        services.cancel(loan_id=held.id, actor_id=current_user.id, why=reason, now=g.now)
    return lend(item, stand.hub, stand.person, Ticks(item.code))


@act("set-aside")
def set_aside(stand: Stand) -> Said:
    """Not this one after all: its row is closed, and it stays in the house."""
    item = queries.item_by_code(str(codes.read(stand.form.get("code", ""))))
    return Said("set_aside", "returned", item=item) if item is not None else Said("person")


@act("choose-due")
def choose_due(stand: Stand) -> Said:
    """Another day to bring it back, right after the scan that handed it out."""
    due = _day(stand.form.get("due", ""))
    if due is None:
        raise Invalid({"due": "core.not_a_date"})
    loan_id = stand.loan().id
    with transaction():
        loan = services.choose_due(
            loan_id=loan_id, hub_id=stand.hub.id, actor_id=current_user.id, due=due, now=g.now
        )
    return Said("due_chosen", "lent", item=queries.item(loan.item_id), loan=loan)


def _typed(form: MultiDict[str, str], item: Item) -> Ticks:
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


def lend(item: Item, hub: Hub, person: Person, ticks: Ticks) -> Said:
    """Hand this object to whoever stands at the desk, or say why it does not leave."""
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
        said = blocked(problem, item, person)
        said.ticks = ticks
        if all(blocker.overridable for blocker in problem.blockers):
            said.override_codes = [blocker.word for blocker in problem.blockers]
        return said
    said = refused(problem, item, ticks)
    said.out_elsewhere = problem.word == "already_out"
    if problem.word in (*LATER, "in_repair"):
        said.copies = _copies(item, hub)
    if problem.word == "claimed":
        holder = queries.expected_loan(item.id, hub=hub, now=g.now)
        said.holder = holder if holder and holder.borrower_id != person.id else None
    if problem.word in LATER:
        said.later = next(iter(lending_queries.free_choices(item, now=g.now)), None)
    return said


def blocked(problem: Blocked, item: Item, person: Person) -> Said:
    """What stands in the way of whoever stands at the desk, each reason with its way out."""
    said = Said("blocked", "stop", 409, item=item, blockers=problem.blockers)
    said.reasons, said.ways = about(person.name, problem)
    return said


def about(name: str, problem: Blocked) -> tuple[dict[str, str], dict[str, str]]:
    """The blockers as said about somebody who stands at the counter, and what the volunteer can do about each."""
    reasons, ways = {}, {}
    for blocker in problem.blockers:
        known = f"counter.{blocker.word}"
        params = {**blocker.params, "name": name}
        told = known in SENTENCES
        reasons[blocker.word] = sentence(known, params) if told else blocker.detail
        ways[blocker.word] = sentence(f"{known}.way_out", params) if told else blocker.way_out
    return reasons, ways


def refused(problem: Conflict, item: Item, ticks: Ticks | None = None) -> Said:
    """What the house refuses, in its own words."""
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
    """Objects like it that stand here and nobody holds today, the same ones first."""
    days = lending_queries.terms_of(item, hub)
    today = days.days.today(g.now)
    alike = lending_queries.similar_near(item, first_day=today, due=today, limit=20)
    here = [other for other in alike if other.hub_id == hub.id]
    return sorted(here, key=lambda other: other.title != item.title)[:3]
