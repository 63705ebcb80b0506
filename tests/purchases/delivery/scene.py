"""A campaign that has just succeeded, as the closing leaves it: rows by the rules, dues in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.accounts.models import Resident
from app.core import clock, codes
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.payments.ledger import queries as money
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases import rules
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import Allotment, Pledge, PledgeIncrement
from tests import factories

Wishes = Mapping[str, tuple[int, int]]
"""What somebody wants and would take besides, by the name of the product."""


@dataclass
class Scene:
    """A campaign with its organizer, a volunteer, and one pledge for each of those who pledged, in this order."""

    campaign: Campaign
    hub: Hub
    organizer: Resident
    volunteer: Resident
    products: dict[str, Product]
    pledges: list[Pledge] = field(default_factory=list)

    def fresh(self) -> None:
        """Read anew what others wrote."""
        db.session.rollback()
        db.session.expire_all()

    def owed(self, number: int) -> int:
        """What the pledger of this number owes; below zero, what is hers."""
        pledge = self.pledges[number]
        return money.owed(
            subject=pledge.subject, resident_id=pledge.resident_id, currency=self.campaign.currency
        )

    def campaign_cents(self) -> int:
        """What its account holds."""
        return money.balance(Account.campaign(self.campaign.subject), self.campaign.currency)


def succeeded(
    wishes: Sequence[Wishes],
    *,
    products: Mapping[str, Mapping[str, Any]] | None = None,
    payment: str = "counter",
    now: datetime | None = None,
    **values: Any,
) -> Scene:
    """Closed with these wishes, in the order of pledging; of oil at 10 € in packs of six, unless `products` says else."""
    now = now or clock.now()
    hub = factories.hub("Maison des Tilleuls")
    organizer, volunteer = factories.coordinator(hub, "Zoë Lefèvre"), factories.volunteer(hub)
    campaign = factories.campaign(hub=hub, organizer=organizer, payment=payment, status="open", **values)
    sold = {
        name: factories.product(campaign, name=name, **said)
        for name, said in (products or {"Huile": {"price_cents": 1000, "pack_size": 6}}).items()
    }
    scene = Scene(campaign, hub, organizer, volunteer, sold)
    with transaction():
        for number, wish in enumerate(wishes):
            scene.pledges.append(_pledge(scene, number, wish, payment=payment, now=now))
        _close(scene, wishes, now=now)
    scene.fresh()
    return scene


def _pledge(scene: Scene, number: int, wish: Wishes, *, payment: str, now: datetime) -> Pledge:
    person = Resident(
        name=f"Aïcha Nœuvéglise {number}", code=str(codes.new(codes.MEMBER)), created_at=now, locale="fr",
        email=f"a{scene.campaign.id}.{number}@example.org", email_confirmed_at=now,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    pledge = Pledge(
        campaign_id=scene.campaign.id, resident_id=person.id, payment=payment, status="live", ceiling_cents=0,
        created_at=now, version=1,
    )  # fmt: skip
    db.session.add(pledge)
    db.session.flush()
    for name, (want, tolerance) in wish.items():
        if want or tolerance:
            db.session.add(
                PledgeIncrement(
                    pledge_id=pledge.id,
                    product_id=scene.products[name].id,
                    want=want,
                    tolerance=tolerance,
                    at=now,
                )
            )
            db.session.flush()
    return pledge


def _close(scene: Scene, wishes: Sequence[Wishes], *, now: datetime) -> None:
    campaign = scene.campaign = db.session.get_one(Campaign, scene.campaign.id)
    shared = campaign.fees_cents + (campaign.transport_cents if campaign.transport_split == "by_value" else 0)
    terms = rules.Terms(campaign.minimum_cents, shared, sharing=campaign.sharing)  # type: ignore[arg-type]
    goods = {
        name: rules.Goods(
            one.id,
            one.price_cents,
            one.pack_size,
            tiers=[rules.Tier(tier.from_quantity, tier.price_cents) for tier in one.tiers],
        )
        for name, one in scene.products.items()
    }
    for pledge, wish in zip(scene.pledges, wishes, strict=True):
        own = rules.own_cents((goods[name], *counts) for name, counts in wish.items())
        pledge.ceiling_cents = rules.ceiling(own, terms)
    increments = {
        goods[name].id: [
            rules.Increment(pledge.id, *wish[name])
            for pledge, wish in zip(scene.pledges, wishes, strict=True)
            if name in wish
        ]
        for name in goods
    }
    ended = rules.outcome(
        terms, list(goods.values()), increments, {pledge.id: pledge.ceiling_cents for pledge in scene.pledges}
    )
    for bought in ended.bought:
        product = db.session.get_one(Product, bought.goods.id)
        product.packs, product.final_price_cents = bought.packs, bought.price_cents
        for pledge_id, count in bought.given.items():
            row = {"pledge_id": pledge_id, "product_id": product.id, "quantity": count}
            db.session.execute(insert(Allotment).values(**row, goods_cents=count * bought.price_cents))
    for pledge in scene.pledges:
        bill = ended.bills[pledge.id]
        pledge.share_cents, pledge.waived_cents = bill.share_cents, bill.waived_cents
        pledge.total_cents = bill.total_cents
        _due(campaign, pledge, now=now)
    campaign.status, campaign.decided_at = "succeeded", now


def _due(campaign: Campaign, pledge: Pledge, *, now: datetime) -> None:
    if pledge.total_cents:
        ledger.post(
            source=pledge.subject,
            kind="due",
            subject=pledge.subject,
            lines=[
                (Account.member(pledge.resident_id), pledge.total_cents),
                (Account.campaign(campaign.subject), -pledge.total_cents),
            ],
            actor_id=None,
            now=now,
        )
