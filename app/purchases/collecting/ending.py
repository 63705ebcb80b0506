"""How a campaign would end without some of its pledges, by each of the ways there are; and what each leaves to the hub."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.core.db import db
from app.purchases.collecting import rules
from app.purchases.models import Campaign
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.pledging.standing import products_of, standing
from app.purchases.rules import Outcome


@dataclass(frozen=True)
class Preview:
    """One way to go on. `units_left`: how many of each product nobody takes; `hub_cents`: what members do not pay of
    what it costs; `missing_cents`: what is missing to the minimum."""

    choice: str
    units_left: Sequence[tuple[str, int]]
    hub_cents: int
    missing_cents: int
    possible: bool


def without(campaign: Campaign, out: Sequence[Pledge]) -> Outcome:
    """All of it counted anew, as if these had never pledged."""
    return standing(campaign).outcome(without={pledge.id for pledge in out})


def offered(campaign: Campaign, out: Sequence[Pledge]) -> Outcome:
    """What was decided is bought; their units go to the others."""
    stands = standing(campaign)
    return rules.offered(
        stands.terms,
        stands.goods,
        _decided(campaign),
        stands.increments,
        stands.ceilings,
        without={pledge.id for pledge in out},
    )


def outcome_of(choice: str, campaign: Campaign, out: Sequence[Pledge]) -> Outcome | None:
    """What is to be written for this choice; None where all that was decided stays for the others."""
    if choice == "cover":
        return None
    ways = {"offer": offered, "remove": without}
    if choice not in ways:
        raise ValueError(choice)
    return ways[choice](campaign, out)


def previews(campaign: Campaign, out: Sequence[Pledge]) -> list[Preview]:
    """What each choice would come to."""
    ways = [("offer", offered(campaign, out)), ("remove", without(campaign, out))]
    found = [_covered(campaign, out)]
    for choice, outcome in ways:
        left = [(bought, bought.units - sum(bought.given.values())) for bought in outcome.bought]
        goods = sum(bought.units * bought.price_cents for bought in outcome.bought)
        paid = sum(bill.total_cents for bill in outcome.bills.values())
        names = {product.id: product.name for product in products_of(campaign.id)}
        found.append(
            Preview(
                choice,
                [(names[bought.goods.id], units) for bought, units in left if units],
                goods + standing(campaign).terms.shared_cents - paid,
                outcome.missing_cents,
                bool(goods and outcome.bills),
            )
        )
    return found


def _decided(campaign: Campaign) -> dict[int, tuple[int, int]]:
    """Packs and price of each product, as the closing fixed them."""
    return {
        product.id: (product.packs or 0, product.final_price_cents or product.price_cents)
        for product in products_of(campaign.id)
    }


def _covered(campaign: Campaign, out: Sequence[Pledge]) -> Preview:
    """The hub takes what they leave."""
    ids = [pledge.id for pledge in out]
    given = dict(
        db.session.execute(
            select(Allotment.product_id, func.sum(Allotment.quantity))
            .join(Pledge, Pledge.id == Allotment.pledge_id)
            .where(Pledge.campaign_id == campaign.id, Pledge.status == "live", Pledge.id.not_in(ids))
            .group_by(Allotment.product_id)
        ).all()
    )
    paid = db.session.scalar(
        select(func.sum(Pledge.total_cents)).where(
            Pledge.campaign_id == campaign.id, Pledge.status == "live", Pledge.id.not_in(ids)
        )
    )
    decided = _decided(campaign)
    sizes = {product.id: (product.name, product.pack_size) for product in products_of(campaign.id)}
    left = [
        (sizes[number][0], units)
        for number, (packs, _price) in decided.items()
        if (units := packs * sizes[number][1] - int(given.get(number, 0)))
    ]
    goods = sum(packs * sizes[number][1] * price for number, (packs, price) in decided.items())
    shared = standing(campaign).terms.shared_cents
    return Preview("cover", left, goods + shared - int(paid or 0), 0, bool(given))
