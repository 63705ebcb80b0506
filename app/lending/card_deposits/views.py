"""The pages of a deposit by card: leaving one, what is asked of it for damage, the answer, and who settles it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.items.pages import say
from app.lending.card_deposits import damage, forms, queries, services
from app.lending.models import Loan
from app.payments.cards.carrying import carry_out

blueprint = Blueprint("card_deposits", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/loans/<int:loan_id>/deposit")
def show(loan_id: int) -> Answer:
    """How it stands, and what can be done."""
    return _page(loan_id), 200


@blueprint.get("/loans/<int:loan_id>/deposit/<act>")
def back_to_deposit(loan_id: int, act: str) -> Answer:  # noqa: ARG001 -- it is in the address
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.post("/loans/<int:loan_id>/deposit/card")
def leave(loan_id: int) -> Answer:
    """Leave a card in place of cash: on to the provider's form, and back to the loan."""
    with transaction():
        attempt_id = services.leave(loan_id=loan_id, actor_id=current_user.id, now=g.now).id
    carry_out(attempt_id, now=g.now)
    here = url_for("lending.show", loan_id=loan_id)
    return redirect(url_for("cards.paying", attempt_id=attempt_id, path=here))


@blueprint.post("/loans/<int:loan_id>/deposit/let-go")
def let_go(loan_id: int) -> Answer:
    """Give the card back at once."""
    return _act(
        loan_id,
        lambda: services.let_go(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        _("La caution est libérée : rien n’est pris."),
    )


@blueprint.post("/loans/<int:loan_id>/deposit/claim")
def claim(loan_id: int) -> Answer:
    """Ask for what the damage comes to."""
    form = forms.SumForm()
    return _act(
        loan_id,
        lambda: damage.claim(
            loan_id=loan_id, actor_id=current_user.id, cents=form.sum(), why=form.why.data, now=g.now
        ),
        _("C’est demandé. La personne a 72 heures pour répondre."),
        claim_form=form,
    )


@blueprint.post("/loans/<int:loan_id>/deposit/accept")
def accept(loan_id: int) -> Answer:
    return _act(
        loan_id,
        lambda: damage.accept(loan_id=loan_id, actor_id=current_user.id, now=g.now),
        _("Merci. La somme est prise sur votre carte, le reste est libéré."),
    )


@blueprint.post("/loans/<int:loan_id>/deposit/contest")
def contest(loan_id: int) -> Answer:
    form = forms.ContestForm()
    return _act(
        loan_id,
        lambda: damage.contest(loan_id=loan_id, actor_id=current_user.id, words=form.answer.data, now=g.now),
        _("C’est noté : une autre personne tranche, et rien n’est pris d’ici là."),
        contest_form=form,
    )


@blueprint.post("/loans/<int:loan_id>/deposit/settle")
def settle(loan_id: int) -> Answer:
    """Confirm what was contested, or drop it."""
    form = forms.SettleForm()
    choice = request.form.get("choice", "")
    return _act(
        loan_id,
        lambda: damage.settle(
            loan_id=loan_id,
            actor_id=current_user.id,
            choice=choice,
            cents=form.sum(),
            why=form.why.data,
            now=g.now,
        ),
        _("C’est abandonné : rien n’est pris.")
        if choice == "drop"
        else _("C’est confirmé. La personne est prévenue."),
        settle_form=form,
    )


def _act(loan_id: int, do: Callable[[], Any], said: str, **typed: Any) -> Answer:
    """Do it and say so; where it cannot be, the page says why, with what was typed."""
    try:
        with transaction():
            do()
    except (Conflict, Invalid) as problem:
        form = next(iter(typed.values()), None) or forms.ContestForm()
        status = say(form, problem)
        return _page(loan_id, problem_form=form, **typed), status
    flash(said, "ok")
    return redirect(url_for(".show", loan_id=loan_id))


def _page(loan_id: int, **typed: Any) -> str:
    found = queries.page_of(loan_id, viewer_id=current_user.id)
    return render_template(
        "lending/card_deposits/show.html",
        zone=found.loan.hub.timezone if found.loan.hub else clock.home_zone(),
        **boxed(found, **typed),
    )


def boxed(found: queries.Shown | None, **typed: Any) -> dict[str, Any]:
    """What the box on the pages of loans and repairs needs."""
    if found is None:
        return {"card_deposit": None}
    claimed = found.claim.cents if found.claim else 0
    empty = {
        "claim_form": forms.SumForm(formdata=None),
        "contest_form": forms.ContestForm(formdata=None),
        "settle_form": forms.SettleForm(formdata=None, data={"cents": claimed}),
        "problem_form": None,
    }
    return {"card_deposit": found, "words_longest": damage.WORDS_LONGEST, **empty, **typed}


def box_of(loan: Loan | None) -> dict[str, Any]:
    """The same for the loan of another page, if it has one."""
    return boxed(queries.shown(loan, viewer_id=current_user.id) if loan else None)
