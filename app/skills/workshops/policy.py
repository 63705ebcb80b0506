"""Who may do what with workshops: pure, reasons out, empty means yes."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody, and the roles she holds at the hub of the workshop."""

    id: int | None
    roles: Collection[str] = ()


def why_not_organize(actor: Actor) -> list[str]:
    """Empty for organizers and coordinators: making, changing, cancelling."""
    return [] if "organizer" in actor.roles else ["workshops.not_organizer"]


def why_not_keep_list(actor: Actor) -> list[str]:
    """Empty for those who hold the counter: registering others, writing down who came."""
    return [] if "volunteer" in actor.roles else ["hubs.not_volunteer"]


def why_not_see_list(actor: Actor, *, facilitator_id: int) -> list[str]:
    """Empty for those who organize, hold the counter, or hold the workshop: who comes is for them to know."""
    if actor.id == facilitator_id or not why_not_organize(actor):
        return []
    return why_not_keep_list(actor)
