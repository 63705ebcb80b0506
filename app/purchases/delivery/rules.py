"""What is true once goods have come: who goes short, what each pays after it, what is left over, how it balances. Pure.

Quantities are base units, money is whole cents.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.purchases.rules import Bill, Increment, in_turn, largest_remainder

REMINDED = timedelta(hours=24)
"""How long before her slot somebody is reminded of it."""


# -- who goes short ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """Units of one product that one pledge was given at closing in one go; `spare`: from her tolerance. Turns stand in
    the order in which they were served: wants first, then tolerance, each in the order of pledging."""

    pledge_id: int
    quantity: int
    spare: bool = False


def turns(increments: Sequence[Increment], allotted: Mapping[int, int]) -> list[Turn]:
    """What was asked for, in the order of pledging, cut down to what each was given. Where somebody was given more than
    that (units of a neighbour whose card was declined), it stands last."""
    left = dict(allotted)
    served = []
    wants = in_turn((one.pledge, one.want) for one in increments)
    more = in_turn((one.pledge, one.tolerance) for one in increments)
    for spare, pieces in ((False, wants), (True, more), (True, sorted(allotted.items()))):
        for pledge_id, quantity in pieces:
            units = min(quantity, left.get(pledge_id, 0))
            if units > 0:
                served.append(Turn(pledge_id, units, spare))
                left[pledge_id] -= units
    return served


def handed(served: Sequence[Turn], received: int, *, sharing: str) -> dict[int, int]:
    """How many units of one product each pledge gets of those that came. Nobody gets more than she was given at
    closing: what came beyond is left over. What is missing is missing from tolerance first. `in_order` the last who
    pledged go short, `proportional` all alike, by largest remainder."""
    given = dict.fromkeys((turn.pledge_id for turn in served), 0)
    here = max(0, min(received, sum(turn.quantity for turn in served)))
    for spare in (False, True):
        for pledge_id, units in _part(served, here, spare=spare, sharing=sharing):
            given[pledge_id] += units
            here -= units
    return given


def _part(served: Sequence[Turn], here: int, *, spare: bool, sharing: str) -> list[tuple[int, int]]:
    pieces = [(turn.pledge_id, turn.quantity) for turn in served if turn.spare is spare]
    if sharing == "proportional":
        whole: Counter[int] = Counter()
        for pledge_id, quantity in pieces:
            whole[pledge_id] += quantity
        enough = min(here, whole.total())
        return list(zip(whole, largest_remainder(enough, list(whole.values())), strict=True))
    parts = []
    for pledge_id, quantity in pieces:
        parts.append((pledge_id, min(quantity, here)))
        here -= parts[-1][1]
    return parts


# -- what each pays after it ------------------------------------------------------------------------------


def bill(*, goods_cents: int, share_cents: int, ceiling_cents: int, quantity: int) -> Bill:
    """What one pledge comes to: its goods at the price that was really paid, and its part of fees and transport as it
    was fixed at closing. Never above the ceiling, whatever was corrected; who gets nothing pays nothing, not even her
    part. The hub bears what is left."""
    if not quantity:
        return Bill(0, share_cents, waived_cents=share_cents)
    beyond = max(0, goods_cents + share_cents - ceiling_cents)
    return Bill(goods_cents, share_cents, waived_cents=beyond)


# -- how it balances --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settlement:
    """members + leftovers + the hub's share = supplier + transport + fees. What members pay and what leftovers brought
    is known, what is owed to others too: the rest is the hub's. Below zero, it is the hub that gets something."""

    members_cents: int
    leftovers_cents: int
    supplier_cents: int
    transport_cents: int
    fees_cents: int

    @property
    def costs_cents(self) -> int:
        """What has to be paid to others."""
        return self.supplier_cents + self.transport_cents + self.fees_cents

    @property
    def hub_cents(self) -> int:
        """What is left for the hub to bear."""
        return self.costs_cents - self.members_cents - self.leftovers_cents


# -- one step at a time -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How far a campaign has come: its state, and how many of its pledges are still to be handed out or paid for."""

    status: str
    waiting: int = 0
    unpaid: int = 0
    left_over: int = 0
    invoiced: bool = False


def next_step(standing: Standing) -> str:
    """The one thing that an organizer can do now: a word of `wording.py`; "" where there is nothing to do."""
    by_status = {
        "draft": "open",
        "open": "wait",
        "closing": "wait",
        "collecting": "collect",
        "succeeded": "order",
        "ordered": "receive",
    }
    if standing.status != "delivered":
        return by_status.get(standing.status, "")
    for left, step in (
        (standing.waiting, "hand_out"),
        (standing.left_over, "leftovers"),
        (standing.unpaid, "collect_dues"),
        (not standing.invoiced, "invoice"),
    ):
        if left:
            return step
    return "settle"


# -- pledges over time ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """What stood pledged from this moment on."""

    at: datetime
    cents: int


def over_time(changes: Collection[tuple[datetime, int]]) -> list[Point]:
    """The sums that stood pledged, from changes by so many cents; what happened in one moment is one point."""
    points: list[Point] = []
    running = 0
    for at, cents in sorted(changes):
        running += cents
        if points and points[-1].at == at:
            points.pop()
        points.append(Point(at, running))
    return points
