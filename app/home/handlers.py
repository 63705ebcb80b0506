"""What is told about memberships: hubs stand below notifications and cannot tell it themselves."""

from datetime import datetime

from app.core.db import db
from app.events.hubs import MembershipLifted, MembershipSuspended, MembershipVerified
from app.hubs.models import Hub
from app.notifications import services as notifications

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
    notifications.tell(
        resident_id=happened.resident_id,
        kind=kind,
        params={"hub": hub.name},
        path=f"/hubs/{hub.slug}",
        key=f"{kind}:{hub.id}:{happened.resident_id}:{now:%Y%m%dT%H%M%S%f}",
        now=now,
        timezone=hub.timezone,
    )
