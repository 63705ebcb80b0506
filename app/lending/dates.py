"""The pages' acts on the days of loans: other days for a reservation, keeping several longer at once."""

from flask import flash, g, redirect, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.forms import show_faults
from app.core.http import in_one_breath
from app.core.i18n import _, format_day, ngettext
from app.core.text import whole
from app.lending import forms, services
from app.lending.views import Answer, blueprint, loan_page


@blueprint.post("/loans/<int:loan_id>/days")
def change_days(loan_id: int) -> Answer:
    """Other days for what was asked for or reserved; where they are taken, the page names the nearest free ones."""
    form = forms.DaysForm()
    try:
        first_day, due = forms.two_days(form)
        with transaction():
            loan = services.change_days(
                loan_id=loan_id, actor_id=current_user.id, first_day=first_day, due=due, now=g.now
            )
    except Invalid as invalid:
        show_faults(form, forms.by_field(invalid))
        return loan_page(loan_id, problem=invalid, days_form=form)
    except Conflict as problem:
        return loan_page(loan_id, problem=problem, days_form=form)
    days = {"first": format_day(loan.first_day), "due": format_day(loan.due)}
    if loan.status == "requested":
        flash(_("C’est demandé : du %(first)s au %(due)s. Une réponse suit.", **days), "ok")
    else:
        flash(_("C’est changé : du %(first)s au %(due)s.", **days), "ok")
    return redirect(url_for(".show", loan_id=loan_id))


@blueprint.get("/loans/renew")
def back_to_loans() -> Answer:
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".index"))


@blueprint.post("/loans/renew")
def renew_several() -> Answer:
    """All that was ticked, each for a whole period; what cannot be is named with its reason."""
    ticked = [number for number in map(whole, request.form.getlist("loan")) if number is not None]
    try:
        with transaction():
            kept = services.renew_several(loan_ids=ticked, actor_id=current_user.id, now=g.now)
    except Invalid:
        flash(_("Cochez d’abord ce que vous gardez plus longtemps."), "warn")
        return redirect(url_for(".index"))
    done = [one.title for one in kept if one.problem is None]
    if done:
        said = ngettext(
            "Prolongé : %(titles)s.", "Prolongés : %(titles)s.", len(done), titles=", ".join(done)
        )
        flash(said, "ok")
    for one in kept:
        if one.problem is not None:
            flash(
                _("« %(title)s » : %(why)s", title=one.title or "…", why=in_one_breath(one.problem)), "warn"
            )
    return redirect(url_for(".index"))
