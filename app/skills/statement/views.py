"""The pages of one's own account: the statement, hours to offer, one transfer."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import queries as residents
from app.core import codes, tokens
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.forms import choices, show_faults, status
from app.core.http import spoken
from app.core.i18n import _, current_locale
from app.core.text import whole
from app.skills import nearby
from app.skills.ledger import giving, policy, queries, services
from app.skills.ledger.queries import Account
from app.skills.ledger.rules import HOUR, Party
from app.skills.statement import forms
from app.skills.statement.table import table

blueprint = Blueprint("time", __name__)

Answer = str | AnyResponse | tuple[str, int]
BY_CODE = "code"
"""The choice that says: the one whose card this is."""


@blueprint.get("/time")
def show() -> Answer:
    """What she may still ask for comes first; near a limit, what would bring the balance back."""
    me = current_user.id
    account = queries.account_of(me)
    page = queries.entries(Party(resident_id=me), cursor=request.args.get("cursor"))
    return render_template(
        "time/show.html",
        account=account,
        page=page,
        first=not request.args.get("cursor"),
        promises=queries.promises(me) if account.standing.going_out or account.standing.coming_in else [],
        back=_back(account),
    )


def _back(account: Account) -> tuple[str, Any] | None:
    """Needs to answer where little can be asked for any more, offers to learn from where the account is nearly full."""
    near = account.standing.near
    kind: Any = "need" if "paying" in near else "offer" if "receiving" in near else None
    return (kind, nearby.ways_back(current_user.id, kind, near=current_user.home)) if kind else None


@blueprint.get("/time.csv")
def as_table() -> Response:
    """All entries."""
    return table_answer(Party(resident_id=current_user.id), "time.csv")


def table_answer(whose: Party, name: str, timezone: str | None = None) -> Response:
    """The entries of an account as a file."""
    text = table(queries.all_entries(whose), language=current_locale(), timezone=timezone)
    return Response(
        text,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


# -- hours to offer ---------------------------------------------------------------------------------------


@blueprint.route("/time/gifts", methods=["GET", "POST"])
def give() -> Answer:
    """To a hub of hers, to somebody she has shared minutes with, or to anybody by her card."""
    form = forms.GiftForm()
    known = queries.partners(current_user.id)
    form.to.choices = _whom(known)
    if form.is_submitted():
        try:
            with transaction():
                given = giving.give(
                    to=_to(form),
                    minutes=_minutes(form),
                    note=form.note.data,
                    once=form.once.data or "",
                    actor_id=current_user.id,
                    now=g.now,
                )
        except Invalid as invalid:
            show_faults(form, invalid)
        except (Conflict, NotFound) as problem:
            form.form_errors.append(spoken(problem))
        else:
            flash(_("C’est offert. Merci pour eux !"), "ok")
            return redirect(url_for(".transfer", transfer_id=given.id))
    else:
        form.to.data = request.args.get("to", "")
        form.once.data = tokens.new_token()
    account = queries.account_of(current_user.id)
    mine = account.standing.balance - account.standing.going_out
    return render_template("time/give.html", form=form, left=max(0, mine), by_code=BY_CODE), status(form)


def _whom(known: list[queries.Other]) -> list[Any]:
    asked = request.args.get("to", "")
    there = [(f"hub:{hub.id}", hub.name) for hub in current_user.hubs]
    there += [(f"resident:{one.id}", one.name) for one in known]
    number = whole(asked.removeprefix("resident:"))
    if number is not None and all(value != asked for value, _name in there) and number != current_user.id:
        there += [(f"resident:{number}", name) for name in queries.named([number]).values()]
    return choices(*there, (BY_CODE, _("Quelqu’un d’autre, par sa carte")))


def _to(form: forms.GiftForm) -> Party | None:
    kind, _colon, number = (form.to.data or "").partition(":")
    found = whole(number)
    if kind == BY_CODE:
        code = codes.read(form.code.data or "")
        holder = residents.by_code(code) if code is not None and code.kind == codes.MEMBER else None
        if holder is None:
            raise Invalid({"code": "ledger.nobody"})
        return Party(resident_id=holder.id)
    if found is None or kind not in ("hub", "resident"):
        return None
    return Party(hub_id=found) if kind == "hub" else Party(resident_id=found)


def _minutes(form: forms.GiftForm) -> int | None:
    rest = whole(form.minutes.data) or 0
    total = max(0, form.hours.data or 0) * HOUR + rest
    return total or None


# -- one transfer -----------------------------------------------------------------------------------------


@blueprint.get("/time/transfers/<int:transfer_id>")
def transfer(transfer_id: int) -> Answer:
    """Who gave what to whom, and for what; a coordinator puts it right here."""
    return _page(transfer_id, forms.ReverseForm())


def _page(transfer_id: int, form: forms.ReverseForm) -> tuple[str, int]:
    seen = queries.transfer_for(transfer_id, current_user.id)
    open_still = seen.paid.kind != "reversal" and seen.paid.reversed_by_id is None
    return render_template(
        "time/transfer.html",
        seen=seen,
        form=form,
        may_reverse=open_still and not policy.why_not_reverse(seen.sides, seen.actor),
    ), status(form)


@blueprint.post("/time/transfers/<int:transfer_id>/reverse")
def reverse(transfer_id: int) -> Answer:
    """The contrary is written, with why."""
    form = forms.ReverseForm()
    try:
        with transaction():
            contrary = services.reverse(
                transfer_id=transfer_id, actor_id=current_user.id, note=form.note.data or "", now=g.now
            )
    except Invalid as invalid:
        show_faults(form, invalid)
        return _page(transfer_id, form)
    except Conflict as conflict:
        form.form_errors.append(spoken(conflict))
        return _page(transfer_id, form)
    flash(_("C’est corrigé. Les deux personnes sont prévenues."), "ok")
    return redirect(url_for(".transfer", transfer_id=contrary.id))


@blueprint.get("/time/transfers/<int:transfer_id>/reverse")
def back_to_transfer(transfer_id: int) -> Answer:
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".transfer", transfer_id=transfer_id))
