"""What all acts on workshops stand on: rows that are held, who may, what is written down."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.core import audit
from app.core.db import locked, locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.hubs import queries as hubs
from app.skills.workshops import policy
from app.skills.workshops.models import Workshop, WorkshopSeries


def workshop_held(workshop_id: int) -> Workshop:
    """The date, held until the transaction ends, so that its places are taken one after another."""
    found = locked_one(Workshop, workshop_id)
    if found is None:
        raise NotFound("workshops.unknown")
    return found


def series_held(series_id: int) -> WorkshopSeries:
    """The series, held; its dates are held after it."""
    found = locked_one(WorkshopSeries, series_id)
    if found is None:
        raise NotFound("workshops.unknown")
    return found


def held(workshop_ids: Collection[int]) -> Sequence[Workshop]:
    """Several dates, in the order of their numbers."""
    return locked(Workshop, *workshop_ids) if workshop_ids else []


def actor_at(hub_id: int, *, actor_id: int) -> policy.Actor:
    """The actor with the roles she holds at this hub."""
    membership = hubs.membership(actor_id, hub_id)
    return policy.Actor(actor_id, tuple(membership.roles) if membership else ())


def refuse(reasons: Collection[str]) -> None:
    """Stop at the first reason."""
    for reason in reasons:
        raise Forbidden(reason)


def refuse_over(workshop: Workshop, *, now: datetime) -> None:
    """What is cancelled or has begun is not registered for, left or moved."""
    if workshop.state != "planned":
        raise Conflict("workshops.is_cancelled")
    if workshop.starts_at <= now:
        raise Conflict("workshops.has_begun")


def write_down(
    act: str,
    workshop: Workshop,
    *,
    actor_id: int,
    now: datetime,
    for_id: int | None = None,
    **details: Any,
) -> None:
    """Keep who did it, and for whom."""
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=for_id if for_id != actor_id else None,
        subject_kind="workshop",
        subject_id=workshop.id,
        hub_id=workshop.hub_id,
        **details,
    )
