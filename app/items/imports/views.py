"""The pages of tables: send one, see what each row says, agree to it; and take one's objects along."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, BinaryIO

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.core.db import retrying, transaction
from app.core.errors import Conflict, Invalid, TooLarge
from app.core.forms import show_faults
from app.core.http import spoken
from app.core.i18n import _, current_locale
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.items.imports import columns, exporting, queries, reading, services, wording
from app.items.imports.checking import Checker
from app.items.imports.forms import TableForm
from app.items.imports.models import ImportBatch
from app.items.labels import queries as labels
from app.items.models import Item
from app.items.pages import Answer, shelf_choices

blueprint = Blueprint("imports", __name__)

AT_ONCE = 500
SAMPLE = 5


# -- sending ----------------------------------------------------------------------------------------------


@blueprint.route("/hubs/<slug>/import", methods=["GET", "POST"])
def of_hub(slug: str) -> Answer:
    """Objects for the shelves of a hub."""
    hub = hubs.hub(slug)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return _send(hub)


@blueprint.route("/items/import", methods=["GET", "POST"])
def own() -> Answer:
    """One's own objects, many at once."""
    return _send(None)


def _send(hub: Hub | None) -> Answer:
    form = TableForm()
    form.category.choices = [SelectChoice("", _("Aucun : chaque ligne dit le sien")), *shelf_choices()]
    if form.is_submitted():
        try:
            batch_id = _take(form, hub.id if hub else None)
        except Invalid as invalid:
            show_faults(form, invalid)
            return _send_page(form, hub), 422
        except TooLarge as large:
            form.file.errors = [spoken(large)]
            return _send_page(form, hub), large.status
        except Conflict as conflict:
            form.form_errors.append(spoken(conflict))
            return _send_page(form, hub), conflict.status
        return redirect(url_for(".show", batch_id=batch_id))
    return _send_page(form, hub)


def _send_page(form: TableForm, hub: Hub | None) -> str:
    return render_template(
        "items/imports/send.html",
        form=form,
        hub=hub,
        batches=queries.last_batches(hub_id=hub.id if hub else None, maker_id=current_user.id),
        headers=[wording.HEADERS[name] for name in columns.COLUMNS if not (hub and name == "place")],
        most_rows=reading.MOST_ROWS,
        most_mb=reading.MOST_BYTES // (1024 * 1024),
    )


def _take(form: TableForm, hub_id: int | None) -> int:
    """Read the file that was sent, some rows in each transaction, so that nobody waits for a long one."""
    services.may_send(hub_id=hub_id, actor_id=current_user.id)
    upload = form.file.data
    if not upload or not upload.filename:
        raise Invalid({"file": "imports.file_missing"})
    shelf = form.category.data or ""
    stream: BinaryIO = upload.stream
    table = reading.look(stream)
    known = columns.of_header(table.header, shelf_chosen=bool(shelf))

    def begun() -> int:
        with transaction():
            return services.start_reading(
                hub_id=hub_id,
                actor_id=current_user.id,
                file_name=upload.filename,
                table=table,
                columns=known,
                shelf=shelf,
                now=g.now,
            ).id

    batch_id = retrying(begun)
    checker = Checker(
        known,
        hub_id=hub_id,
        actor_id=current_user.id,
        at_home=current_user.home is not None,
        shelf=shelf,
        language=current_locale(),
    )
    rows = reading.rows(stream, table)
    while some := list(islice(rows, AT_ONCE)):
        found = checker.check(some)

        def kept(found: Any = found) -> None:
            with transaction():
                services.keep_rows(batch_id=batch_id, actor_id=current_user.id, rows=found)

        retrying(kept)

    def finished() -> None:
        with transaction():
            services.finish_reading(batch_id=batch_id, actor_id=current_user.id)

    retrying(finished)
    return batch_id


# -- one table --------------------------------------------------------------------------------------------


@blueprint.get("/imports/<int:batch_id>")
def show(batch_id: int) -> Answer:
    """Before it is agreed to: what each row is and what is to be mended. Afterwards: how far it is."""
    batch = _batch(batch_id)
    page = queries.rows_page(batch.id, "bad", cursor=request.args.get("cursor"))
    waits = batch.status == "ready"
    names = {one.value: one.label for one in shelf_choices()}
    return render_template(
        "items/imports/show.html",
        batch=batch,
        page=page,
        said=lambda row: exporting.said(row, batch),
        sample=queries.rows_page(batch.id, "good", limit=SAMPLE).lines if waits else [],
        before=queries.same_file_before(batch) if waits else None,
        shelf=names.get(batch.shelf, ""),
        shelf_names=names,
    )


def _batch(batch_id: int) -> ImportBatch:
    return queries.batch(
        batch_id, viewer_id=current_user.id, counter_at={hub.id for hub in current_user.counter_hubs}
    )


@blueprint.post("/imports/<int:batch_id>/confirm")
def confirm(batch_id: int) -> Answer:
    _batch(batch_id)
    try:
        with transaction():
            services.confirm(batch_id=batch_id, actor_id=current_user.id, now=g.now)
    except Conflict as conflict:
        flash(spoken(conflict), "warn")
    return redirect(url_for(".show", batch_id=batch_id))


@blueprint.post("/imports/<int:batch_id>/discard")
def discard(batch_id: int) -> Answer:
    batch = _batch(batch_id)
    back = url_for(".of_hub", slug=batch.hub.slug) if batch.hub else url_for(".own")
    try:
        with transaction():
            services.discard(batch_id=batch_id, actor_id=current_user.id)
    except Conflict as conflict:
        flash(spoken(conflict), "warn")
        return redirect(url_for(".show", batch_id=batch_id))
    flash(_("C’est laissé de côté. Rien n’a été ajouté."), "ok")
    return redirect(back)


@blueprint.get("/imports/<int:batch_id>/left-out.csv")
def left_out(batch_id: int) -> Response:
    """The rows that were left out, with what is to be mended, to be sent again."""
    batch = _batch(batch_id)
    lines = exporting.left_out(batch, queries.all_bad_rows(batch.id), language=current_locale())
    return _csv(lines, _("a-corriger-%(number)s", number=batch.id))


# -- taking along -----------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/items.csv")
def export_of_hub(slug: str) -> Response:
    """What belongs to a hub."""
    hub = hubs.hub(slug)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return _csv(exporting.table(Item.owner_hub_id == hub.id, language=current_locale()), hub.slug)


@blueprint.get("/items/mine.csv")
def export_own() -> Response:
    """What one offers oneself."""
    whose = labels.of_resident(current_user.id)
    return _csv(exporting.table(whose, language=current_locale()), _("mes-objets"))


def _csv(lines: Iterable[str], name: str) -> Response:
    answer = Response(lines, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
