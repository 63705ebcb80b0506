"""The pages of group purchases for everybody: what is open near one, and one of them."""

from typing import Any

from flask import g, render_template, request
from flask_login import current_user

from app.core.errors import Problem
from app.core.http import in_one_breath
from app.geo import places
from app.geo.distance import metres
from app.geo.naming import around
from app.geo.rules import read_point
from app.hubs import queries as hubs
from app.items.shown import distance
from app.purchases import policy, queries, shown
from app.purchases.listed import Listed
from app.purchases.pages import Answer, actor_at, blueprint, looks_after


@blueprint.get("/purchases")
def index() -> Answer:
    """What is open near one's home, near a place that was given, or at one hub; what one takes part in, and what one
    looks after."""
    hub = hubs.hub(request.args["hub"]) if request.args.get("hub") else None
    given = "" if hub else request.args.get("near", "home" if current_user.home else "")
    near = current_user.home if given == "home" else read_point(given)
    statuses = queries.OVER if request.args.get("over") else ("open",)
    page = queries.page(
        statuses=statuses,
        near=near,
        hub_id=hub.id if hub else None,
        resident_id=current_user.id,
        cursor=request.args.get("cursor"),
    )
    known = current_user.is_authenticated and not request.args.get("cursor")
    name = places.named(*near) if near and given != "home" else ""
    return render_template(
        "purchases/index.html",
        page=page,
        hub=hub,
        over=statuses != ("open",),
        lines=[_line(one, with_hub=hub is None) for one in page.lines],
        mine=[_line(one) for one in queries.pledged_by(current_user.id)] if known else [],
        looked_after=[_line(one) for one in queries.looked_after_by(current_user.id)] if known else [],
        near=given if near else "",
        near_words=around(name) if name else "",
        begins_at=[
            one for one in current_user.hubs if not policy.why_not_begin(policy.Actor(None, one.roles))
        ],
    )


def _line(one: Listed, *, with_hub: bool = True) -> shown.Line:
    far = distance(one.distance_m, signed_in=current_user.is_authenticated) if one.distance_m else ""
    return shown.line(one, now=g.now, far=far, with_hub=with_hub)


@blueprint.get("/purchases/<int:campaign_id>")
def show(campaign_id: int) -> Answer:
    """What is bought, at which price, how far it is, until when."""
    return campaign_page(campaign_id)


def campaign_page(campaign_id: int, problem: Problem | None = None, **more: Any) -> Answer:
    """One campaign, whole; `more` for the parts of the page that other rooms fill."""
    campaign = queries.one(campaign_id, actor=actor_at)
    hub, home = campaign.hub, current_user.home
    page = render_template(
        "purchases/show.html",
        campaign=campaign,
        hub=hub,
        tag=shown.tag(campaign, now=g.now),
        progress=shown.progress(campaign),
        products=[shown.product_view(one, currency=campaign.currency) for one in campaign.products],
        far=distance(metres(home[0], home[1], hub.lat, hub.lon), signed_in=True) if home else "",
        open=campaign.status == "open" and campaign.closes_at > g.now,
        pledge=queries.pledge_of(campaign.id, current_user.id),
        looks_after=looks_after(campaign),
        begins=not policy.why_not_begin(actor_at(hub.id)),
        fault=in_one_breath(problem) if problem else "",
        **more,
    )
    return page, problem.status if problem else 200
