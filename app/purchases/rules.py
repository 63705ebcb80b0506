"""Whole packs, who gets what, which price, and what each pays. Pure functions on whole units and whole cents.

Everything is counted in units of a product as it is sold (a can, a bag), and in the campaign's smallest coin. Whoever
comes first is served first: the order of increments is the order of pledging.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Sharing = Literal["in_order", "proportional"]


@dataclass(frozen=True)
class Tier:
    """A price for everybody as soon as so many units are bought together."""

    from_quantity: int
    price_cents: int


@dataclass(frozen=True)
class Goods:
    """What is for sale: the price of one unit, how many make a pack, how many there are at all (over the wants)."""

    id: int
    price_cents: int
    pack_size: int = 1
    limit: int | None = None
    tiers: Sequence[Tier] = ()

    @property
    def dearest(self) -> int:
        """The most that a unit can cost, by which minimum, shares and ceilings are measured."""
        return max((self.price_cents, *(tier.price_cents for tier in self.tiers)))

    @property
    def most_packs(self) -> int | None:
        """How many packs there are at all; None where nobody has said."""
        return None if self.limit is None else self.limit // self.pack_size

    def price_at(self, units: int) -> int:
        """The price of one unit where so many are bought together."""
        reached = [tier for tier in self.tiers if tier.from_quantity <= units]
        return max(reached, key=lambda tier: tier.from_quantity).price_cents if reached else self.price_cents

    def next_tier(self, units: int) -> Tier | None:
        """The next price that more units would reach."""
        ahead = [tier for tier in self.tiers if tier.from_quantity > units]
        return min(ahead, key=lambda tier: tier.from_quantity, default=None)


@dataclass(frozen=True)
class Increment:
    """What a pledge gained at one moment, or gave up again where it is below zero."""

    pledge: int
    want: int
    tolerance: int = 0


@dataclass(frozen=True)
class Terms:
    """What a campaign says about money: what must come together, what is shared, and by which rule units are."""

    minimum_cents: int
    shared_cents: int
    """Fees, and transport where the members bear it."""
    sharing: Sharing = "in_order"


# --- packs -----------------------------------------------------------------------------------------------------------


def packs_of(goods: Goods, *, want: int, tolerance: int) -> int:
    """Packs that are bought: full ones, and one more where a begun one is filled by tolerance. Never a pack from
    tolerance alone, never more than there are."""
    full, begun = divmod(want, goods.pack_size)
    packs = full + 1 if begun and begun + tolerance >= goods.pack_size else full
    return packs if goods.most_packs is None else min(packs, goods.most_packs)


def missing_for(units: int, goods: Goods, *, want: int, tolerance: int) -> int | None:
    """Units that must still be wanted until at least so many are bought; None where there are not so many."""
    packs = -(-units // goods.pack_size)
    if goods.most_packs is not None and packs > goods.most_packs:
        return None
    begun = max(
        1, goods.pack_size - tolerance
    )  # so much of the last pack must be wanted; tolerance does the rest
    return max(0, (packs - 1) * goods.pack_size + begun - want) if packs else 0


def missing_to_next_pack(goods: Goods, *, want: int, tolerance: int) -> int | None:
    """Units that must still be wanted until one pack more is bought; None where there are no more packs."""
    bought = packs_of(goods, want=want, tolerance=tolerance) * goods.pack_size
    return missing_for(bought + 1, goods, want=want, tolerance=tolerance)


# --- who gets what ---------------------------------------------------------------------------------------------------


def in_turn(increments: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Who is served, with how many units, in the order of pledging. A decrease gives up one's newest units first."""
    turns: list[list[int]] = []
    mine: dict[int, list[list[int]]] = {}
    for pledge, units in increments:
        own = mine.setdefault(pledge, [])
        if units > 0:
            own.append([pledge, units])
            turns.append(own[-1])
        back = max(0, -units)
        while back and own:
            given_up = min(back, own[-1][1])
            own[-1][1] -= given_up
            back -= given_up
            if not own[-1][1]:
                own.pop()
    return [(pledge, units) for pledge, units in turns if units]


def given(units: int, increments: Sequence[Increment], *, sharing: Sharing = "in_order") -> dict[int, int]:
    """How many of these units each pledge gets: wants first, then tolerance, nobody above both together. What is left
    over then is nobody's. A pledge that gets nothing is not named."""
    wants = in_turn((one.pledge, one.want) for one in increments)
    wanted = sum(count for _, count in wants)
    served: Counter[int] = Counter()
    if units < wanted:
        _serve(served, units, wants) if sharing == "in_order" else _proportionally(served, units, wants)
    else:
        _serve(served, wanted, wants)
        more = in_turn((one.pledge, one.tolerance) for one in increments)
        _serve(served, units - wanted, more) if sharing == "in_order" else _by_turns(
            served, units - wanted, more
        )
    return {pledge: count for pledge, count in served.items() if count}


def _serve(served: Counter[int], units: int, turns: Iterable[tuple[int, int]]) -> None:
    for pledge, count in turns:
        got = min(units, count)
        served[pledge] += got
        units -= got


def _proportionally(served: Counter[int], units: int, turns: Iterable[tuple[int, int]]) -> None:
    wants: Counter[int] = Counter()
    for pledge, count in turns:
        wants[pledge] += count
    served.update(dict(zip(wants, largest_remainder(units, list(wants.values())), strict=True)))


