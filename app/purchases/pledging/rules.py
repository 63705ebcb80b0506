"""What a pledge may say, how long it waits for a card, and how it stands at this moment. Pure functions on plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.purchases.rules import (
    Goods,
    Terms,
    Tier,
    ceiling,
    missing_for,
    missing_to_next_pack,
    own_cents,
    packs_of,
)

HELD_FOR: Final = timedelta(minutes=30)
"""So long a pledge keeps its units while its card is not saved yet."""
COLLECTED_WITHIN: Final = timedelta(hours=72)
"""So long after the closing cards are asked; then whoever did not pay, and whoever did not answer, is let go."""
MOST_UNITS: Final = 9_999
MOST_CENTS: Final = 10_000_000
"""More than this nobody promises with one pledge, in the smallest coin."""


@dataclass(frozen=True)
class Wish:
    """What somebody says of one product: so many, and up to so many more where they fill a pack."""

    product_id: int
    want: int
    tolerance: int = 0


def payments(accepted: str, *, cards: bool) -> list[str]:
    """How one can pay for a campaign, the usual way first; nothing where it asks for cards and there are none."""
    both = ["counter", "card"] if accepted == "either" else [accepted]
    return [one for one in both if one == "counter" or cards]


# --- how it stands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A price in the list of prices: reached, the one of now, or so many wanted units away (None: not to be had)."""

    from_quantity: int
    price_cents: int
    reached: bool
    now: bool
    missing: int | None


@dataclass(frozen=True)
class Line:
    """One product with what somebody says of it, besides what all others `want` and `tolerate`."""

    goods: Goods
    want: int
    tolerance: int
    others_want: int
    others_tolerance: int

    @property
    def wanted(self) -> int:
        """By all together."""
        return self.others_want + self.want

    @property
    def tolerated(self) -> int:
        """By all together."""
        return self.others_tolerance + self.tolerance

    @property
    def packs(self) -> int:
        """Packs that would be bought now."""
        return packs_of(self.goods, want=self.wanted, tolerance=self.tolerated)

    @property
    def price_cents(self) -> int:
        """The price of one unit as it would be now."""
        return self.goods.price_at(self.packs * self.goods.pack_size)

    @property
    def goods_cents(self) -> int:
        """What her wants cost at the price of now."""
        return self.want * self.price_cents

    @property
    def left(self) -> int | None:
        """How many of it she could want."""
        return None if self.goods.limit is None else max(0, self.goods.limit - self.others_want)

    @property
    def missing_to_next_pack(self) -> int | None:
        """Units that must still be wanted until one pack more is bought."""
        return missing_to_next_pack(self.goods, want=self.wanted, tolerance=self.tolerated)

    @property
    def begun(self) -> int:
        """Units wanted of the pack that fills at the moment; all of it where the last one is just full."""
        size = self.goods.pack_size
        return self.wanted % size or (size if self.want else 0)

    @property
    def begun_hers(self) -> int:
        """How many of those are hers."""
        return min(self.want, self.begun)

    @property
    def filled_by_tolerance(self) -> bool:
        """Whether the begun pack is bought, because some would take more than they want."""
        begun = self.wanted % self.goods.pack_size
        return bool(begun) and self.packs * self.goods.pack_size > self.wanted

    @property
    def steps(self) -> list[Step]:
        """All prices of it, from the first unit on; none where there is only one."""
        if not self.goods.tiers:
            return []
        bought = self.packs * self.goods.pack_size
        tiers = [
            Tier(1, self.goods.price_cents),
            *sorted(self.goods.tiers, key=lambda tier: tier.from_quantity),
        ]
        current = max((tier for tier in tiers if tier.from_quantity <= max(1, bought)), key=_from)
        return [
            Step(
                tier.from_quantity,
                tier.price_cents,
                reached=tier.from_quantity <= bought,
                now=tier is current,
                missing=missing_for(
                    tier.from_quantity, self.goods, want=self.wanted, tolerance=self.tolerated
                ),
            )
            for tier in tiers
        ]


def _from(tier: Tier) -> int:
    return tier.from_quantity


@dataclass(frozen=True)
class Running:
    """What somebody would pay if it closed now and everything came as wanted, and the most that she will ever pay."""

    terms: Terms
    lines: Sequence[Line]

    @property
    def goods_cents(self) -> int:
        """Her wants at the prices of now."""
        return sum(line.goods_cents for line in self.lines)

    @property
    def share_cents(self) -> int:
        """Her share of what is common, at what is together now, or at the minimum."""
        value = sum(line.want * line.goods.dearest for line in self.lines)
        together = max(value, self.secured_cents, self.terms.minimum_cents)
        return -(-self.terms.shared_cents * value // together) if value else 0

    @property
    def total_cents(self) -> int:
        """The running sum."""
        return self.goods_cents + self.share_cents

    @property
    def ceiling_cents(self) -> int:
        """She will never pay more."""
        return ceiling(own_cents((line.goods, line.want, line.tolerance) for line in self.lines), self.terms)

    @property
    def secured_cents(self) -> int:
        """What is together towards the minimum: whole packs at the dearest prices."""
        return sum(line.packs * line.goods.pack_size * line.goods.dearest for line in self.lines)

    @property
    def missing_cents(self) -> int:
        """What is missing to the minimum."""
        return max(0, self.terms.minimum_cents - self.secured_cents)
