"""The stewards' page of differences about money."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app.core.db import transaction
from app.core.errors import Invalid
from app.core.forms import Form, Wanted, show_faults, status
from app.core.i18n import _, _l
from app.payments.differences import queries, services

blueprint = Blueprint("differences", __name__)


class NoteForm(Form):
    note = TextAreaField(_l("Ce que vous avez trouvé"), [Wanted()])


@blueprint.get("/admin/payments")
def show() -> tuple[str, int]:
    """Those that stand, then those that went."""
    return _page(None, None)


def _page(faulty: NoteForm | None, mended: int | None) -> tuple[str, int]:
    services.require_steward(actor_id=current_user.id)
    there = queries.there()
    return render_template(
        "payments/differences.html",
        there=[(one, faulty if faulty and one.id == mended else _form(one.id, one.note)) for one in there],
        gone=queries.gone(),
    ), status(faulty) if faulty else 200


def _form(number: int, note: str | None) -> NoteForm:
    form = NoteForm(formdata=None, note=note)
    form.note.id = f"note-{number}"
    return form


@blueprint.post("/admin/payments/<int:difference_id>")
def write_down(difference_id: int) -> Response | tuple[str, int]:
    """What was found out about one."""
    form = NoteForm()
    try:
        with transaction():
            services.write_down(
                difference_id=difference_id,
                note=request.form.get("note", ""),
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, invalid)
        return _page(form, difference_id)
    flash(_("C’est noté."), "ok")
    return redirect(url_for(".show"))
