"""The pages of loans: reserving, what one has and lends, one loan with its acts and messages, a hub's loans."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Resident
from app.core import ics
from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, Invalid, NotFound, Problem, TooLarge, Unsupported
from app.core.forms import show_faults
from app.core.http import spoken
from app.core.i18n import _, _l, format_day
from app.core.paging import Page
from app.hubs import queries as hub_queries
from app.items import queries as item_queries
from app.items import rules as item_rules
from app.items import shown
from app.items.models import Item
from app.items.pages import say
from app.items.rules import Taken
from app.items.whole import Whole
from app.lending import forms, lines, queries, rules, services
from app.lending.card_deposits import views as card_deposits
from app.lending.condition import photos
from app.lending.facing import facing
from app.lending.models import STATUSES, Loan
from app.lending.waiting import queries as waiting_queries
from app.lending.waiting import shown as waiting_shown
from app.messages import queries as message_queries

blueprint = Blueprint("lending", __name__)

Answer = str | Response | tuple[str, int]

FILTERS = (
    ("overdue", _l("En retard")),
    ("checked_out", _l("Dehors")),
    ("reserved", _l("Réservés")),
    ("requested", _l("Demandés")),
    ("returned", _l("Rendus")),
    ("", _l("Tous")),
)

KIND_WORDS = (
    _l("Je m’en sers ces jours-là. Une autre fois avec plaisir !"),
    _l("Il est en panne pour le moment."),
    _l("Je ne suis pas là à ces dates."),
    _l("Il est déjà promis à quelqu’un d’autre."),
)
"""Ways to say no that leave the door open."""


# -- reserving --------------------------------------------------------------------------------------------


@blueprint.post("/items/<int:item_id>/reserve")
def reserve(item_id: int) -> Answer:
    """Two taps: the days on the object's page, and this."""
    form = forms.ReserveForm()
    try:
        first_day, due = forms.two_days(form)
        with transaction():
            loan = services.reserve(
                item_id=item_id,
                actor_id=current_user.id,
                first_day=first_day,
                due=due,
                message=form.message.data,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _refused(item_id, form, problem)
    return redirect(url_for(".show", loan_id=loan.id))


@blueprint.get("/items/<int:item_id>/reserve")
def back_to_item(item_id: int) -> Answer:
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for("items.show", item_id=item_id))


def _refused(item_id: int, form: forms.ReserveForm, problem: Problem) -> Answer:
    """Why not, with the nearest days that are free, objects like it, and all that was typed."""
    item = db.session.get(Item, item_id)
    if item is None or item.status in ("draft", "retired"):
        raise NotFound
    if isinstance(problem, Invalid):
        show_faults(form, forms.by_field(problem))
    wished = _wished(form)
    blocked = isinstance(problem, Blocked)
    page = render_template(
        "lending/refused.html",
        item=item,
        form=form,
        title=_("Pas encore") if blocked else _("Presque !"),
        detail=spoken(problem) if not isinstance(problem, Invalid) else _("Ces jours ne vont pas."),
        blockers=problem.blockers if isinstance(problem, Blocked) else [],
        periods=[] if blocked else _free_periods(item, wished),
        similar=_similar(item, wished),
        today=hub_queries.open_days(item.hub).today(g.now),
    )
    return page, problem.status


def _wished(form: forms.ReserveForm) -> rules.Period | None:
    if form.first.data is None or form.last.data is None or form.last.data < form.first.data:
        return None
    return rules.Period(form.first.data, form.last.data)


def _similar(item: Item, wished: rules.Period | None) -> list[shown.Card]:
    """Objects like it that are free on these days (today and the week after it, where none were said)."""
    today = hub_queries.open_days(item.hub).today(g.now)
    days = wished or rules.Period(today, today + timedelta(days=7))
    alike = queries.similar_near(item, first_day=days.first_day, due=days.due)
    found = item_queries.lines([other.id for other in alike], signed_in=True, now=g.now)
    asked = (wished.first_day, wished.due) if wished else None
    return [shown.card(line, signed_in=True, days=asked) for line in found]


