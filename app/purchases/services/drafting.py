"""Writing a campaign: what is said of it, its products, its slots, and who else looks after it. Once somebody has pledged,
what she counts on stands: prices, packs, minimum, what is shared and how it is paid."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound, Stale
from app.events.purchases import CampaignChanged
from app.hubs import queries as hubs
from app.payments.cards import queries as cards
from app.purchases import fields, policy, times
from app.purchases.models import (
    Campaign,
    CampaignOrganizer,
    CampaignTelling,
    PickUpSlot,
    Product,
    ProductTier,
)
from app.purchases.services.ground import begun_at, looked_after, write_down

PROMISED = (
    "payment",
    "currency",
    "minimum_cents",
    "fees_cents",
    "transport_cents",
    "transport_split",
    "sharing",
)
"""What stands once somebody has pledged: what she may have to pay follows from it."""
PROMISED_OF_PRODUCT = ("unit", "unit_size", "price_cents", "pack_size", "limit_units", "vat_permille")
MOST_ORGANIZERS = 10
MOST_DRAFTS = 20
"""Of one organizer at one hub: whoever has more, finishes some."""
PLAIN = tuple(name for name in (one.name for one in fields_of(fields.Goods)) if name != "tiers")


def create(
    *,
    hub_id: int,
    actor_id: int,
    products: Sequence[Mapping[str, Any]] = (),
    slots: Sequence[Mapping[str, Any]] = (),
    now: datetime,
    **given: Any,
) -> Campaign:
    """Somebody who may begin one at this hub writes a draft; see `fields.Said` for what is given. Nobody else sees it
    until it opens."""
    hub = begun_at(hub_id, actor_id=actor_id)
    said = fields.check(given, hub, cards=cards.enabled(), now=now)
    _refuse_too_many(hub.id, actor_id)
    campaign = Campaign(hub_id=hub.id, organizer_id=actor_id, **vars(said), created_at=now)
    db.session.add(campaign)
    db.session.flush()
    _put_products(campaign, products)
    _put_slots(campaign, slots)
    db.session.flush()
    write_down("purchases.drafted", campaign, actor_id=actor_id, now=now)
    return campaign


def _refuse_too_many(hub_id: int, actor_id: int) -> None:
    mine = select(func.count(Campaign.id)).where(
        Campaign.organizer_id == actor_id, Campaign.status == "draft", Campaign.hub_id == hub_id
    )
    if (db.session.scalar(mine) or 0) >= MOST_DRAFTS:
        raise Conflict("purchases.too_many_drafts", max=MOST_DRAFTS)


def edit(
    *,
    campaign_id: int,
    actor_id: int,
    revision: int | None = None,
    products: Sequence[Mapping[str, Any]] | None = None,
    slots: Sequence[Mapping[str, Any]] | None = None,
    now: datetime,
    **given: Any,
) -> Campaign:
    """What is given is said anew, the rest stays; `products` and `slots` are whole lists, where one that has an `id` stays
    the same. With `revision`, only if nobody changed it since that one was read. Whoever pledged is told when it closes
    or is delivered at another time."""
    campaign = _writable(campaign_id, actor_id=actor_id, revision=revision)
    was = {name: getattr(campaign, name) for name in fields.NAMES}
    said = fields.check({**was, **given}, campaign.hub, cards=_takes_cards(campaign), now=now)
    changed = {name: value for name, value in vars(said).items() if value != was[name]}
    _refuse_changed(campaign, changed, PROMISED)
    if campaign.status == "open":
        changed.pop("opens_at", None)
        if said.closes_at < campaign.closes_at and campaign.pledgers:
            raise Invalid({"closes_at": "purchases.closes_sooner"})
    for name, value in changed.items():
        setattr(campaign, name, value)
    if products is not None:
        _put_products(campaign, products)
    if slots is not None or "delivery_day" in changed:
        _put_slots(campaign, slots if slots is not None else _as_given(campaign))
    _write(campaign, actor_id=actor_id, now=now, changed=sorted(changed))
    told = tuple(name for name in ("closes_at", "delivery_day") if name in changed)
    if told and campaign.status == "open":
        _tell_last_day_anew(campaign, now=now)
        outbox.record(CampaignChanged(campaign.id, told, now), now=now)
    return campaign


def _tell_last_day_anew(campaign: Campaign, *, now: datetime) -> None:
    if campaign.closes_at > now + times.LAST_DAY:
        db.session.execute(
            delete(CampaignTelling).where(
                CampaignTelling.campaign_id == campaign.id, CampaignTelling.what == "last_day"
            )
        )


def _takes_cards(campaign: Campaign) -> bool:
    """A campaign that was made with cards keeps saying so, also where the key is gone since."""
    return cards.enabled() or (campaign.status == "open" and campaign.payment != "counter")


def _writable(campaign_id: int, *, actor_id: int, revision: int | None = None) -> Campaign:
    campaign = looked_after(campaign_id, actor_id=actor_id)
    if revision is not None and revision != campaign.revision:
        raise Stale
    if campaign.status not in ("draft", "open"):
        raise Conflict("purchases.not_changed_any_more")
    return campaign


def _write(campaign: Campaign, *, actor_id: int, now: datetime, **details: Any) -> None:
    campaign.revision += 1
    db.session.flush()
    write_down("purchases.edited", campaign, actor_id=actor_id, now=now, **details)


def _refuse_changed(
    campaign: Campaign, changed: Mapping[str, Any], promised: Sequence[str], *, prefix: str = ""
) -> None:
    if campaign.pledgers:
        faults = {
            f"{prefix}{name.removesuffix('_units')}": "purchases.promised"
            for name in promised
            if name in changed
        }
        if faults:
            raise Invalid(faults)


# -- products -----------------------------------------------------------------------------------------------


def put_product(
    *, campaign_id: int, actor_id: int, product_id: int | None = None, now: datetime, **given: Any
) -> Product:
    """A product more, or one of them said anew; see `fields.Goods` for what is given."""
    campaign = _writable(campaign_id, actor_id=actor_id)
    goods = fields.check_product(given, currency=campaign.currency)
    if product_id is None:
        if len(campaign.products) >= fields.MOST_PRODUCTS:
            raise Conflict("purchases.too_many_products", max=fields.MOST_PRODUCTS)
        product = _made(campaign, goods)
    else:
        product = _product(campaign, product_id)
        _put(campaign, product, goods)
    _write(campaign, actor_id=actor_id, now=now, product=goods.name)
    return product


def remove_product(*, campaign_id: int, actor_id: int, product_id: int, now: datetime) -> None:
    """It is not for sale after all, as long as nobody counts on it."""
    campaign = _writable(campaign_id, actor_id=actor_id)
    product = _product(campaign, product_id)
    _remove(campaign, product)
    _write(campaign, actor_id=actor_id, now=now, removed=product.name)


def _product(campaign: Campaign, product_id: int) -> Product:
    found = next((one for one in campaign.products if one.id == product_id), None)
    if found is None:
        raise NotFound("purchases.no_such_product")
    return found


def _made(campaign: Campaign, goods: fields.Goods) -> Product:
    last = max((one.position for one in campaign.products), default=0)
    product = Product(position=last + 1, **{name: getattr(goods, name) for name in PLAIN})
    product.tiers = [ProductTier(**vars(tier)) for tier in goods.tiers]
    campaign.products.append(product)
    return product


def _put(campaign: Campaign, product: Product, goods: fields.Goods, *, prefix: str = "") -> None:
    changed = {name: value for name in PLAIN if (value := getattr(goods, name)) != getattr(product, name)}
    tiers = {tier.from_quantity: tier.price_cents for tier in goods.tiers}
    if tiers != {tier.from_quantity: tier.price_cents for tier in product.tiers}:
        changed["tiers"] = tiers
    more = "limit_units" in changed and (goods.limit_units or fields.MOST_UNITS) >= product.wanted
    promised = [name for name in (*PROMISED_OF_PRODUCT, "tiers") if not (name == "limit_units" and more)]
    _refuse_changed(campaign, changed, promised, prefix=prefix)
    for name in PLAIN:
        setattr(product, name, getattr(goods, name))
    if "tiers" in changed:
        kept = {tier.from_quantity: tier for tier in product.tiers if tier.from_quantity in tiers}
        product.tiers = [
            kept.get(units) or ProductTier(from_quantity=units, price_cents=cents)
            for units, cents in tiers.items()
        ]
        for tier in product.tiers:
            tier.price_cents = tiers[tier.from_quantity]


def _remove(campaign: Campaign, product: Product) -> None:
    if product.wanted or product.tolerated or (campaign.pledgers and len(campaign.products) == 1):
        raise Conflict("purchases.product_pledged", name=product.name)
    campaign.products.remove(product)


def _put_products(campaign: Campaign, given: Sequence[Mapping[str, Any]]) -> None:
    """The whole list: those with an `id` stay the same products, those that are not named any more go."""
    said = fields.check_products(given, currency=campaign.currency)
    numbers = [one.get("id") for one in given]
    known = {one.id: one for one in campaign.products}
    if any(number is not None and number not in known for number in numbers):
        raise Invalid({"products": "purchases.no_such_product"})
    for product in [one for one in campaign.products if one.id not in numbers]:
        _remove(campaign, product)
    for place, (number, goods) in enumerate(zip(numbers, said, strict=True)):
        if number is None:
            product = _made(campaign, goods)
        else:
            product = known[number]
            _put(campaign, product, goods, prefix=f"products.{place}.")
        product.position = place + 1


# -- slots --------------------------------------------------------------------------------------------------


def put_slots(
    *, campaign_id: int, actor_id: int, slots: Sequence[Mapping[str, Any]], now: datetime
) -> Sequence[PickUpSlot]:
    """More times at which one can come; those that are there already stay."""
    campaign = _writable_late(campaign_id, actor_id=actor_id)
    have = {(one.starts_at, one.ends_at) for one in campaign.slots}
    fresh = [one for one in slots if (one.get("starts_at"), one.get("ends_at")) not in have]
    _put_slots(campaign, [*_as_given(campaign), *fresh])
    _write(campaign, actor_id=actor_id, now=now, slots=len(fresh))
    return campaign.slots


def remove_slot(*, campaign_id: int, actor_id: int, slot_id: int, now: datetime) -> None:
    """Nobody can come then, as long as nobody said she would."""
    campaign = _writable_late(campaign_id, actor_id=actor_id)
    slot = next((one for one in campaign.slots if one.id == slot_id), None)
    if slot is None:
        raise NotFound("purchases.no_such_slot")
    _take_away(campaign, slot)
    _write(campaign, actor_id=actor_id, now=now, slot=slot_id)


def _writable_late(campaign_id: int, *, actor_id: int) -> Campaign:
    """Slots are said until the goods are there."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    if campaign.status in ("delivered", "closed", "failed", "cancelled"):
        raise Conflict("purchases.not_changed_any_more")
    return campaign


