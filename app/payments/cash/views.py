"""A hub's cash box for who holds its counter, whoever stands before it, and receipts."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import queries as residents
from app.accounts.models import Resident
from app.core import codes, tokens
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.forms import show_faults, status
from app.core.http import spoken
from app.core.i18n import _, format_money
from app.hubs import queries as hub_queries
from app.hubs import services as hubs
from app.hubs.models import Hub
from app.payments.cash import counting, desk, forms, queries, rules, services
from app.payments.ledger import queries as ledger
from app.payments.ledger import statements
from app.payments.ledger.rules import Account
from app.payments.ledger.subjects import key_of, named

blueprint = Blueprint("cash", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/hubs/<slug>/cash")
def show(slug: str) -> Answer:
    """What should be in it, what came and went."""
    return _page(_hub(slug), count=forms.CountForm(), bank=forms.BankForm(once=tokens.new_token()))


def _page(hub: Hub, *, count: forms.CountForm, bank: forms.BankForm) -> tuple[str, int]:
    cursor = request.args.get("cursor")
    page = queries.receipts(hub.id, cursor=cursor)
    return render_template(
        "payments/cash.html",
        hub=hub,
        box=counting.open_one(hub.id),
        expected=ledger.balance(Account.cash(hub.id)),
        at_bank=ledger.balance(Account.bank(hub.id)),
        counts=[] if cursor else queries.counts(hub.id),
        page=page,
        first=not cursor,
        names=named({line.subject for line in page.lines}),
        count=count,
        bank=bank,
        who=forms.WhoForm(formdata=None),
    ), max(status(count), status(bank))


@blueprint.post("/hubs/<slug>/cash/open")
def open_box(slug: str) -> Answer:
    """The day begins."""
    return _counted(slug, opens=True)


@blueprint.post("/hubs/<slug>/cash/close")
def close_box(slug: str) -> Answer:
    """The day ends."""
    return _counted(slug, opens=False)


def _counted(slug: str, *, opens: bool) -> Answer:
    hub, form = _hub(slug), forms.CountForm()
    given: dict[str, Any] = {"actor_id": current_user.id, "now": g.now}
    try:
        if form.counted_cents.data is None:
            raise Invalid({"counted_cents": form.counted_cents.fault or "core.required"})
        with transaction():
            if opens:
                counting.open_box(hub_id=hub.id, counted_cents=form.counted_cents.data, **given)
                said = _("La caisse est ouverte.")
            else:
                box = counting.open_one(hub.id)
                if box is None:
                    raise Conflict("cash.not_open")
                counting.close_box(
                    box_id=box.id, counted_cents=form.counted_cents.data, note=form.note.data or "", **given
                )
                said = _("La caisse est fermée. Le compte est noté.")
    except Invalid as invalid:
        show_faults(form, invalid)
    except Conflict as problem:
        form.form_errors.append(spoken(problem))
    else:
        flash(said, "ok")
        return redirect(url_for(".show", slug=slug))
    return _page(hub, count=form, bank=forms.BankForm(formdata=None, once=tokens.new_token()))


@blueprint.post("/hubs/<slug>/cash/bank")
def bring_to_bank(slug: str) -> Answer:
    """Notes leave the box."""
    hub, form = _hub(slug), forms.BankForm()
    try:
        if form.cents.data is None:
            raise Invalid({"cents": form.cents.fault or "core.required"})
        with transaction():
            counting.bring_to_bank(
                key=key_of("bank", form.once.data or ""),
                hub_id=hub.id,
                cents=form.cents.data,
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, invalid)
    except Conflict as problem:
        form.form_errors.append(spoken(problem))
    else:
        flash(_("C’est noté : %(sum)s à la banque.", sum=format_money(form.cents.data)), "ok")
        return redirect(url_for(".show", slug=slug))
    return _page(hub, count=forms.CountForm(formdata=None), bank=form)


# -- whoever stands before it -----------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/cash/who")
def who(slug: str) -> Answer:
    """What the holder of this card has to pay here, and what is hers."""
    hub = _hub(slug)
    resident = _holder(request.args.get("code", ""))
    if resident is None:
        flash(_("Nous ne connaissons pas cette carte. Scannez-la encore, ou tapez son code."), "warn")
        return redirect(url_for(".show", slug=slug))
    return _person(hub, resident)


def _person(hub: Hub, resident: Resident, faulty: forms.PayForm | None = None) -> tuple[str, int]:
    open_now = statements.open_of(resident.id)
    names = named([one.subject for one in open_now])
    here = [one for one in open_now if names[one.subject].hub_id in (None, hub.id)]
    mended = next((at for at, one in enumerate(here) if faulty and faulty.subject.data == one.subject), 0)
    shown = [
        (one, names[one.subject], faulty if faulty and at == mended else _pay_form(one, at))
        for at, one in enumerate(here)
    ]
    return render_template(
        "payments/who.html", hub=hub, resident=resident, shown=shown, elsewhere=len(open_now) - len(shown)
    ), status(faulty) if faulty else 200


def _pay_form(one: statements.Open, number: int) -> forms.PayForm:
    """One of several on a page."""
    form = forms.PayForm(
        formdata=None,
        subject=one.subject,
        way="in" if one.cents < 0 else "out",
        cents=abs(one.cents),
        means="cash",
        once=tokens.new_token(),
    )
    for field in form:
        field.id = f"{field.id}-{number}"
    return form


@blueprint.post("/hubs/<slug>/cash/who/<int:resident_id>")
def settle(slug: str, resident_id: int) -> Answer:
    """She pays, or is paid."""
    hub, form = _hub(slug), forms.PayForm()
    try:
        if form.cents.fault:
            raise Invalid({"cents": form.cents.fault})
        with transaction():
            receipt = desk.settle(
                once=form.once.data or "",
                way=form.way.data or "",
                hub_id=hub.id,
                resident_id=resident_id,
                subject=form.subject.data or "",
                cents=form.cents.data,
                means=form.means.data or "",
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, invalid)
    except Conflict as problem:
        form.form_errors.append(spoken(problem))
    else:
        flash(_("C’est noté. Le reçu est là pour qui le veut."), "ok")
        return redirect(url_for(".receipt", receipt_id=receipt.id))
    return _person(hub, residents.resident(resident_id), form)


def _holder(typed: str) -> Resident | None:
    code = codes.read(typed)
    return residents.by_code(code) if code is not None and code.kind == codes.MEMBER else None


# -- receipts ---------------------------------------------------------------------------------------------


@blueprint.get("/receipts/<int:receipt_id>")
def receipt(receipt_id: int) -> Answer:
    """To keep, to print, to put right."""
    return _receipt(receipt_id, forms.ReverseForm())


def _receipt(receipt_id: int, form: forms.ReverseForm) -> tuple[str, int]:
    seen = queries.receipt_for(receipt_id, viewer_id=current_user.id)
    one = seen.receipt
    return render_template(
        "payments/receipt.html",
        seen=seen,
        one=one,
        subject=named([one.subject])[one.subject],
        may_reverse=seen.of_counter and one.reversed_at is None,
        fresh=rules.is_fresh(one.at, now=g.now),
        form=form,
    ), status(form)


@blueprint.post("/receipts/<int:receipt_id>/reverse")
def reverse(receipt_id: int) -> Answer:
    """It was a mistake."""
    form = forms.ReverseForm()
    seen = queries.receipt_for(receipt_id, viewer_id=current_user.id)
    try:
        with transaction():
            services.reverse(
                receipt_id=receipt_id, actor_id=current_user.id, why=form.why.data or "", now=g.now
            )
    except Invalid as invalid:
        show_faults(form, invalid)
    except Conflict as problem:
        form.form_errors.append(spoken(problem))
    except Forbidden as problem:
        if not seen.of_counter:
            raise
        form.form_errors.append(spoken(problem))
    else:
        flash(_("Le reçu est annulé : la somme est de nouveau due."), "ok")
        return redirect(url_for(".receipt", receipt_id=receipt_id))
    return _receipt(receipt_id, form)


def _hub(slug: str) -> Hub:
    """For who holds its counter."""
    hub = hub_queries.hub(slug)
    hubs.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub
