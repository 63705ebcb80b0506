"""The packing lists: on a phone with ticks that stay, as a PDF, as a table; by person and by product."""

from flask import Response, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.i18n import _
from app.purchases.delivery import queries, services, sheets, tables
from app.purchases.delivery.ordering import drawn, file
from app.purchases.delivery.pages import Answer, blueprint, handed_out, number


def by() -> str:
    """Which of the two lists is asked for."""
    return "product" if request.values.get("by") == "product" else "person"


@blueprint.get("/purchases/<int:campaign_id>/packing")
def packing(campaign_id: int) -> Answer:
    """What goes where; whoever packs ticks it off, and all phones show it."""
    campaign = handed_out(campaign_id)
    crates = [crate for crate in queries.crates(campaign) if crate.to_hand_out]
    lines = [line for crate in crates for line in crate.to_hand_out]
    return render_template(
        "purchases/delivery/packing.html",
        campaign=campaign,
        crates=crates,
        products=[
            (product, [(c, line) for c in crates for line in c.to_hand_out if line.product.id == product.id])
            for product in campaign.products
        ],
        by=by(),
        packed=sum(line.packed for line in lines),
        count=len(lines),
    )


@blueprint.post("/purchases/<int:campaign_id>/packing")
def pack(campaign_id: int) -> Answer:
    """One line; the script only stays where it is."""
    pledge_id = number("pledge")
    with transaction():
        services.pack(
            campaign_id=campaign_id,
            pledge_id=pledge_id,
            product_id=number("product"),
            packed=request.form.get("packed") == "1",
            actor_id=current_user.id,
            now=g.now,
        )
    if request.headers.get("X-Requested-With") == "fetch":
        return Response(status=204)
    return redirect(url_for(".packing", campaign_id=campaign_id, by=by(), _anchor=f"p{pledge_id}"))


@blueprint.get("/purchases/<int:campaign_id>/pick-up.pdf")
def pick_up_pdf(campaign_id: int) -> Response:
    """To print, and to tick by hand."""
    campaign = handed_out(campaign_id)
    crates = queries.crates(campaign)
    sheet = sheets.by_product(campaign, crates) if by() == "product" else sheets.by_person(campaign, crates)
    return drawn(sheet, _("retrait-%(number)s", number=campaign.id))


@blueprint.get("/purchases/<int:campaign_id>/pick-up.csv")
def pick_up_csv(campaign_id: int) -> Response:
    """The same as a table."""
    campaign = handed_out(campaign_id)
    crates = queries.crates(campaign)
    table = tables.by_product(campaign, crates) if by() == "product" else tables.by_person(campaign, crates)
    return file(table, "text/csv", f"{_('retrait-%(number)s', number=campaign.id)}.csv")
