"""The pages of labels: choose and print them, have blank ones made, put one on an object, list what is on a shelf."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from app.core import clock, codes
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.core.forms import show_faults
from app.core.http import spoken
from app.core.i18n import _, current_locale, format_day, sentence
from app.core.text import whole
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.items import policy
from app.items import queries as items
from app.items.imports import queries as tables
from app.items.labels import forms, queries, services
from app.items.labels.formats import USUAL, Sheet, begun
from app.items.labels.models import BlankSticker
from app.items.labels.queries import LabelLine
from app.items.pages import Answer, shelf_choices, site

blueprint = Blueprint("labels", __name__)

MOST_CHOSEN = 100
MOST_LISTED = 3_000


# -- choosing ---------------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/labels")
def of_hub(slug: str) -> Answer:
    """Labels for what stands at a hub."""
    hub = _hub(slug)
    return _choose(queries.of_hub(hub.id), hub)


@blueprint.get("/items/labels")
def own() -> Answer:
    """Labels for one's own objects."""
    return _choose(queries.of_resident(current_user.id), None)


def _hub(slug: str) -> Hub:
    hub = hubs.hub(slug)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub


def _choose(whose: ColumnElement[bool], hub: Hub | None, *, problem: Problem | None = None) -> Answer:
    form = _print_form()
    shelf = request.args.get("shelf")
    page = queries.page(whose, shelf=shelf, cursor=request.args.get("cursor"))
    answer = render_template(
        "items/labels/choose.html",
        hub=hub,
        form=form,
        page=page,
        shelf=shelf,
        shelves=queries.shelves(whose),
        batch=_batch_id(),
        chosen=set(_chosen()),
        problem=spoken(problem) if problem else None,
        most=queries.MOST_LABELS,
    )
    return answer, problem.status if problem else 200


def _print_form() -> forms.PrintForm:
    """What was chosen; where nothing was, the usual sheet from its first label on."""
    return forms.PrintForm(MultiDict({"sheet": USUAL, "start": "1", **request.args}))


def _batch_id() -> int | None:
    return whole(request.args.get("table"))


def _chosen() -> list[int]:
    """The objects that were ticked; none means all of what is shown."""
    ticked = (whole(text) for text in request.args.getlist("item")[:MOST_CHOSEN])
    return [number for number in ticked if number is not None]


# -- printing ---------------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/labels.pdf")
def print_of_hub(slug: str) -> Answer | Response:
    hub = _hub(slug)
    return _print(queries.of_hub(hub.id), hub)


@blueprint.get("/items/labels.pdf")
def print_own() -> Answer | Response:
    return _print(queries.of_resident(current_user.id), None)


@blueprint.get("/items/<int:item_id>/label.pdf")
def print_one(item_id: int) -> Response:
    """One label, at the place of the sheet that is still free."""
    item = items.visible(item_id, current_user)
    if not policy.reads_code(items.keeping_of(item), items.actor_of(current_user)):
        raise Forbidden("items.only_the_owner")
    line = LabelLine(item.id, item.code, item.title, item.shelf, item.hub.name if item.hub else "")
    sheet, start = _sheet(_print_form())
    return _pdf([_label(line)], sheet, start, item.code)


def _print(whose: ColumnElement[bool], hub: Hub | None) -> Answer | Response:
    try:
        sheet, start = _sheet(_print_form())
        batch_id = _batch_id()
        found = queries.to_print(
            whose,
            shelf=request.args.get("shelf"),
            ids=_chosen(),
            among=None if batch_id is None else tables.objects_of(batch_id),
        )
    except (Conflict, Invalid) as problem:
        return _choose(whose, hub, problem=_first(problem))
    return _pdf([_label(line) for line in found], sheet, start, hub.slug if hub else _("mes-objets"))


def _first(problem: Problem) -> Problem:
    """What is wrong, in one sentence."""
    if isinstance(problem, Invalid) and problem.errors:
        code, params = next(iter(problem.errors.values()))
        return Invalid({}, code, **params)
    return problem


