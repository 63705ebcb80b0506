"""Who may let an object go from one hub to another, and who may see it go. Pure: reasons, empty means yes."""

from collections.abc import Collection
from dataclasses import dataclass

NOT_ITS_VOLUNTEER = "hubs.not_volunteer"


@dataclass(frozen=True)
class Way:
    """From where to where, and whose the object is (None: a hub's)."""

    from_hub_id: int
    to_hub_id: int
    owner_id: int | None


@dataclass(frozen=True)
class Actor:
    """Somebody, with the hubs whose counter she holds and those she belongs to."""

    id: int
    volunteer_at: Collection[int] = ()
    member_at: Collection[int] = ()


def sees(way: Way, actor: Actor) -> bool:
    """The volunteers of both hubs, and the owner."""
    return actor.id == way.owner_id or bool({way.from_hub_id, way.to_hub_id} & set(actor.volunteer_at))


def why_not_request(way: Way, actor: Actor) -> list[str]:
    """A hub's object: by volunteers of either hub. A neighbour's: by its owner alone, who chose where it is kept."""
    if way.owner_id is None:
        return [] if sees(way, actor) else [NOT_ITS_VOLUNTEER]
    if way.owner_id != actor.id:
        return ["lending.transfer_owner_decides"]
    return [] if way.to_hub_id in actor.member_at else ["items.not_member_there"]


def why_not_send(way: Way, actor: Actor) -> list[str]:
    """Whoever holds the counter that it leaves."""
    return [] if way.from_hub_id in actor.volunteer_at else [NOT_ITS_VOLUNTEER]


def why_not_cancel(way: Way, actor: Actor, *, sent: bool) -> list[str]:
    """Before it leaves, all who see it; once it is on its way, the hub that it came from."""
    if sent:
        return why_not_send(way, actor)
    return [] if sees(way, actor) else [NOT_ITS_VOLUNTEER]
