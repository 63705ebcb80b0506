"""The pages of an order: what it says, as a PDF and as a table, and how it leaves."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.http import in_one_breath
from app.core.i18n import _, in_language
from app.purchases.delivery import queries, services, sheets, tables
from app.purchases.delivery.mailing import file_name
from app.purchases.delivery.pages import Answer, blueprint, looked_after
from app.purchases.models import Campaign


@blueprint.get("/purchases/<int:campaign_id>/order")
def order(campaign_id: int) -> Answer:
    """What would leave, before it does."""
    return _page(looked_after(campaign_id))


def _page(campaign: Campaign, fault: str = "", status: int = 200) -> Answer:
    page = render_template(
        "purchases/delivery/order.html",
        campaign=campaign,
        delivery=queries.delivery(campaign.id),
        mails=queries.mails(campaign.id),
        sheet=sheets.order(campaign),
        total=sheets.order_cents(campaign),
        fault=fault,
        typed=request.form,
    )
    return page, status


@blueprint.post("/purchases/<int:campaign_id>/order")
def place_order(campaign_id: int) -> Answer:
    """It leaves by mail, or the organizer carries it herself."""
    by_mail = request.form.get("how") != "oneself"
    words = request.form.get("words", "")
    try:
        with transaction():
            services.order(
                campaign_id=campaign_id, mail=by_mail, words=words, actor_id=current_user.id, now=g.now
            )
    except (Conflict, Invalid) as problem:
        return _page(looked_after(campaign_id), in_one_breath(problem), problem.status)
    flash(_("C’est commandé."), "ok")
    return redirect(url_for(".follow", campaign_id=campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/order/mail")
def mail_order(campaign_id: int) -> Answer:
    """Once more."""
    try:
        with transaction():
            services.write_to_supplier(
                campaign_id=campaign_id,
                words=request.form.get("words", ""),
                actor_id=current_user.id,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _page(looked_after(campaign_id), in_one_breath(problem), problem.status)
    flash(_("La commande part encore une fois."), "ok")
    return redirect(url_for(".order", campaign_id=campaign_id))


@blueprint.get("/purchases/<int:campaign_id>/order.pdf")
def order_pdf(campaign_id: int) -> Response:
    """As the supplier gets it."""
    return pdf_of(looked_after(campaign_id))


@blueprint.get("/purchases/<int:campaign_id>/order.csv")
def order_csv(campaign_id: int) -> Response:
    """The same as a table."""
    campaign = looked_after(campaign_id)
    return file(tables.order(campaign), "text/csv", f"{file_name(campaign)}.csv")


def pdf_of(campaign: Campaign) -> Response:
    """In the hub's language, which is the supplier's."""
    with in_language(campaign.hub.locale):
        return drawn(sheets.order(campaign), file_name(campaign))


def drawn(sheet: sheets.Sheet, name: str) -> Response:
    """A list as a PDF, to look at or to print."""
    from app.purchases.delivery import paper  # noqa: PLC0415 -- fpdf2, only where something is drawn

    return file(paper.drawn(sheet, made_at=g.now), "application/pdf", f"{name}.pdf", shown=True)


def file(content: str | bytes, kind: str, name: str, *, shown: bool = False) -> Response:
    """Something to keep; `shown` opens it in the browser first."""
    answer = Response(content, mimetype=kind)
    how = "inline" if shown else "attachment"
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
