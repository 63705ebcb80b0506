"""Suspensions that a hub's terms make by themselves, and that end by themselves. Those of a person stay a person's."""

from datetime import datetime

from app.core import audit, outbox
from app.core.db import locked_one
from app.events.hubs import MembershipLifted, MembershipSuspended
from app.hubs import queries
from app.hubs.models import Membership


def suspend_until_back(*, hub_id: int, resident_id: int, days: int, now: datetime) -> bool:
    """Stop this member's loans here until what she has had for `days` too long is back; whether it was done. Those who
    hold a role here are left to the coordination."""
    membership = _held(hub_id, resident_id)
    if membership is None or membership.status == "suspended" or membership.roles:
        return False
    membership.status = "suspended"
    membership.suspended_at = now
    membership.suspended_why = None
    membership.lifts_itself = True
    _note("hubs.suspended", membership, now=now, by_terms=True, days=days)
    outbox.record(MembershipSuspended(resident_id=resident_id, hub_id=hub_id, until_back=True), now=now)
    return True


def lift_what_lifts_itself(*, hub_id: int, resident_id: int, now: datetime) -> bool:
    """It is back: as before, verified or waiting to be; whether there was anything to lift."""
    membership = _held(hub_id, resident_id)
    if membership is None or membership.status != "suspended" or not membership.lifts_itself:
        return False
    membership.status = "verified" if membership.verified_at else "pending"
    membership.suspended_at = membership.suspended_why = membership.lifts_itself = None
    _note("hubs.lifted", membership, now=now, by_terms=True)
    outbox.record(MembershipLifted(resident_id=resident_id, hub_id=hub_id), now=now)
    return True


def _held(hub_id: int, resident_id: int) -> Membership | None:
    found = queries.membership(resident_id, hub_id)
    return locked_one(Membership, found.id) if found is not None else None


def _note(act: str, membership: Membership, *, now: datetime, **details: int) -> None:
    audit.note(
        act,
        now=now,
        actor_id=None,
        subject_kind="resident",
        subject_id=membership.resident_id,
        hub_id=membership.hub_id,
        **details,
    )
