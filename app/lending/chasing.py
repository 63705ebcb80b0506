"""The pages of what does not come back: who is late at a hub, what a person has to decide, a closing and what it moves."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.forms import show_faults
from app.core.http import in_one_breath, spoken
from app.core.i18n import _
from app.hubs import queries as hub_queries
from app.hubs.forms import ClosureForm
from app.hubs.services import require_looking_after
from app.lending import late, services
from app.lending.services import closing as closings
from app.lending.views import Answer, act_on, blueprint


@blueprint.get("/hubs/<slug>/late")
def late_people(slug: str) -> Answer:
    """Who is late here; `?to=` opens a letter to one of them, in the tone of `?tone=`."""
    return _late_page(slug, to=request.args.get("to", ""), tone=request.args.get("tone", ""))


def _late_page(
    slug: str, *, to: str = "", tone: str = "", typed: str | None = None, fault: str = ""
) -> Answer:
    hub = next((mine for mine in current_user.hubs if mine.slug == slug), None) or hub_queries.hub(slug)
    people = late.people(hub.id, current_user.id, now=g.now)
    person = next((one for one in people if str(one.id) == to), None)
    tone = tone if tone in late.DRAFTS else person.usual_draft if person else ""
    letter = typed if typed is not None else late.draft(person, tone, place=hub.name) if person else ""
    page = render_template(
        "lending/late.html",
        hub=hub,
        people=people,
        person=person,
        tone=tone,
        letter=letter,
        fault=fault,
        looks_after=_coordinates(hub.id),
    )
    return page, 422 if fault else 200


def _coordinates(hub_id: int) -> bool:
    return any(mine.id == hub_id and "coordinator" in mine.roles for mine in current_user.hubs)


@blueprint.get("/hubs/<slug>/late/<int:resident_id>/<act>")
def back_to_late(slug: str, resident_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".late_people", slug=slug, _anchor=f"person-{resident_id}"))


@blueprint.post("/hubs/<slug>/late/<int:resident_id>/letter")
def write_to_late(slug: str, resident_id: int) -> Answer:
    """The letter as it was read again, sent as a message of the loan."""
    hub = hub_queries.hub(slug)
    text = request.form.get("text", "")
    try:
        with transaction():
            services.write_to_late(
                hub_id=hub.id, resident_id=resident_id, text=text, actor_id=current_user.id, now=g.now
            )
    except Invalid as invalid:
        return _late_page(slug, to=str(resident_id), typed=text, fault=in_one_breath(invalid))
    except Conflict as problem:
        flash(spoken(problem), "warn")
    else:
        flash(_("C’est envoyé. La réponse arrivera dans les messages du prêt."), "ok")
    return redirect(url_for(".late_people", slug=slug))


@blueprint.post("/hubs/<slug>/late/<int:resident_id>/call")
def note_contact(slug: str, resident_id: int) -> Answer:
    """A call or a word in the street, kept for those who look next."""
    hub = hub_queries.hub(slug)
    try:
        with transaction():
            services.note_contact(
                hub_id=hub.id,
                resident_id=resident_id,
                note=request.form.get("note"),
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        flash(in_one_breath(invalid), "warn")
    except Conflict as problem:
        flash(spoken(problem), "warn")
    else:
        flash(_("C’est noté."), "ok")
    return redirect(url_for(".late_people", slug=slug, _anchor=f"person-{resident_id}"))


@blueprint.get("/hubs/<slug>/to-decide")
def to_decide(slug: str) -> Answer:
    """What no rule settles: days that could not leave a closing, what is lost, what nobody came for."""
    hub = hub_queries.hub(slug)
    return render_template(
        "lending/to_decide.html",
        hub=hub,
        found=late.to_decide(hub, current_user.id, now=g.now),
        looks_after=_coordinates(hub.id),
        today=hub_queries.open_days(hub).today(g.now),
    )


# -- a closing --------------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/closing")
def closing(slug: str) -> Answer:
    """What a closing would move, person by person, before it is announced."""
    hub = hub_queries.hub(slug)
    require_looking_after(actor_id=current_user.id, hub_id=hub.id)
    form = ClosureForm(formdata=request.args, meta={"csrf": False})
    found: list[closings.Move] | None = None
    if request.args and form.validate():
        try:
            found = closings.preview(
                hub_id=hub.id,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                actor_id=current_user.id,
                now=g.now,
            )
        except Invalid as invalid:
            show_faults(form, invalid)
    page = render_template(
        "lending/closing.html",
        hub=hub,
        form=form,
        moves=found,
        people=len({move.loan.borrower_id for move in found or []}),
        today=hub_queries.open_days(hub).today(g.now),
    )
    return page, 422 if form.errors else 200


# -- lost and found ---------------------------------------------------------------------------------------


@blueprint.post("/loans/<int:loan_id>/lost")
def mark_lost(loan_id: int) -> Answer:
    return act_on(
        loan_id,
        lambda: services.mark_lost(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        lambda _loan: _("C’est noté perdu. S’il revient, il suffira de le scanner."),
    )


@blueprint.post("/loans/<int:loan_id>/found")
def find_again(loan_id: int) -> Answer:
    return act_on(
        loan_id,
        lambda: services.find_again(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        lambda _loan: _("Retrouvé ! Il peut être prêté de nouveau."),
    )
