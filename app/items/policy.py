"""Who may change an object, and who may read its code. Pure: plain values in, reasons or yes and no out."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Keeping:
    """Whose an object is and where it is kept; one of the two owners is None, and no hub means at home."""

    owner_resident_id: int | None
    owner_hub_id: int | None
    hub_id: int | None


@dataclass(frozen=True)
class Actor:
    """Somebody, and the hubs whose counter she may hold. Nobody is `Actor(None)`."""

    id: int | None
    volunteer_at: Collection[int] = ()


def owns(keeping: Keeping, actor: Actor) -> bool:
    """Its owner; a hub's objects are looked after by the hub's volunteers."""
    if actor.id is None:
        return False
    return keeping.owner_resident_id == actor.id or keeping.owner_hub_id in actor.volunteer_at


def reads_code(keeping: Keeping, actor: Actor) -> bool:
    """The owner, and the volunteers of the hub where it is kept."""
    return owns(keeping, actor) or (actor.id is not None and keeping.hub_id in actor.volunteer_at)


def why_not_change(keeping: Keeping, actor: Actor) -> list[str]:
    """Empty for those who own it."""
    return [] if owns(keeping, actor) else ["items.only_the_owner"]


def why_not_shelve(keeping: Keeping, actor: Actor) -> list[str]:
    """Where it stands at the hub is for the volunteers there to say, too."""
    return [] if reads_code(keeping, actor) else ["items.only_the_owner"]


def sees(keeping: Keeping, status: str, actor: Actor) -> bool:
    """What is on offer is for everybody; a draft or a lost object for those who look after it; what is retired is
    gone."""
    return status == "active" or (status != "retired" and reads_code(keeping, actor))