def _free_periods(item: Item, wished: rules.Period | None = None) -> list[tuple[date, date]]:
    if not item.lends:
        return []
    return [(one.first_day, one.due) for one in queries.free_choices(item, wished=wished, now=g.now)]


def item_panel(whole: Whole, viewer: Any, now: Any, *, choices: bool) -> dict[str, Any]:
    """What the object's page needs from lending: what stands in this viewer's way whatever the days, the nearest
    free periods (with `choices`), the first day that can be had when the object should be back and is not, the number
    of the viewer's own loan of it, and the line of those who wait."""
    item, today = whole.item, whole.today
    taken = queries.taken_among(whole.claims, today=today)
    earliest = item_rules.earliest_first_day(taken, today=today, terms=whole.terms)
    found: dict[str, Any] = {
        "blockers": [],
        "periods": _periods(whole, taken) if choices and item.lends else [],
        "earliest": earliest if earliest > today else None,
        "loan": None,
        "line": None,
    }
    if not viewer.is_authenticated:
        return found
    faced = facing(item, viewer.id, hub_id=item.hub_id, now=now)
    found["blockers"] = queries.blockers(
        item, viewer, hub=whole.hub, now=now, faced=faced, objects=whole.objects
    )
    found["loan"] = faced.loan_id
    if found["loan"] is None and item.lends and item.owner_resident_id != viewer.id:
        found["line"] = waiting_shown.at_item(
            whole,
            viewer.id,
            stands=any(one.resident_id == viewer.id for one in faced.line),
            blockers=found["blockers"],
            taken=taken,
            now=now,
        )
    return found


def _periods(whole: Whole, taken: Sequence[Taken]) -> list[tuple[date, date]]:
    """The nearest free ones, as `queries.free_choices` finds them."""
    place, item = whole.place, whole.item
    terms = rules.Terms(place.days, place.policy, item.buffer_days, item.max_days)
    wished = terms.usual_from(place.today)
    return [
        (one.first_day, one.due) for one in rules.free_choices(terms, taken, wished=wished, today=place.today)
    ]


def start(app: Flask) -> None:
    """Offer the object's page what lending knows."""
    app.extensions["movilab.item_panel"] = item_panel
    app.extensions["movilab.item_remembered"] = queries.had


# -- one's own --------------------------------------------------------------------------------------------


@blueprint.get("/loans")
def index() -> Answer:
    """What one has, what comes, what one lends: by the day it must move. The same few statements however long."""
    me = current_user.id
    now_open, past = queries.open_and_last(me, last=5)
    stands = waiting_queries.open_places(me)
    hub_id = current_user.hub.id if current_user.hub else None
    waited = [one.item for one in stands]
    shared = lines.around([*now_open, *past.lines], now=g.now, also=hub_id, waited=waited)

    def mine(side: lines.Side, *statuses: str, by: str = "due") -> list[lines.Line]:
        found = [
            loan
            for loan in now_open
            if loan.status in statuses and me == (loan.borrower_id if side == "borrower" else loan.owner_id)
        ]
        found.sort(key=lambda loan: (getattr(loan, by), loan.id))
        return lines.lines(found, me, side=side, now=g.now, shared=shared)

    waits = waiting_shown.waits_of(stands, shared)
    in_hand = mine("borrower", "checked_out")
    coming = mine("borrower", "requested", "reserved", by="first_day")
    return render_template(
        "lending/index.html",
        to_answer=mine("owner", "requested", by="answer_by"),
        in_hand=in_hand,
        coming=coming,
        lent=mine("owner", "reserved", "checked_out"),
        ready=[wait for wait in waits if wait.ready],
        waits=[wait for wait in waits if not wait.ready],
        past=_page_of_lines(past, "borrower", shared),
        nothing=not (now_open or past.lines or waits),
        days=lines.strip(in_hand, coming, place=shared.places[hub_id]),
    )


@blueprint.get("/loans/past")
def past() -> Answer:
    page = queries.past(current_user.id, cursor=request.args.get("cursor"))
    return render_template("lending/past.html", past=_page_of_lines(page, "borrower"))