def _by_turns(served: Counter[int], units: int, turns: Iterable[tuple[int, int]]) -> None:
    """One unit each, round and round in the order of pledging, until there are none or nobody would have more."""
    open_to: Counter[int] = Counter()
    for pledge, count in turns:
        open_to[pledge] += count
    while units > 0 and open_to:
        rounds = max(1, min(units // len(open_to), *open_to.values()))
        for pledge in list(open_to)[:units]:
            served[pledge] += rounds
            open_to[pledge] -= rounds
            units -= rounds
            if not open_to[pledge]:
                del open_to[pledge]


# --- money -----------------------------------------------------------------------------------------------------------


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """A total in whole parts by weight, which sum to it exactly: each its whole part, and one more for those who were
    cut most, the earlier ones first. Where nothing weighs, nobody bears anything."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    left = total - sum(part for part, _ in parts)
    cut_most = sorted(range(len(parts)), key=lambda place: (-parts[place][1], place))[:left]
    shares = [part for part, _ in parts]
    for place in cut_most:
        shares[place] += 1
    return shares


def ceiling(own_cents: int, terms: Terms) -> int:
    """The most that a pledge can ever cost: `own_cents` is want and tolerance at the dearest price; with it goes its
    share of what is common, as if the minimum was just reached."""
    if own_cents <= 0:
        return 0
    return own_cents + -(-terms.shared_cents * own_cents // max(own_cents, terms.minimum_cents))


def own_cents(lines: Iterable[tuple[Goods, int, int]]) -> int:
    """Want and tolerance of one pledge, at the dearest prices."""
    return sum((want + tolerance) * goods.dearest for goods, want, tolerance in lines)


@dataclass(frozen=True)
class Bill:
    """What one pledge pays: its goods and its share of what is common, `waived` what is above its ceiling. That the
    hub bears."""

    goods_cents: int
    share_cents: int
    waived_cents: int = 0

    @property
    def total_cents(self) -> int:
        """What is paid."""
        return self.goods_cents + self.share_cents - self.waived_cents


def bills(
    goods_cents: Mapping[int, int], weights: Mapping[int, int], shared_cents: int, ceilings: Mapping[int, int]
) -> dict[int, Bill]:
    """What each pledge pays: what its goods cost, and by weight its share of the common costs, nobody above the
    ceiling. `weights` is the value of what each gets, at the dearest prices; it names every pledge."""
    shares = largest_remainder(shared_cents, list(weights.values()))
    return {
        pledge: Bill(
            goods := goods_cents.get(pledge, 0), share, waived_cents=max(0, goods + share - ceilings[pledge])
        )
        for pledge, share in zip(weights, shares, strict=True)
    }


# --- closing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bought:
    """What is bought of one product: packs, the price of a unit for everybody, and how many units each pledge gets."""

    goods: Goods
    packs: int
    price_cents: int
    given: Mapping[int, int]

    @property
    def units(self) -> int:
        """All units of it."""
        return self.packs * self.goods.pack_size

    @property
    def secured_cents(self) -> int:
        """Its worth towards the minimum: what is bought, at the dearest price."""
        return self.units * self.goods.dearest


@dataclass(frozen=True)
class Outcome:
    """How a campaign would end, or ends: `secured_cents` is what counts towards the minimum."""

    bought: Sequence[Bought]
    bills: Mapping[int, Bill]
    secured_cents: int
    minimum_cents: int

    @property
    def reached(self) -> bool:
        """Whether it succeeds: something is bought, and it is enough."""
        return 0 < self.secured_cents >= self.minimum_cents

    @property
    def missing_cents(self) -> int:
        """What is missing to the minimum."""
        return max(0, self.minimum_cents - self.secured_cents)

    @property
    def hub_cents(self) -> int:
        """What the ceilings leave to the hub."""
        return sum(bill.waived_cents for bill in self.bills.values())


def outcome(
    terms: Terms,
    goods: Sequence[Goods],
    increments: Mapping[int, Sequence[Increment]],
    ceilings: Mapping[int, int],
    *,
    without: Collection[int] = (),
) -> Outcome:
    """How it ends with these pledges: `increments` by product, in the order of pledging; `ceilings` names every pledge.
    `without` some of them (whose card was declined), as if they had never been."""
    bought = []
    goods_cents: Counter[int] = Counter()
    weights: dict[int, int] = {pledge: 0 for pledge in ceilings if pledge not in without}
    for product in goods:
        dated = [one for one in increments.get(product.id, ()) if one.pledge in weights]
        want, tolerance = (sum(getattr(one, what) for one in dated) for what in ("want", "tolerance"))
        packs = packs_of(product, want=want, tolerance=tolerance)
        units = packs * product.pack_size
        price = product.price_at(units)
        shared = given(units, dated, sharing=terms.sharing)
        bought.append(Bought(product, packs, price, shared))
        for pledge, count in shared.items():
            goods_cents[pledge] += count * price
            weights[pledge] += count * product.dearest
    return Outcome(
        bought=bought,
        bills=bills(goods_cents, weights, terms.shared_cents, ceilings),
        secured_cents=sum(one.secured_cents for one in bought),
        minimum_cents=terms.minimum_cents,
    )