def _as_given(campaign: Campaign) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "starts_at": one.starts_at, "ends_at": one.ends_at, "capacity": one.capacity}
        for one in campaign.slots
    ]


def _put_slots(campaign: Campaign, given: Sequence[Mapping[str, Any]]) -> None:
    said = fields.check_slots(given, first_day=campaign.delivery_day, timezone=campaign.hub.timezone)
    numbers = [one.get("id") for one in given]
    known = {one.id: one for one in campaign.slots}
    if any(number is not None and number not in known for number in numbers):
        raise Invalid({"slots": "purchases.no_such_slot"})
    for slot in [one for one in campaign.slots if one.id not in numbers]:
        _take_away(campaign, slot)
    for number, one in zip(numbers, said, strict=True):
        if number is None:
            campaign.slots.append(PickUpSlot(**vars(one)))
            continue
        slot = known[number]
        if one.capacity < slot.taken:
            raise Invalid({"capacity": ("purchases.slot_taken", {"taken": slot.taken})})
        slot.starts_at, slot.ends_at, slot.capacity = one.starts_at, one.ends_at, one.capacity


def _take_away(campaign: Campaign, slot: PickUpSlot) -> None:
    if slot.taken:
        raise Conflict("purchases.slot_chosen", taken=slot.taken)
    campaign.slots.remove(slot)


