"""What the pages of workshops share."""

from typing import Any

from flask import Blueprint, g, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.errors import Problem
from app.core.http import in_one_breath
from app.geo.distance import metres
from app.items.pages import site
from app.items.shown import distance
from app.skills.workshops import policy, queries, rules, shown
from app.skills.workshops.wording import hours

blueprint = Blueprint("workshops", __name__)

Answer = str | Response | tuple[str, int]


def actor_at(hub_id: int) -> policy.Actor:
    """The reader, with the roles that she holds at this hub."""
    mine = next((one for one in current_user.hubs if one.id == hub_id), None)
    return policy.Actor(current_user.id, mine.roles if mine else ())


def far(metres_away: int | None) -> str:
    """How far, as exact as the reader may know."""
    return distance(metres_away, signed_in=current_user.is_authenticated)


def workshop_page(workshop_id: int, problem: Problem | None = None) -> Answer:
    """One date, whole."""
    whole = queries.whole(workshop_id, resident_id=current_user.id, now=g.now)
    one, hub = whole.workshop, whole.hub
    actor = actor_at(hub.id)
    status = whole.attendee.status if whole.attendee else None
    places = shown.places_of(one)
    mine: dict[str, Any] = {}
    if whole.attendee is not None and status == "waiting":
        mine["before"] = queries.before_in_line(one.id, whole.attendee.turn)
    home = current_user.home
    opens, closes = rules.doors(one.starts_at, one.ends_at)
    page = render_template(
        "workshops/show.html",
        whole=whole,
        one=one,
        series=whole.series,
        hub=hub,
        status=status,
        mine=mine,
        places=places,
        crate=shown.crate(places, going=status in ("going", "offered"), now=g.now),
        kept=places.kept_now(g.now),
        tag=shown.tag(one, status, now=g.now),
        badge=shown.badge(one.starts_at, hub.timezone),
        hours=shown.from_to(one.starts_at, one.ends_at, hub.timezone),
        day=shown.day_of(one.starts_at, hub.timezone),
        repeats=shown.repeats(whole.series.rule, whole.series.start),
        others=[shown.line(other, now=g.now) for other in whole.others],
        far=far(metres(home[0], home[1], hub.lat, hub.lon)) if home else "",
        linked_data=shown.linked_data(whole, site=site()),
        earned=hours(whole.series.facilitator_minutes),
        past=one.starts_at <= g.now,
        open=one.state == "planned" and one.starts_at > g.now,
        holds_it=actor.id is not None and actor.id == one.facilitator_id,
        may_organize=not policy.why_not_organize(actor),
        may_see_list=not policy.why_not_see_list(actor, facilitator_id=one.facilitator_id),
        at_the_door=opens <= g.now <= closes,
        fault=in_one_breath(problem) if problem else "",
    )
    return page, problem.status if problem else 200
