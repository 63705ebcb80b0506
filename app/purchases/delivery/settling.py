"""The pages at the end: what is left over, the supplier's bill, the accounts."""

from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid, TooLarge, Unsupported
from app.core.http import in_one_breath, spoken
from app.core.i18n import _
from app.core.tokens import new_token
from app.purchases.delivery import bills, queries, services, sums, typed
from app.purchases.delivery.pages import Answer, blueprint, handed_out, looked_after, number
from app.purchases.delivery.services.leaving import left_over
from app.purchases.delivery.services.settling import settlement
from app.purchases.models import Campaign
from app.purchases.typed import sum_typed

# -- what is left over ------------------------------------------------------------------------------------


@blueprint.get("/purchases/<int:campaign_id>/leftovers")
def leftovers(campaign_id: int) -> Answer:
    """What is nobody's, to be sold or given."""
    return _left_page(handed_out(campaign_id))


def _left_page(campaign: Campaign, *, fault: str = "", status: int = 200) -> Answer:
    left = left_over(campaign) if campaign.status in ("delivered", "closed") else {}
    page = render_template(
        "purchases/delivery/leftovers.html",
        campaign=campaign,
        left=[(product, left[product.id]) for product in campaign.products if product.id in left],
        gone=queries.leftovers(campaign.id),
        plain=sum_typed,
        once=new_token(),
        typed=request.form,
        means=("cash", "cheque", "transfer"),
        fault=fault,
    )
    return page, status


@blueprint.post("/purchases/<int:campaign_id>/leftovers")
def let_go(campaign_id: int) -> Answer:
    """Sold to a member, or given."""
    campaign = handed_out(campaign_id)
    common: dict[str, Any] = {
        "campaign_id": campaign_id,
        "product_id": number("product"),
        "once": request.form.get("once", ""),
        "actor_id": current_user.id,
        "now": g.now,
    }
    try:
        quantity = typed.count(request.form.get("quantity"), "quantity") or 0
        cents = typed.cents(request.form.get("cents"), "cents", campaign.currency) or 0
        with transaction():
            if request.form.get("how") == "given":
                services.give_away(quantity=quantity, **common)
            else:
                services.sell(
                    quantity=quantity,
                    cents=cents,
                    buyer=request.form.get("buyer", ""),
                    means=request.form.get("means", ""),
                    **common,
                )
    except (Conflict, Invalid) as problem:
        return _left_page(queries.campaign(campaign.id), fault=in_one_breath(problem), status=problem.status)
    flash(_("C’est noté."), "ok")
    return redirect(url_for(".leftovers", campaign_id=campaign_id))


# -- the supplier's bill ----------------------------------------------------------------------------------


@blueprint.post("/purchases/<int:campaign_id>/invoices")
def add_invoice(campaign_id: int) -> Answer:
    """A PDF, or a photo of the paper."""
    campaign = looked_after(campaign_id)
    try:
        with bills.kept(request.files.get("file")) as bill, transaction():
            services.add_invoice(
                campaign_id=campaign_id,
                kind=bill.kind,
                file=bill.file,
                title=bill.title,
                actor_id=current_user.id,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _settle_page(campaign, fault=in_one_breath(problem), status=problem.status)
    except (TooLarge, Unsupported) as problem:
        return _settle_page(campaign, fault=spoken(problem), status=problem.status)
    flash(_("La facture est jointe."), "ok")
    return redirect(url_for(".settle", campaign_id=campaign_id))


@blueprint.get("/purchases/<int:campaign_id>/invoices/<int:invoice_id>")
def invoice(campaign_id: int, invoice_id: int) -> Response:
    """As it came, for those who look after the campaign."""
    looked_after(campaign_id)
    return bills.sent(queries.invoice(campaign_id, invoice_id))


# -- the accounts -----------------------------------------------------------------------------------------


@blueprint.get("/purchases/<int:campaign_id>/settle")
def settle(campaign_id: int) -> Answer:
    """What it comes to, to the cent, before it is closed and after."""
    return _settle_page(looked_after(campaign_id))


def _settle_page(campaign: Campaign, *, fault: str = "", status: int = 200) -> Answer:
    crates = queries.crates(campaign)
    page = render_template(
        "purchases/delivery/settle.html",
        campaign=campaign,
        delivery=queries.delivery(campaign.id),
        settled=settlement(campaign),
        promised=sums.promised(campaign),
        left=left_over(campaign) if campaign.status == "delivered" else {},
        unpaid=[crate for crate in crates if crate.sums.owed_cents > 0],
        waiting=[crate for crate in crates if crate.waiting],
        invoices=queries.invoices(campaign.id),
        fault=fault,
    )
    return page, status


@blueprint.post("/purchases/<int:campaign_id>/settle")
def close_accounts(campaign_id: int) -> Answer:
    """Closed: nothing of it changes any more."""
    try:
        with transaction():
            services.settle(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        return _settle_page(looked_after(campaign_id), fault=in_one_breath(problem), status=problem.status)
    flash(_("Les comptes sont réglés, au centime près."), "ok")
    return redirect(url_for(".report", campaign_id=campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/settle/paid")
def pay_supplier(campaign_id: int) -> Answer:
    """He has his money."""
    try:
        with transaction():
            services.pay_supplier(
                campaign_id=campaign_id,
                means=request.form.get("means", ""),
                actor_id=current_user.id,
                now=g.now,
            )
    except (Conflict, Invalid) as problem:
        return _settle_page(looked_after(campaign_id), fault=in_one_breath(problem), status=problem.status)
    flash(_("Le fournisseur est payé."), "ok")
    return redirect(url_for(".settle", campaign_id=campaign_id))


@blueprint.get("/purchases/<int:campaign_id>/settle/paid")
@blueprint.get("/purchases/<int:campaign_id>/invoices")
def back_to_settle(campaign_id: int) -> Answer:
    """Where a browser comes back to after another log-in, or in another language."""
    return redirect(url_for(".settle", campaign_id=campaign_id))