# -- who looks after it -------------------------------------------------------------------------------------


def name_organizer(*, campaign_id: int, actor_id: int, resident_id: int, now: datetime) -> None:
    """Somebody of the hub who may begin one herself looks after it too."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    membership = hubs.membership(resident_id, campaign.hub_id)
    roles = membership.roles if membership else ()
    if policy.why_not_begin(policy.Actor(resident_id, roles)):
        raise Invalid({"resident": "purchases.not_of_the_team"})
    already = {campaign.organizer_id, *(one.resident_id for one in campaign.organizers)}
    if resident_id in already:
        return
    if len(already) > MOST_ORGANIZERS:
        raise Conflict("purchases.too_many_organizers", max=MOST_ORGANIZERS)
    campaign.organizers.append(CampaignOrganizer(resident_id=resident_id))
    write_down("purchases.organizer_named", campaign, actor_id=actor_id, now=now, resident=resident_id)


def part_with_organizer(*, campaign_id: int, actor_id: int, resident_id: int, now: datetime) -> None:
    """She looks after it no more."""
    campaign = looked_after(campaign_id, actor_id=actor_id)
    left = next((one for one in campaign.organizers if one.resident_id == resident_id), None)
    if left is None:
        raise NotFound("purchases.no_such_organizer")
    campaign.organizers.remove(left)
    write_down("purchases.organizer_left", campaign, actor_id=actor_id, now=now, resident=resident_id)


# -- one more like it ---------------------------------------------------------------------------------------


def copy(*, campaign_id: int, actor_id: int, now: datetime, **given: Any) -> Campaign:
    """A draft like an earlier campaign: the same products, other times (`closes_at`, `delivery_day`). Whoever may begin
    one at that hub may copy any that she sees."""
    earlier = db.session.get(Campaign, campaign_id)
    if earlier is None or earlier.status == "draft":
        earlier = looked_after(campaign_id, actor_id=actor_id)
    said = {name: getattr(earlier, name) for name in fields.NAMES if name not in ("opens_at", "every_weeks")}
    if earlier.payment != "counter" and not cards.enabled():
        said["payment"] = "counter"
    made = create(hub_id=earlier.hub_id, actor_id=actor_id, now=now, **{**said, **given})
    made.copied_from_id = earlier.id
    copy_products(earlier, made)
    db.session.flush()
    return made


def copy_products(earlier: Campaign, made: Campaign) -> None:
    """The same products at the same prices."""
    for one in earlier.products:
        like = Product(position=one.position, **{name: getattr(one, name) for name in PLAIN})
        like.tiers = [
            ProductTier(from_quantity=tier.from_quantity, price_cents=tier.price_cents) for tier in one.tiers
        ]
        made.products.append(like)


def copy_slots(earlier: Campaign, made: Campaign, *, weeks: int) -> None:
    """The same times to come for it, so many weeks on."""
    for one in earlier.slots:
        starts = times.later(one.starts_at, earlier.hub.timezone, weeks=weeks)
        ends = starts + (one.ends_at - one.starts_at)
        made.slots.append(PickUpSlot(starts_at=starts, ends_at=ends, capacity=one.capacity))
