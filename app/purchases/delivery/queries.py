"""What can be seen of a campaign once it has succeeded: its crates, what was sent to the supplier, how pledges came in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.errors import NotFound
from app.core.text import folded
from app.purchases import rules as purchases
from app.purchases.delivery import rules, sums
from app.purchases.delivery.models import Delivery, Leftover, PackedLine, SupplierInvoice, SupplierMail
from app.purchases.delivery.sums import Sums
from app.purchases.models import Campaign, CampaignOrganizer, PickUpSlot, Product
from app.purchases.pledging.models import Allotment, Pledge, PledgeIncrement


def campaign(campaign_id: int) -> Campaign:
    """With its hub, its products and their tiers, its slots and who looks after it."""
    found = db.session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .options(
            joinedload(Campaign.hub),
            joinedload(Campaign.organizer),
            selectinload(Campaign.products).selectinload(Product.tiers),
            selectinload(Campaign.slots),
            selectinload(Campaign.organizers).joinedload(CampaignOrganizer.resident),
        )
    )
    if found is None:
        raise NotFound("purchases.unknown")
    return found


def delivery(campaign_id: int) -> Delivery | None:
    """What became of its order; None where nothing was ordered yet."""
    return db.session.get(Delivery, campaign_id)


# -- crates -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What one neighbour gets of one product: `units` of those `allotted` at closing, and what they cost."""

    product: Product
    allotted: int
    units: int
    cents: int
    packed: bool


@dataclass(frozen=True)
class Crate:
    """All that one neighbour gets, and how her money stands."""

    pledge: Pledge
    lines: Sequence[Line] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.pledge.resident.name

    @property
    def to_hand_out(self) -> Sequence[Line]:
        """What lies in it."""
        return [line for line in self.lines if line.units]

    @property
    def short(self) -> bool:
        """Whether something that was hers did not come."""
        return any(line.units < line.allotted for line in self.lines)

    @property
    def waiting(self) -> bool:
        """Whether it has yet to be picked up."""
        return bool(self.to_hand_out) and self.pledge.picked_up_at is None

    @property
    def packed(self) -> bool:
        """Whether everything lies in it."""
        return all(line.packed for line in self.to_hand_out)


def crates(of: Campaign, *, pledge_id: int | None = None) -> list[Crate]:
    """The crates of all who were given something at closing, by name; or one of them."""
    query = (
        select(Pledge)
        .where(Pledge.campaign_id == of.id, Pledge.status == "live")
        .options(joinedload(Pledge.resident), joinedload(Pledge.slot))
    )
    if pledge_id is not None:
        query = query.where(Pledge.id == pledge_id)
    pledges = {pledge.id: pledge for pledge in db.session.scalars(query)}
    lines = _lines(of, list(pledges))
    money = sums.of_pledges(of, list(pledges))
    found = [
        Crate(pledge, lines[number], money[number]) for number, pledge in pledges.items() if lines[number]
    ]
    return sorted(found, key=lambda crate: (folded(crate.name), crate.pledge.id))


def _lines(of: Campaign, pledge_ids: Sequence[int]) -> Mapping[int, list[Line]]:
    products = {product.id: product for product in of.products}
    packed = {
        (row.pledge_id, row.product_id)
        for row in db.session.scalars(select(PackedLine).where(PackedLine.pledge_id.in_(pledge_ids)))
    }
    found: dict[int, list[Line]] = defaultdict(list)
    rows = db.session.scalars(
        select(Allotment).where(Allotment.pledge_id.in_(pledge_ids), Allotment.quantity > 0)
    ).all()
    for row in sorted(rows, key=lambda row: products[row.product_id].position):
        units = row.quantity if row.received_quantity is None else row.received_quantity
        cents = row.goods_cents if row.received_cents is None else row.received_cents
        found[row.pledge_id].append(
            Line(
                products[row.product_id],
                row.quantity,
                units,
                cents,
                (row.pledge_id, row.product_id) in packed,
            )
        )
    return found


def own_crate(of: Campaign, resident_id: int) -> Crate | None:
    """Hers; None for who has no part in it."""
    number = db.session.scalar(
        select(Pledge.id).where(
            Pledge.campaign_id == of.id, Pledge.resident_id == resident_id, Pledge.status == "live"
        )
    )
    found = crates(of, pledge_id=number) if number is not None else []
    return found[0] if found else None


