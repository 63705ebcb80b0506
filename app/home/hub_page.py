"""A hub's own page. It stands under the hubs' address, and is put together here because it also shows what rooms
above the hubs know: the objects on its shelves, the workshops, what is bought together, what is taught there."""

from flask import g, render_template
from flask_login import current_user

from app.core.i18n import current_locale
from app.geo.distance import metres
from app.home import queries as gathered
from app.hubs import queries, rules
from app.hubs.models import Hub
from app.hubs.views import blueprint
from app.items import shown
from app.purchases import shown as purchases
from app.reports import queries as reports
from app.skills import shown as skills
from app.skills.workshops import shown as workshops

HOLIDAY_LANGUAGES = {"en": "en_US"}
"""How the calendar of holidays calls our languages; in French it speaks as each country does."""
SOON = 3
"""Closures named on the page before "the whole year"."""


@blueprint.get("/hubs/<slug>")
def show(slug: str) -> str:
    hub = queries.hub(slug)
    days = queries.open_days(hub)
    mine = next((one for one in current_user.hubs if one.id == hub.id), None)
    roles = mine.roles if mine else ()
    home = current_user.home
    known = current_user.is_authenticated
    shelves = gathered.shelves_of(hub, signed_in=known, now=g.now)
    learning = gathered.learning_at(hub, viewer_id=current_user.id if known else None, now=g.now)
    return render_template(
        "hubs/show.html",
        hub=hub,
        policy=hub.policy,
        door=rules.door(days, g.now),
        today=days.today(g.now),
        week=queries.week_in_order(hub),
        closures=_that_matter(
            hub, queries.closures_ahead(hub, now=g.now, language=HOLIDAY_LANGUAGES.get(current_locale()))
        ),
        soon=SOON,
        distance_m=metres(home[0], home[1], hub.lat, hub.lon) if home else None,
        mine=mine,
        holds_counter="volunteer" in roles,
        looks_after="coordinator" in roles or current_user.is_steward,
        cards=[shown.card(line, signed_in=known)._replace(place="") for line in shelves.lines],
        item_count=shelves.count,
        workshops=[workshops.line(one, now=g.now, with_hub=False) for one in learning.workshops],
        bought=[
            purchases.line(one, now=g.now, with_hub=False)
            for one in gathered.bought_at(hub, viewer_id=current_user.id if known else None)
        ],
        taught=[skills.row(line, signed_in=known) for line in learning.skills],
        reported=reports.how_many_open(hub.id, viewer_id=current_user.id)
        if "coordinator" in roles or current_user.is_steward
        else 0,
        pending=queries.how_many_pending(hub.id) if "volunteer" in roles else 0,
    )


def _that_matter(hub: Hub, closures: list[rules.ClosedDays]) -> list[rules.ClosedDays]:
    """Closures that change something: a holiday on a day that is closed every week is not news."""
    open_weekdays = {opening.weekday for opening in hub.opening_hours}
    return [
        closure
        for closure in closures
        if closure.first_day != closure.last_day or closure.first_day.weekday() in open_weekdays
    ]
