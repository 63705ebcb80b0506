"""A date that is not held, and those that follow; and held after all."""

from collections.abc import Sequence
from datetime import datetime

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.core.text import checked
from app.events.workshops import WorkshopRestored, WorkshopsCancelled
from app.skills.workshops import line, policy, queries
from app.skills.workshops.models import Workshop, WorkshopSeries
from app.skills.workshops.services import needing
from app.skills.workshops.services.editing import end_before, fall_out
from app.skills.workshops.services.ground import (
    actor_at,
    held,
    refuse,
    refuse_over,
    series_held,
    write_down,
)

SCOPES = ("one", "following")


def cancel(
    *, workshop_id: int, actor_id: int, scope: str = "one", why: str | None = None, now: datetime
) -> Workshop:
    """Not held: whoever comes is told, the objects are free. `following`: nor any later date of its rule; those that
    nobody registered for are gone. Said twice, it holds once."""
    series = series_held(queries.series_of(workshop_id))
    refuse(policy.why_not_organize(actor_at(series.hub_id, actor_id=actor_id)))
    if scope not in SCOPES:
        raise Invalid({"scope": "core.not_a_choice"})
    reason = checked("why", why, longest=300, lines=True)
    coming = held(queries.coming_ids(series.id, now=now))
    workshop = next((one for one in coming if one.id == workshop_id), None)
    if workshop is None:
        raise Conflict("workshops.has_begun")
    stopped = [workshop] if workshop.state == "planned" else []
    if scope == "following":
        stopped += _stop_after(series, workshop, coming, now=now)
    for one in stopped:
        one.state, one.note = "cancelled", reason or one.note
        line.withdraw_offers(one)
    db.session.flush()
    needing.keep_days(stopped, now=now)
    if stopped:
        ids = tuple(sorted(one.id for one in stopped))
        outbox.record(WorkshopsCancelled(ids, actor_id, now), now=now)
        write_down("workshops.cancelled", workshop, actor_id=actor_id, now=now, scope=scope, why=reason)
    return workshop


def _stop_after(
    series: WorkshopSeries, workshop: Workshop, coming: Sequence[Workshop], *, now: datetime
) -> list[Workshop]:
    """End the rule with this date; the later ones that somebody registered for."""
    if workshop.original is None:
        raise Conflict("workshops.stands_alone")
    later = [one for one in coming if one.original is not None and one.original > workshop.original]
    end_before(series, workshop.original)
    left = [one for one in later if fall_out(one, now=now) is not None]
    return [one for one in left if one.state == "planned"]


def restore(*, workshop_id: int, actor_id: int, now: datetime) -> Workshop:
    """Held after all, with everybody who was coming; the objects where they are still free."""
    series = series_held(queries.series_of(workshop_id))
    refuse(policy.why_not_organize(actor_at(series.hub_id, actor_id=actor_id)))
    workshop = held([workshop_id])[0]
    if workshop.state == "planned":
        return workshop
    workshop.state = "planned"
    refuse_over(workshop, now=now)
    db.session.flush()
    needing.keep_days([workshop], now=now)
    line.serve(workshop, now=now)
    outbox.record(WorkshopRestored(workshop.id, actor_id, now), now=now)
    write_down("workshops.restored", workshop, actor_id=actor_id, now=now)
    return workshop
