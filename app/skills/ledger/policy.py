"""Who may put a transfer right: a coordinator of a hub that it concerns, never one of the two themselves."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, with the hubs that she coordinates."""

    id: int
    is_steward: bool
    coordinates: Collection[int]


@dataclass(frozen=True)
class Holder:
    """Whose account one side of a transfer is, and the hubs that answer for it: of a hub it is that hub, of a resident
    those where she is verified."""

    account_id: int
    resident_id: int | None
    hub_id: int | None
    answers: Collection[int]


@dataclass(frozen=True)
class Sides:
    """The two of a transfer."""

    payer: Holder
    payee: Holder

    def holds(self, resident_id: int) -> bool:
        """Whether she is one of the two."""
        return resident_id in (self.payer.resident_id, self.payee.resident_id)

    @property
    def answers(self) -> set[int]:
        """The hubs whose coordinators may put it right: the hub itself that gave or took, else those of the two."""
        hubs = {holder.hub_id for holder in (self.payer, self.payee) if holder.hub_id is not None}
        return hubs or {*self.payer.answers, *self.payee.answers}


def sees(sides: Sides, actor: Actor) -> bool:
    """The two, and who may put it right."""
    return sides.holds(actor.id) or _answers_for(sides, actor)


def why_not_reverse(sides: Sides, actor: Actor) -> list[str]:
    """Empty for who answers for it and is neither of the two."""
    if sides.holds(actor.id):
        return ["ledger.not_ones_own"]
    return [] if _answers_for(sides, actor) else ["hubs.not_coordinator"]


def _answers_for(sides: Sides, actor: Actor) -> bool:
    return actor.is_steward or not sides.answers.isdisjoint(actor.coordinates)