def own_pledge(campaign_id: int, resident_id: int) -> Pledge | None:
    """Hers, whatever she was given; None for who has no part in it."""
    return db.session.scalar(
        select(Pledge)
        .where(
            Pledge.campaign_id == campaign_id,
            Pledge.resident_id == resident_id,
            Pledge.status.in_(("live", "holding")),
        )
        .options(joinedload(Pledge.slot))
    )


# -- what was sent, billed, left over ---------------------------------------------------------------------


def mails(campaign_id: int) -> Sequence[SupplierMail]:
    """What left for the supplier, the latest first."""
    query = select(SupplierMail).where(SupplierMail.campaign_id == campaign_id)
    return db.session.scalars(query.order_by(SupplierMail.id.desc())).all()


def invoices(campaign_id: int) -> Sequence[SupplierInvoice]:
    """What he billed."""
    query = select(SupplierInvoice).where(SupplierInvoice.campaign_id == campaign_id)
    return db.session.scalars(query.order_by(SupplierInvoice.id)).all()


def invoice(campaign_id: int, invoice_id: int) -> SupplierInvoice:
    """One of them."""
    found = db.session.get(SupplierInvoice, invoice_id)
    if found is None or found.campaign_id != campaign_id:
        raise NotFound
    return found


def leftovers(campaign_id: int) -> Sequence[Leftover]:
    """What was sold and given, in the order in which it went."""
    query = select(Leftover).where(Leftover.campaign_id == campaign_id)
    return db.session.scalars(
        query.options(joinedload(Leftover.buyer), joinedload(Leftover.product)).order_by(Leftover.id)
    ).all()


# -- how pledges came in ----------------------------------------------------------------------------------


def pledged(of: Campaign) -> list[rules.Point]:
    """What was wanted together, at the dearest prices, from each moment on."""
    dearest = {
        product.id: max([product.price_cents, *(tier.price_cents for tier in product.tiers)])
        for product in of.products
    }
    rows = db.session.execute(
        select(PledgeIncrement.at, PledgeIncrement.product_id, PledgeIncrement.want)
        .join(Pledge, Pledge.id == PledgeIncrement.pledge_id)
        .where(Pledge.campaign_id == of.id)
    )
    return rules.over_time([(at, want * dearest[number]) for at, number, want in rows if want])


@dataclass(frozen=True)
class Filling:
    """A product against its packs: what is wanted, what is bought, what is missing to one pack more."""

    product: Product
    wanted: int
    bought: int
    packs: int
    missing: int | None


def fillings(of: Campaign) -> list[Filling]:
    """Each product as it stands, or as closing fixed it."""
    found = []
    for product in of.products:
        goods = purchases.Goods(
            product.id, product.price_cents, pack_size=product.pack_size, limit=product.limit_units
        )
        counts = {"want": product.wanted, "tolerance": product.tolerated}
        packs = purchases.packs_of(goods, **counts) if product.packs is None else product.packs
        missing = purchases.missing_to_next_pack(goods, **counts) if product.packs is None else None
        found.append(Filling(product, product.wanted, packs * product.pack_size, packs, missing))
    return found


# -- at the counter ---------------------------------------------------------------------------------------


def to_pick_up(resident_id: int, *, hub_id: int) -> list[tuple[int, str]]:
    """What waits at this hub for her: (number of the campaign, its title)."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.title)
        .join(Pledge, Pledge.campaign_id == Campaign.id)
        .where(
            Pledge.resident_id == resident_id,
            Pledge.status == "live",
            Pledge.picked_up_at.is_(None),
            Campaign.hub_id == hub_id,
            Campaign.status.in_(("delivered", "closed")),
            select(Allotment.pledge_id)
            .where(Allotment.pledge_id == Pledge.id, Allotment.received_quantity > 0)
            .exists(),
        )
        .order_by(Campaign.id)
    )
    return [(number, title) for number, title in rows]


def slots_soon(*, now: datetime, until: datetime, after_id: int, limit: int) -> Sequence[PickUpSlot]:
    """Slots that begin within this time, by number."""
    return db.session.scalars(
        select(PickUpSlot)
        .where(PickUpSlot.starts_at > now, PickUpSlot.starts_at <= until, PickUpSlot.id > after_id)
        .order_by(PickUpSlot.id)
        .limit(limit)
    ).all()
