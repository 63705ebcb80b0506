"""The account of a hub, for those who look after it: what it gave and received, hours for volunteers, a mistake to find."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.clock import day_at
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.forms import choices, show_faults, status
from app.core.http import spoken
from app.core.i18n import _, format_hours
from app.core.text import whole
from app.hubs import policy
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.skills.ledger import giving, queries
from app.skills.ledger.rules import Party
from app.skills.statement import forms
from app.skills.statement.views import Answer, blueprint, table_answer


@blueprint.get("/hubs/<slug>/time")
def of_hub(slug: str) -> Answer:
    """Its statement."""
    return _page(_hub(slug), forms.ShiftForm())


def _page(hub: Hub, form: forms.ShiftForm) -> tuple[str, int]:
    form.resident.choices = choices(("", _("Choisir")), *queries.volunteers(hub.id, besides=current_user.id))
    cursor = request.args.get("cursor")
    today = day_at(g.now, hub.timezone)
    return render_template(
        "time/of_hub.html",
        hub=hub,
        form=form,
        account=queries.account_of_hub(hub),
        page=queries.entries(Party(hub_id=hub.id), cursor=cursor),
        first=not cursor,
        today=today,
        earliest=today - giving.SHIFT_DAYS,
    ), status(form)


@blueprint.get("/hubs/<slug>/time.csv")
def hub_as_table(slug: str) -> Response:
    """All entries of the hub."""
    hub = _hub(slug)
    return table_answer(Party(hub_id=hub.id), f"{hub.slug}-time.csv", hub.timezone)


@blueprint.post("/hubs/<slug>/time")
def record_shift(slug: str) -> Answer:
    """A volunteer's time is hers."""
    hub = _hub(slug)
    form = forms.ShiftForm()
    begins, ends = form.begins.data, form.ends.data
    minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute if begins and ends else None
    try:
        with transaction():
            shift = giving.record_shift(
                hub_id=hub.id,
                resident_id=whole(form.resident.data),
                day=form.day.data,
                begins=begins,
                minutes=minutes,
                note=form.note.data,
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, Invalid({_FIELDS.get(name, name): fault for name, fault in invalid.errors.items()}))
        return _page(hub, form)
    except (Conflict, Forbidden) as problem:
        form.form_errors.append(spoken(problem))
        return _page(hub, form)
    if shift.paid < shift.minutes:
        flash(
            _(
                "C’est noté. %(paid)s sont données, %(rest)s ne tiennent pas dans les limites des comptes.",
                paid=format_hours(shift.paid),
                rest=format_hours(shift.minutes - shift.paid),
            ),
            "warn",
        )
    else:
        flash(_("C’est noté : %(hours)s données.", hours=format_hours(shift.paid)), "ok")
    return redirect(url_for(".of_hub", slug=hub.slug))


_FIELDS = {"minutes": "ends"}
"""The page asks until when, where the service counts minutes."""


@blueprint.get("/hubs/<slug>/time/find")
def find_transfer(slug: str) -> Answer:
    """By the number that both statements show."""
    hub = _hub(slug)
    number = whole(request.args.get("number", "").strip())
    if number is None:
        flash(_("Le numéro est écrit sur le relevé de chacun."), "warn")
        return redirect(url_for(".of_hub", slug=hub.slug))
    return redirect(url_for(".transfer", transfer_id=number))


def _hub(slug: str) -> Hub:
    hub = hub_queries.hub(slug)
    roles = next((mine.roles for mine in current_user.hubs if mine.id == hub.id), ())
    for reason in policy.why_not_look_after(roles, is_steward=current_user.is_steward):
        raise Forbidden(reason)
    return hub