@blueprint.get("/loans/lent")
def lent() -> Answer:
    """All that was lent of one's own objects, newest first."""
    page = queries.loans_page(role="owner", viewer_id=current_user.id, cursor=request.args.get("cursor"))
    return render_template("lending/lent.html", page=_page_of_lines(page, "owner"))


def _page_of_lines(page: Any, side: lines.Side, shared: lines.Around | None = None) -> dict[str, Any]:
    found = lines.lines(page.lines, current_user.id, side=side, now=g.now, shared=shared)
    return {"lines": found, "next": page.next}


@blueprint.get("/hubs/<slug>/loans")
def hub_loans(slug: str) -> Answer:
    """For those who hold the counter: what is late comes first."""
    chosen = request.args.get("status", "overdue")
    if chosen not in (*STATUSES, "overdue", ""):
        raise NotFound
    hub = next((mine for mine in current_user.hubs if mine.slug == slug), None) or hub_queries.hub(slug)
    if chosen == "overdue":
        page = Page(queries.out_late(hub.id, current_user.id, now=g.now))
    else:
        page = queries.loans_page(
            role="hub",
            viewer_id=current_user.id,
            hub_id=hub.id,
            status=chosen or None,
            cursor=request.args.get("cursor"),
        )
    return render_template(
        "lending/hub_loans.html", hub=hub, page=_page_of_lines(page, "hub"), chosen=chosen, filters=FILTERS
    )


# -- one loan ---------------------------------------------------------------------------------------------


@blueprint.get("/loans/<int:loan_id>")
def show(loan_id: int) -> Answer:
    return loan_page(loan_id)


def loan_page(
    loan_id: int,
    *,
    problem: Problem | None = None,
    renew_form: forms.RenewForm | None = None,
    days_form: forms.DaysForm | None = None,
    message_form: forms.MessageForm | None = None,
) -> Answer:
    """One loan with its acts; where one of them could not be, why not, and what was typed."""
    loan = queries.loan_for(loan_id, current_user.id)
    line = lines.line(loan, current_user.id, now=g.now)
    talks = line.side != "hub" or loan.owner_id is None
    page = render_template(
        "lending/show.html",
        line=line,
        first_name=current_user.name.split()[0],
        history=lines.history(loan, _names(loan)),
        next_steps=lines.next_steps(line, card=current_user.code),
        messages=message_queries.said_about("loan", loan.id) if talks else None,
        message_form=message_form or forms.MessageForm(formdata=None),
        photos=photos,
        renew_form=renew_form or forms.RenewForm(formdata=None),
        days_form=days_form or forms.DaysForm(formdata=None, first=loan.first_day, last=loan.due),
        other_days=_other_days(problem),
        kind_words=KIND_WORDS,
        typed_why=request.form.get("why", ""),
        typed_word=request.form.get("message", ""),
        problem=problem,
        problem_words=spoken(problem) if isinstance(problem, Conflict) else "",
        blockers=problem.blockers if isinstance(problem, Blocked) else [],
        **card_deposits.box_of(loan),
    )
    return page, problem.status if problem else 200


def _other_days(problem: Problem | None) -> list[tuple[date, date]]:
    """The free days that a refusal names."""
    named = problem.params.get("alternatives", []) if problem else []
    return [(one["from"], one["to"]) for one in named]


def _names(loan: Loan) -> dict[int, str]:
    ids = {event.actor_id for event in loan.history if event.actor_id}
    rows = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(ids)))
    return {row.id: row.name for row in rows}


@blueprint.get("/loans/<int:loan_id>.ics")
def days(loan_id: int) -> Answer:
    """The two days that matter, for one's own calendar."""
    loan = queries.loan_for(loan_id, current_user.id)
    line = lines.line(loan, current_user.id, now=g.now)
    text = ics.calendar(lines.happenings(line, site=request.host, page=_address(loan_id)), now=g.now)
    return Response(
        text,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="movilab-{loan_id}.ics"'},
    )


def _address(loan_id: int) -> str:
    return url_for(".show", loan_id=loan_id, _external=True)


