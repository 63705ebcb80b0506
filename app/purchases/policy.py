"""Who may do what with campaigns: pure, reasons out, empty means yes."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody, and the roles she holds at the hub of the campaign."""

    id: int | None
    roles: Collection[str] = ()


def why_not_begin(actor: Actor) -> list[str]:
    """Empty for whoever holds the counter of the hub, coordinates it, or was made organizer by its coordination."""
    return [] if {"volunteer", "organizer"} & set(actor.roles) else ["purchases.not_organizer"]


def why_not_look_after(actor: Actor, *, organizers: Collection[int]) -> list[str]:
    """Empty for those who organize this campaign (`organizers`: who began it and whom she named), and for the hub's
    coordinators: changing, closing, ordering, receiving, settling."""
    if actor.id in organizers or "coordinator" in actor.roles:
        return []
    return ["purchases.not_yours"]


def why_not_hand_out(actor: Actor, *, organizers: Collection[int]) -> list[str]:
    """Empty for those who look after it and for whoever holds the counter: handing out, taking the money there."""
    return [] if "volunteer" in actor.roles else why_not_look_after(actor, organizers=organizers)


def why_not_see(actor: Actor, *, status: str, organizers: Collection[int]) -> list[str]:
    """Empty for everybody, but a draft is for those who look after it alone."""
    return why_not_look_after(actor, organizers=organizers) if status == "draft" else []