def _sheet(form: forms.PrintForm) -> tuple[Sheet, int]:
    """The format that lies in the printer, and its first free place."""
    form.validate()
    return begun(form.sheet.data, form.start.data)


def _label(line: LabelLine) -> dict[str, str]:
    return {
        "code": line.code,
        "title": line.title,
        "place": " · ".join(word for word in (line.hub, line.shelf) if word) or _site_name(),
    }


def _site_name() -> str:
    return site().partition("://")[2].split("/")[0]


def _pdf(wanted: Sequence[dict[str, str]], sheet: Sheet, start: int, name: str) -> Response:
    from app.items.labels import paper  # noqa: PLC0415 -- fpdf2 and its fonts, only where something is printed

    made = paper.labels(
        sheet,
        [paper.Label(link=f"{site()}/c/{one['code']}", **one) for one in wanted],
        start=start,
        made_at=g.now,
    )
    return _file(made, _("etiquettes-%(name)s", name=name))


def _file(made: bytes, name: str) -> Response:
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


# -- blank stickers ---------------------------------------------------------------------------------------


@blueprint.route("/hubs/<slug>/stickers", methods=["GET", "POST"])
def stickers(slug: str) -> Answer:
    """Stickers that are printed before there is an object to put them on."""
    hub = _hub(slug)
    form = forms.BlankForm()
    status = 200
    if form.is_submitted():
        try:
            form.validate()
            with transaction():
                sheet = services.make_blank_stickers(
                    hub_id=hub.id, count=form.count.data, actor_id=current_user.id, now=g.now
                )
        except Invalid as invalid:
            show_faults(form, invalid)
            status = invalid.status
        except Conflict as conflict:
            form.form_errors.append(spoken(conflict))
            status = conflict.status
        else:
            flash(_("Les étiquettes sont prêtes à imprimer."), "ok")
            return redirect(url_for(".stickers", slug=slug, _anchor=f"sheet-{sheet.id}"))
    page = render_template(
        "items/labels/stickers.html",
        hub=hub,
        form=form,
        print_form=_print_form(),
        sheets=queries.sheets(hub.id),
        most=services.MOST_AT_ONCE,
    )
    return page, status


@blueprint.get("/hubs/<slug>/stickers/<int:sheet_id>.pdf")
def print_stickers(slug: str, sheet_id: int) -> Response:
    """Those that still wait for an object."""
    hub = _hub(slug)
    waiting = queries.codes_waiting(sheet_id, hub_id=hub.id)
    if not waiting:
        raise NotFound("labels.unknown_sticker")
    sheet, start = _sheet(_print_form())
    return _pdf([{"code": code, "title": "", "place": hub.name} for code in waiting], sheet, start, hub.slug)


@blueprint.route("/stickers/<code>", methods=["GET", "POST"])
def stick(code: str) -> Answer:
    """A blank sticker that was scanned: put it on a new object, or on one that is there already."""
    sticker = _sticker(code)
    form = forms.StickForm()
    form.category.choices = [SelectChoice("", _("Choisir un rayon")), *shelf_choices()]
    if not form.is_submitted():
        return _stick_page(sticker, form)
    try:
        with transaction():
            item = services.post_with_sticker(
                code=sticker.code,
                title=form.title.data,
                category=form.category.data,
                shelf=form.shelf.data,
                actor_id=current_user.id,
                now=g.now,
            )
    except Invalid as invalid:
        show_faults(form, invalid)
        return _stick_page(sticker, form), invalid.status
    except Conflict as conflict:
        form.form_errors.append(spoken(conflict))
        return _stick_page(sticker, form), conflict.status
    flash(_("C’est collé : %(code)s est « %(title)s ».", code=item.code, title=item.title), "ok")
    return redirect(url_for("items.edit", item_id=item.id))


