"""The page on which what came is counted: first it says what would follow, then it is done."""

from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask_login import current_user

from app.core.db import transaction
from app.core.errors import Conflict, Invalid
from app.core.http import in_one_breath
from app.core.i18n import _
from app.purchases.delivery import queries, services, typed
from app.purchases.delivery.pages import Answer, blueprint, looked_after
from app.purchases.delivery.weighing import Counted, Weighed, bought, weigh
from app.purchases.models import Campaign
from app.purchases.typed import sum_typed


@blueprint.get("/purchases/<int:campaign_id>/receive")
def receive(campaign_id: int) -> Answer:
    """What was ordered, to be counted."""
    return _page(looked_after(campaign_id))


@blueprint.post("/purchases/<int:campaign_id>/receive")
def count(campaign_id: int) -> Answer:
    """With `sure` it is done, where the figures are those that were shown; else they are shown."""
    campaign = looked_after(campaign_id)
    try:
        lines = _lines(campaign)
        if not request.form.get("sure") or request.form.get("seen") != _seen(lines):
            return _page(campaign, weigh(campaign, lines), seen=_seen(lines))
        with transaction():
            services.receive(campaign_id=campaign_id, lines=lines, actor_id=current_user.id, now=g.now)
    except (Conflict, Invalid) as problem:
        return _page(looked_after(campaign_id), fault=in_one_breath(problem), status=problem.status)
    flash(_("C’est noté. Chacun est prévenu de ce qui l’attend."), "ok")
    return redirect(url_for(".follow", campaign_id=campaign_id))


def _lines(campaign: Campaign) -> dict[int, Counted]:
    return {
        product.id: Counted(
            received=typed.count(request.form.get(f"received-{product.id}"), f"received-{product.id}"),
            price_cents=typed.cents(
                request.form.get(f"price-{product.id}"), f"price-{product.id}", campaign.currency
            ),
        )
        for product in campaign.products
        if product.packs
    }


def _seen(lines: Mapping[int, Counted]) -> str:
    """The figures in one word, by which the form knows whether they were changed after they were shown."""
    return " ".join(f"{number}:{one.received}:{one.price_cents}" for number, one in lines.items())


def _page(
    campaign: Campaign,
    weighed: Weighed | None = None,
    *,
    seen: str = "",
    fault: str = "",
    status: int = 200,
) -> tuple[str, int]:
    lines = [
        {
            "product": product,
            "ordered": bought(product),
            "received": request.form.get(f"received-{product.id}")
            or (bought(product) if product.received is None else product.received),
            "price": request.form.get(f"price-{product.id}")
            or sum_typed(
                product.final_price_cents if product.paid_price_cents is None else product.paid_price_cents,
                campaign.currency,
            ),
        }
        for product in campaign.products
        if product.packs
    ]
    page = render_template(
        "purchases/delivery/receive.html",
        campaign=campaign,
        delivery=queries.delivery(campaign.id),
        lines=lines,
        weighed=weighed,
        seen=seen,
        names={crate.pledge.id: crate.name for crate in queries.crates(campaign)} if weighed else {},
        fault=fault,
    )
    return page, status
