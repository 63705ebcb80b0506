"""Who sees a repair and who works on it: pure."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Concerned:
    """Whom a repair concerns: the hub where the object is kept (None: at home), and its owner (None: the hub's own)."""

    hub_id: int | None
    owner_id: int | None


def sees(concerned: Concerned, actor_id: int, roles: Collection[str]) -> bool:
    """The volunteers of the hub, and whose object it is. `roles`: what the actor holds at that hub."""
    return "volunteer" in roles or actor_id == concerned.owner_id


def why_not_work(concerned: Concerned, actor_id: int, roles: Collection[str]) -> list[str]:
    """A volunteer of the hub writes down what is done; at home the owner does."""
    if concerned.hub_id is not None:
        return [] if "volunteer" in roles else ["hubs.not_volunteer"]
    return [] if actor_id == concerned.owner_id else ["lending.only_the_owner"]


def why_not_give_up(concerned: Concerned, actor_id: int, roles: Collection[str]) -> list[str]:
    """Nobody gives up another one's object: a neighbour's is its owner's to decide, a hub's own the hub's."""
    if concerned.owner_id is not None:
        return [] if actor_id == concerned.owner_id else ["lending.only_the_owner"]
    return [] if "volunteer" in roles else ["hubs.not_volunteer"]