@blueprint.post("/stickers/<code>/stick")
def stick_on(code: str) -> Answer:
    """On an object that is there already."""
    sticker = _sticker(code)
    try:
        with transaction():
            item = services.stick_on(
                code=sticker.code, item_id=_item_id(), actor_id=current_user.id, now=g.now
            )
    except Conflict as conflict:
        flash(spoken(conflict), "warn")
        return redirect(url_for(".stick", code=sticker.code))
    flash(_("C’est collé : %(code)s est « %(title)s ».", code=item.code, title=item.title), "ok")
    return redirect(url_for("items.show", item_id=item.id))


def _sticker(code: str) -> BlankSticker:
    read = codes.read(code)
    counter_at = {hub.id for hub in current_user.counter_hubs}
    found = queries.blank(str(read), counter_at=counter_at) if read else None
    if found is None:
        raise NotFound("labels.unknown_sticker")
    return found


def _item_id() -> int:
    number = whole(request.form.get("item"))
    if number is None:
        raise NotFound("items.unknown")
    return number


def _stick_page(sticker: BlankSticker, form: forms.StickForm) -> str:
    words = request.args.get("q", "")[:100]
    return render_template(
        "items/labels/stick.html",
        sticker=sticker,
        hub=sticker.sheet.hub,
        form=form,
        words=words,
        found=queries.to_stick_on(sticker.sheet.hub_id, words),
    )


# -- stocktaking ------------------------------------------------------------------------------------------


@blueprint.get("/hubs/<slug>/stock")
def stock(slug: str) -> Answer:
    """What should stand on which shelf, to be ticked with a pencil."""
    hub = _hub(slug)
    shelf = request.args.get("shelf")
    shelves, too_many = _stock(hub, shelf)
    return render_template(
        "items/labels/stock.html",
        hub=hub,
        shelf=shelf,
        names=queries.shelves(queries.of_hub(hub.id)),
        shelves=shelves,
        too_many=too_many,
        most=MOST_LISTED,
        today=_today(hub),
    )


@blueprint.get("/hubs/<slug>/stock.pdf")
def print_stock(slug: str) -> Response:
    from app.items.labels import paper  # noqa: PLC0415 -- fpdf2 and its fonts, only where something is printed

    hub = _hub(slug)
    shelves, too_many = _stock(hub, request.args.get("shelf"))
    if too_many:
        raise Conflict("labels.too_long_a_list", max=MOST_LISTED)
    words = paper.Words(
        title=_("Inventaire de %(hub)s", hub=hub.name),
        made=_("Imprimé le %(day)s", day=format_day(_today(hub), year=True)),
        code=_("Code"),
        thing=_("Objet"),
        today=_("Aujourd’hui"),
        page=_("page #"),
    )
    made = paper.stock_list(
        words,
        [(name, [paper.Row(*row) for row in rows]) for name, rows in shelves],
        made_at=g.now,
    )
    return _file(made, _("inventaire-%(hub)s", hub=hub.slug))


def _today(hub: Hub) -> Any:
    return clock.day_at(g.now, hub.timezone)


def _stock(hub: Hub, shelf: str | None) -> tuple[list[tuple[str, list[tuple[str, str, str, str]]]], bool]:
    """(shelf, its objects as (code, title, category, why it may not be there)); whether there are more than fit."""
    locale = current_locale()
    found = queries.stock(hub.id, today=_today(hub), shelf=shelf, limit=MOST_LISTED + 1)
    shelves = [
        (
            name or _("Sans étagère"),
            [
                (
                    line.code,
                    line.title,
                    line.category_en if locale == "en" else line.category_fr,
                    sentence("labels.lost")
                    if line.lost
                    else sentence(f"labels.claim.{line.where}")
                    if line.where
                    else "",
                )
                for line in lines
            ],
        )
        for name, lines in groupby(found, key=lambda line: line.shelf)
    ]
    return shelves, len(found) > MOST_LISTED
