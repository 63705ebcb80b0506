"""What follows when something happens to residents and members, in rooms that theirs may not know."""

from datetime import datetime

from app.core.db import db
from app.events.accounts import HomeMoved
from app.events.hubs import MembershipLifted, MembershipSuspended, MembershipVerified
from app.hubs.models import Hub
from app.items import services as items
from app.notifications import services as notifications
from app.skills import services as skills

KINDS = {
    MembershipVerified: "hubs.verified",
    MembershipSuspended: "hubs.suspended",
    MembershipLifted: "hubs.lifted",
}


def tell_membership(
    happened: MembershipVerified | MembershipSuspended | MembershipLifted, *, now: datetime
) -> None:
    """On the site, and by mail where there is a confirmed address."""
    hub = db.session.get(Hub, happened.hub_id)
    if hub is None:
        return
    kind = KINDS[type(happened)]
    if isinstance(happened, MembershipSuspended) and happened.until_back:
        kind = "hubs.suspended_until_back"
    notifications.tell(
        resident_id=happened.resident_id,
        kind=kind,
        params={"hub": hub.name},
        path=f"/hubs/{hub.slug}",
        key=f"{kind}:{hub.id}:{happened.resident_id}:{now:%Y%m%dT%H%M%S%f}",
        now=now,
        timezone=hub.timezone,
    )


def move_objects(happened: HomeMoved, *, now: datetime) -> None:
    """What is kept at home is published around the new one."""
    items.move_home(resident_id=happened.resident_id, now=now)


def move_skills(happened: HomeMoved, *, now: datetime) -> None:
    """So is what she teaches and wants to learn, where it is not at a hub alone."""
    skills.move_home(resident_id=happened.resident_id, now=now)
