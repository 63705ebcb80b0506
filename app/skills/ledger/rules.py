"""What an account allows, in whole minutes. What is promised to others counts as gone; what is to come in never offsets
what goes out, and the other way round."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.hubs.rules import LendingPolicy

HOUR = 60
MOST = 100 * HOUR
"""More than this nobody moves at once; the limits of the accounts are narrower."""
NEAR = 2 * HOUR
"""So little room is left where a neighbour is told that a limit is near."""

Side = Literal["paying", "receiving"]


@dataclass(frozen=True)
class Party:
    """Whose minutes: a resident's, or a hub's."""

    resident_id: int | None = None
    hub_id: int | None = None

    def __post_init__(self) -> None:
        if (self.resident_id is None) == (self.hub_id is None):
            raise ValueError("a resident or a hub")


@dataclass(frozen=True)
class Limits:
    """How far an account may go below zero (a negative number) and above (None: as far as it likes)."""

    lowest: int
    highest: int | None


def limits_of_resident(terms: Sequence[LendingPolicy], *, given: int) -> Limits:
    """By the terms of the hubs where she is verified, the widest of them; the usual ones where there is none. Until she
    has given her first hour, she is a newcomer."""
    held = terms or (LendingPolicy(),)
    lowest = max(one.time_lowest_hours for one in held)
    if given < HOUR:
        lowest = min(lowest, max(one.time_newcomer_hours for one in held))
    return Limits(-lowest * HOUR, max(one.time_highest_hours for one in held) * HOUR)


def limits_of_hub(terms: LendingPolicy) -> Limits:
    """A hub pays in advance for many, and may hold whatever it was given."""
    return Limits(-terms.time_hub_lowest_hours * HOUR, None)


@dataclass(frozen=True)
class Standing:
    """An account as a limit looks at it. A room below zero is none: the limit was wider when the minutes moved."""

    balance: int
    going_out: int
    coming_in: int
    limits: Limits

    @property
    def can_pay(self) -> int:
        """How many minutes more may be promised or paid."""
        return self.balance - self.going_out - self.limits.lowest

    @property
    def can_receive(self) -> int:
        """How many minutes more may be promised to it or paid."""
        if self.limits.highest is None:
            return MOST
        return self.limits.highest - self.balance - self.coming_in

    @property
    def near(self) -> set[Side]:
        """On which sides little room is left."""
        rooms: list[tuple[Side, int]] = [("paying", self.can_pay), ("receiving", self.can_receive)]
        return {side for side, room in rooms if room < NEAR}


def more_than_reserved(minutes: int, reserved: int) -> int:
    """The minutes that a limit still has to allow: what was reserved always passes."""
    return max(0, minutes - reserved)
