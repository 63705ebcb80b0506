"""What can be seen of hubs: their open days, who belongs to them, which are near."""

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.hubs.models import Hub, Membership
from app.hubs.rules import ClosedDays, LendingPolicy, OpenDays, Opening


def open_days(hub: Hub | None) -> OpenDays:
    """Everything that decides on which days this hub is open; without a hub, every day in the installation's zone."""
    if hub is None:
        return OpenDays(timezone=clock.home_zone())
    return OpenDays(
        timezone=hub.timezone,
        week=tuple(Opening(o.weekday, o.opens, o.closes) for o in hub.opening_hours),
        closures=tuple(ClosedDays(c.first_day, c.last_day, c.why) for c in hub.closures),
        country=hub.country if hub.closed_on_holidays else None,
        subdivision=hub.subdivision,
    )


def lending_policy(hub: Hub | None) -> LendingPolicy:
    """The terms of this hub; the defaults where there is none."""
    return hub.policy if hub is not None else LendingPolicy()


def membership(resident_id: int, hub_id: int) -> Membership | None:
    """What ties this resident to this hub, if anything."""
    return db.session.scalar(
        select(Membership).where(Membership.resident_id == resident_id, Membership.hub_id == hub_id)
    )