def act_on(loan_id: int, do: Callable[[], Loan], said: Callable[[Loan], str]) -> Answer:
    """Do it and say so on the loan's page; where it cannot be, the page says why."""
    try:
        with transaction():
            loan = do()
    except (Conflict, Invalid) as problem:
        return loan_page(loan_id, problem=problem)
    flash(said(loan), "ok")
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.get("/loans/<int:loan_id>/<act>")
def back_to_loan(loan_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.post("/loans/<int:loan_id>/approve")
def approve(loan_id: int) -> Answer:
    return act_on(
        loan_id,
        lambda: services.approve(
            loan_id=loan_id, actor_id=current_user.id, message=request.form.get("message"), now=g.now
        ),
        lambda _loan: _("C’est d’accord. La personne est prévenue."),
    )


@blueprint.post("/loans/<int:loan_id>/decline")
def decline(loan_id: int) -> Answer:
    why = " ".join(filter(None, (request.form.get("kind_word"), request.form.get("why"))))
    return act_on(
        loan_id,
        lambda: services.decline(loan_id=loan_id, actor_id=current_user.id, why=why, now=g.now),
        lambda _loan: _("C’est dit. La personne est prévenue, gentiment."),
    )


@blueprint.post("/loans/<int:loan_id>/cancel")
def cancel(loan_id: int) -> Answer:
    why = request.form.get("why")
    return act_on(
        loan_id,
        lambda: services.cancel(loan_id=loan_id, actor_id=current_user.id, why=why, now=g.now),
        lambda _loan: _("C’est annulé. Les jours sont libres pour les autres."),
    )


@blueprint.post("/loans/<int:loan_id>/renew")
def renew(loan_id: int) -> Answer:
    """The whole period, or until the day that was typed."""
    form = forms.RenewForm()
    typed = (form.due.raw_data or [""])[0]
    try:
        if typed and form.due.data is None:
            raise Invalid({"to": "core.not_a_date"})
        with transaction():
            loan = services.renew(loan_id=loan_id, actor_id=current_user.id, due=form.due.data, now=g.now)
    except Invalid as invalid:
        show_faults(form, Invalid({"due": next(iter(invalid.errors.values()))}))
        return loan_page(loan_id, problem=invalid, renew_form=form)
    except Conflict as problem:
        return loan_page(loan_id, problem=problem, renew_form=form)
    flash(_("Prolongé jusqu’au %(day)s.", day=format_day(loan.due)), "ok")
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.post("/loans/<int:loan_id>/handed-over")
def handed_over(loan_id: int) -> Answer:
    """One of the two neighbours says the object has changed hands."""
    return act_on(
        loan_id,
        lambda: services.hand_over(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        lambda loan: (
            _("C’est noté : parti, à rendre %(day)s.", day=format_day(loan.due))
            if loan.status == "checked_out"
            else _("C’est noté. L’autre personne le confirme d’un geste.")
        ),
    )


@blueprint.post("/loans/<int:loan_id>/handed-back")
def handed_back(loan_id: int) -> Answer:
    """One of the two neighbours says the object is back with its owner."""
    return act_on(
        loan_id,
        lambda: services.hand_back(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        lambda loan: (
            _("C’est revenu. Merci à vous deux !")
            if loan.status == "returned"
            else _("C’est noté. L’autre personne le confirme d’un geste.")
        ),
    )


@blueprint.post("/loans/<int:loan_id>/contest")
def contest(loan_id: int) -> Answer:
    """No, it has not changed hands, whatever the other one tapped."""
    return act_on(
        loan_id,
        lambda: services.contest(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        lambda _loan: _("C’est noté : pas encore. Dites-le aussi dans un message."),
    )


@blueprint.post("/loans/<int:loan_id>/messages")
def post_message(loan_id: int) -> Answer:
    form = forms.MessageForm()
    try:
        with photos.kept(form, loan_id) as photo, transaction():
            services.post_message(
                loan_id=loan_id, actor_id=current_user.id, text=form.text.data, photo=photo, now=g.now
            )
    except (Invalid, TooLarge, Unsupported) as problem:
        say(form, problem)
        return loan_page(loan_id, problem=problem, message_form=form)
    return redirect(url_for(".show", loan_id=loan_id, _anchor="messages"))
