"""What a delivery would come to, before anything is written: who gets how much, what each pays then, what is left over,
what the hub bears. The preview and the act itself say the same, because both ask here."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from app.core.db import db
from app.core.text import Checks
from app.purchases.delivery import rules, sums
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import Allotment, Pledge, PledgeIncrement
from app.purchases.rules import Bill, Increment

MOST_UNITS = 1_000_000
MOST_CENTS = 10_000_000


@dataclass(frozen=True)
class Counted:
    """What came of one product: units, and the price of one. None: as it was ordered."""

    received: int | None = None
    price_cents: int | None = None


@dataclass(frozen=True)
class Came:
    """One product as it came: `given` of the units that were `received` go to neighbours."""

    product: Product
    ordered: int
    received: int
    price_cents: int
    given: int

    @property
    def left_over(self) -> int:
        """Units that are nobody's."""
        return self.received - self.given

    @property
    def cost_cents(self) -> int:
        """What the supplier gets for it."""
        return self.received * self.price_cents


@dataclass(frozen=True)
class Share:
    """One pledge after it: `units` by product of those it was `allotted`; what it came to `before_cents`, and comes to
    now."""

    pledge: Pledge
    allotted: Mapping[int, int]
    units: Mapping[int, int]
    before_cents: int
    bill: Bill

    @property
    def change_cents(self) -> int:
        """What she pays more; below zero, what is hers again."""
        return self.bill.total_cents - self.before_cents

    @property
    def short(self) -> bool:
        """Whether she gets less than was hers."""
        return sum(self.units.values()) < sum(self.allotted.values())


@dataclass(frozen=True)
class Weighed:
    """All of it."""

    products: list[Came] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    @property
    def goods_cents(self) -> int:
        """What the supplier gets for what came."""
        return sum(came.cost_cents for came in self.products)

    @property
    def members_cents(self) -> int:
        """What all neighbours pay together."""
        return sum(share.bill.total_cents for share in self.shares)

    @property
    def changed(self) -> list[Share]:
        """Those for whom something is not as it was fixed at closing."""
        return [share for share in self.shares if share.change_cents or share.short]


def bought(product: Product) -> int:
    """Units that were ordered of it."""
    return (product.packs or 0) * product.pack_size


def weigh(campaign: Campaign, lines: Mapping[int, Counted]) -> Weighed:
    """What these counts come to, by product number; a product that is not named came as it was ordered, or as it was
    counted last. Raises `Invalid` for what cannot be."""
    counts = _checked(campaign, lines)
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.status == "live").order_by(Pledge.id)
    ).all()
    allotted, increments = _asked(campaign)
    given: dict[int, dict[int, int]] = {}
    for product, received, _price in counts:
        served = rules.turns(increments[product.id], allotted[product.id])
        given[product.id] = rules.handed(served, received, sharing=campaign.sharing)
    before = sums.of_pledges(campaign, [pledge.id for pledge in pledges])
    prices = {product.id: price for product, _received, price in counts}
    return Weighed(
        [
            Came(product, bought(product), received, price, sum(given[product.id].values()))
            for product, received, price in counts
        ],
        [_share(pledge, allotted, given, prices, before[pledge.id].due_cents) for pledge in pledges],
    )


def _share(
    pledge: Pledge,
    allotted: Mapping[int, Mapping[int, int]],
    given: Mapping[int, Mapping[int, int]],
    prices: Mapping[int, int],
    before_cents: int,
) -> Share:
    hers = {number: by_pledge[pledge.id] for number, by_pledge in allotted.items() if pledge.id in by_pledge}
    units = {number: given[number].get(pledge.id, 0) for number in hers}
    bill = rules.bill(
        goods_cents=sum(count * prices[number] for number, count in units.items()),
        share_cents=pledge.share_cents or 0,
        ceiling_cents=pledge.ceiling_cents,
        quantity=sum(units.values()),
    )
    return Share(pledge, hers, units, before_cents, bill)


def _checked(campaign: Campaign, lines: Mapping[int, Counted]) -> list[tuple[Product, int, int]]:
    checks = Checks()
    known = {product.id for product in campaign.products}
    for number in lines:
        if number not in known:
            checks.fault("lines", "delivery.no_such_product")
    found = []
    for product in campaign.products:
        said = lines.get(product.id, Counted())
        received, price = said.received, said.price_cents
        if received is None:
            received = bought(product) if product.received is None else product.received
        if price is None:
            price = (
                product.paid_price_cents
                if product.paid_price_cents is not None
                else product.final_price_cents
            )
        price = product.price_cents if price is None else price
        if not 0 <= received <= MOST_UNITS:
            checks.fault(f"received-{product.id}", "core.out_of_range", min=0, max=MOST_UNITS)
        if not 0 <= price <= MOST_CENTS:
            checks.fault(f"price-{product.id}", "core.out_of_range", min=0, max=MOST_CENTS)
        found.append((product, received, price))
    checks.done()
    return found


def _asked(campaign: Campaign) -> tuple[dict[int, dict[int, int]], dict[int, list[Increment]]]:
    """By product: what each live pledge was given at closing, and what all of them asked for, in order."""
    live = (Pledge.campaign_id == campaign.id, Pledge.status == "live")
    allotted: dict[int, dict[int, int]] = defaultdict(dict)
    for one in db.session.scalars(
        select(Allotment).join(Pledge, Pledge.id == Allotment.pledge_id).where(*live)
    ):
        allotted[one.product_id][one.pledge_id] = one.quantity
    increments: dict[int, list[Increment]] = defaultdict(list)
    rows = db.session.scalars(
        select(PledgeIncrement)
        .join(Pledge, Pledge.id == PledgeIncrement.pledge_id)
        .where(*live)
        .order_by(PledgeIncrement.id)
    )
    for asked in rows:
        increments[asked.product_id].append(Increment(asked.pledge_id, asked.want, asked.tolerance))
    return allotted, increments
