"""The organizer's page of a campaign: one next step at a time, how pledges came in, who has yet to pay or pick up; and the
report that is left at the end."""

from flask import g, render_template, url_for

from app.purchases.delivery import queries, rules, shown
from app.purchases.delivery.pages import Answer, blueprint, looked_after
from app.purchases.delivery.queries import Crate
from app.purchases.delivery.services.leaving import left_over
from app.purchases.delivery.services.settling import settlement
from app.purchases.models import Campaign

STEPS = {
    "open": "purchases.show",
    "collect": "collecting.show",
    "order": "delivery.order",
    "receive": "delivery.receive",
    "hand_out": "delivery.hand_out",
    "leftovers": "delivery.leftovers",
    "collect_dues": "delivery.hand_out",
    "invoice": "delivery.settle",
    "settle": "delivery.settle",
}
"""Where each step is done."""


@blueprint.get("/purchases/<int:campaign_id>/follow")
def follow(campaign_id: int) -> Answer:
    """How it stands, and what to do next."""
    campaign = looked_after(campaign_id)
    crates = queries.crates(campaign)
    invoices = queries.invoices(campaign.id)
    left = left_over(campaign) if campaign.status == "delivered" else {}
    step = rules.next_step(_standing(campaign, crates, left=sum(left.values()), invoiced=bool(invoices)))
    return render_template(
        "purchases/delivery/follow.html",
        campaign=campaign,
        delivery=queries.delivery(campaign.id),
        crates=crates,
        unpaid=[crate for crate in crates if crate.sums.owed_cents > 0],
        waiting=[crate for crate in crates if crate.waiting],
        fillings=queries.fillings(campaign),
        curve=shown.curve(
            queries.pledged(campaign),
            begins=campaign.opens_at or campaign.created_at,
            ends=min(campaign.decided_at or g.now, max(g.now, campaign.created_at)),
            minimum_cents=campaign.minimum_cents,
            timezone=campaign.hub.timezone,
        ),
        canvas=shown,
        mails=queries.mails(campaign.id),
        invoices=invoices,
        left=left,
        step=step,
        step_url=url_for(STEPS[step], campaign_id=campaign.id) if step in STEPS else "",
    )


def _standing(campaign: Campaign, crates: list[Crate], *, left: int, invoiced: bool) -> rules.Standing:
    return rules.Standing(
        status=campaign.status,
        waiting=sum(crate.waiting for crate in crates),
        unpaid=sum(crate.sums.owed_cents > 0 for crate in crates),
        left_over=left,
        invoiced=invoiced,
    )


@blueprint.get("/purchases/<int:campaign_id>/report")
def report(campaign_id: int) -> Answer:
    """What became of it, to print and to keep."""
    campaign = looked_after(campaign_id)
    delivery = queries.delivery(campaign.id)
    return render_template(
        "purchases/delivery/report.html",
        campaign=campaign,
        delivery=delivery,
        settled=settlement(campaign),
        crates=queries.crates(campaign),
        leftovers=queries.leftovers(campaign.id),
        invoices=queries.invoices(campaign.id),
    )
