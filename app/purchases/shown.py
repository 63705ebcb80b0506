"""Campaigns as pages say them: how one stands, how long it is open, how far it is from its minimum, what each product
costs at which quantity, and how its pack fills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.i18n import _, format_day, format_day_time, format_money, ngettext, sentence
from app.purchases import rules
from app.purchases.listed import Listed
from app.purchases.models import Campaign, Product

Tag = tuple[str, str, str | None]
SQUARES = 24
"""With larger packs than so, squares say less than the sentence."""
DRAWINGS = (
    ("bocaux", ("huile", "miel", "confiture", "conserve", "bocal", "jus", "vin", "olive", "sauce", "sirop")),
    ("cocotte", ("farine", "riz", "pâte", "lentille", "haricot", "pois", "semoule", "légume", "viande")),
    ("arrosoir", ("plant", "graine", "semence", "terreau", "compost", "paillage")),
)
"""Which drawing stands beside what its name speaks of."""
_SIGNS: dict[str, tuple[str, str | None]] = {
    "draft": ("", "edit"),
    "closing": ("info", "hourglass"),
    "collecting": ("info", "card"),
    "succeeded": ("ok", "ok"),
    "failed": ("", "close"),
    "ordered": ("ok", "parcel"),
    "delivered": ("ok", "shelf"),
    "closed": ("", "ok"),
    "cancelled": ("bad", "close"),
}


def tag(one: Any, *, now: datetime) -> Tag:
    """How a campaign stands: kind, words, sign. What is open says how long."""
    if one.status == "open":
        left = one.closes_at - now
        if left <= timedelta(0):
            return "info", _("Clôture en cours"), "hourglass"
        return ("warn" if left <= timedelta(days=1) else "info"), time_left(left), "clock"
    if one.status == "draft" and one.ready_at is not None:
        return "", _("S’ouvre bientôt"), "clock"
    kind, sign = _SIGNS[one.status]
    return kind, sentence(f"purchases.status.{one.status}"), sign


def time_left(left: timedelta) -> str:
    """ "Encore 12 jours", "Encore 5 h"."""
    if left >= timedelta(days=2):
        return str(ngettext("Encore %(num)s jour", "Encore %(num)s jours", left.days))
    if left >= timedelta(hours=1):
        return _("Encore %(n)s h", n=left // timedelta(hours=1))
    return _("Encore %(n)s min", n=max(1, left // timedelta(minutes=1)))


@dataclass(frozen=True)
class Line:
    """A campaign in a list, in words."""

    listed: Listed
    tag: Tag
    meta: str
    sums: str


def line(one: Listed, *, now: datetime, far: str = "", with_hub: bool = True) -> Line:
    """`far`: how far its hub is, in words."""
    parts = [one.supplier]
    if with_hub:
        parts.append(_("%(hub)s, à %(far)s", hub=one.hub_name, far=far) if far else one.hub_name)
    parts.append(_when(one))
    sums = gathered(one) if one.status == "open" else ""
    return Line(one, tag(one, now=now), " · ".join(parts), sums)


def _when(one: Listed) -> str:
    """What is to come next for it."""
    if one.status in ("open", "draft"):
        return _("clôture %(moment)s", moment=format_day_time(one.closes_at, one.timezone))
    return _("livraison %(day)s", day=format_day(one.delivery_day))


def gathered(one: Any) -> str:
    """ "746 € sur 800 € · 19 foyers"."""
    if not one.pledgers:
        return _("Personne ne s’est encore engagé")
    homes = ngettext("%(num)s foyer", "%(num)s foyers", one.pledgers)
    return f"{_sum_of_minimum(one)} · {homes}"


def _sum_of_minimum(one: Any) -> str:
    have = format_money(one.pledged_cents, one.currency)
    if not one.minimum_cents:
        return _("%(sum)s engagés", sum=have)
    return _("%(sum)s sur %(minimum)s", sum=have, minimum=format_money(one.minimum_cents, one.currency))


# -- how far ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far it is from its minimum: `value` of `max`; `words` in the box, `label` for who does not see the bar."""

    value: int
    max: int
    have: str
    homes: str
    words: str
    label: str


def progress(campaign: Campaign) -> Progress:
    """The gap to the minimum, and what follows from it."""
    closes = format_day_time(campaign.closes_at, campaign.hub.timezone)
    missing = max(0, campaign.minimum_cents - campaign.pledged_cents)
    if missing:
        words = _(
            "Encore %(missing)s avant le %(closes)s, et la commande part. Sinon, personne ne paie rien.",
            missing=format_money(missing, campaign.currency),
            closes=closes,
        )
    elif campaign.minimum_cents:
        words = _("Le minimum est atteint : la commande part le %(closes)s.", closes=closes)
    else:
        words = _("La commande part le %(closes)s, avec ce qui est engagé.", closes=closes)
    return Progress(
        min(campaign.pledged_cents, campaign.minimum_cents),
        campaign.minimum_cents,
        _sum_of_minimum(campaign),
        str(ngettext("%(num)s foyer", "%(num)s foyers", campaign.pledgers)) if campaign.pledgers else "",
        words,
        _sum_of_minimum(campaign),
    )


# -- products -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One price, and from how many it holds: `state` is "" , "got" (holds now) or "next"."""

    price: str
    words: str
    state: str


@dataclass(frozen=True)
class Pack:
    """The pack that is filling: squares that are wanted, squares that tolerance could fill, squares that are missing."""

    wanted: int
    tolerated: int
    missing: int
    words: str
    label: str


@dataclass(frozen=True)
class ProductView:
    """A product on the page of its campaign. `left`: what can still be had of a limit."""

    product: Product
    drawing: str
    unit: str
    meta: str
    price: str
    steps: Sequence[Step]
    pack: Pack | None
    left: int | None


def goods_of(product: Product) -> rules.Goods:
    """A product as the rules know it."""
    tiers = [rules.Tier(tier.from_quantity, tier.price_cents) for tier in product.tiers]
    return rules.Goods(product.id, product.price_cents, product.pack_size, product.limit_units, tiers)


def unit_of(product: Product) -> str:
    """One of it: "500 g", "bidon de 3 L"."""
    return product.unit if product.unit_size == 1 else f"{product.unit_size}\u00a0{product.unit}"


def drawing_of(name: str) -> str:
    said = name.lower()
    found = (drawing for drawing, words in DRAWINGS if any(word in said for word in words))
    return next(found, "achat-groupe")


def product_view(product: Product, *, currency: str) -> ProductView:
    """A product in words."""
    goods = goods_of(product)
    units = rules.packs_of(goods, want=product.wanted, tolerance=product.tolerated) * goods.pack_size
    parts = [unit_of(product)]
    if product.pack_size > 1:
        parts.append(_("par colis de %(n)s", n=product.pack_size))
    if not product.tiers:
        parts.append(_("prix unique"))
    if product.limit_units is not None:
        parts.append(_("%(n)s en tout", n=product.limit_units))
    return ProductView(
        product,
        drawing_of(product.name),
        unit_of(product),
        " · ".join(parts),
        format_money(goods.price_at(units), currency),
        _steps(goods, units, currency) if goods.tiers else (),
        _pack(product, goods),
        None if product.limit_units is None else product.limit_units - product.wanted,
    )


def _steps(goods: rules.Goods, units: int, currency: str) -> list[Step]:
    tiers = sorted(goods.tiers, key=lambda tier: tier.from_quantity)
    found = []
    prices = [(1, goods.price_cents), *((tier.from_quantity, tier.price_cents) for tier in tiers)]
    reached = max(place for place, (first, _cents) in enumerate(prices) if place == 0 or first <= units)
    for place, (first, cents) in enumerate(prices):
        state = "got" if place == reached else "next" if place == reached + 1 else ""
        if place == reached:
            words = _("prix du moment")
        elif place < reached:
            words = _("dépassé")
        else:
            words = ngettext("encore %(num)s", "encore %(num)s", first - units)
        span = _("dès %(n)s", n=first) if place else _("1 à %(n)s", n=prices[1][0] - 1)
        found.append(Step(format_money(cents, currency), f"{span}, {words}", state))
    return found


def _pack(product: Product, goods: rules.Goods) -> Pack | None:
    """The pack that is begun; None where units are sold one by one or none is begun."""
    begun = product.wanted % product.pack_size
    if product.pack_size == 1 or not begun:
        return None
    tolerated = min(product.tolerated, product.pack_size - begun)
    missing = product.pack_size - begun - tolerated
    words = _("Colis en cours : %(have)s sur %(size)s", have=begun, size=product.pack_size)
    if missing:
        more = ngettext("il en manque %(num)s", "il en manque %(num)s", missing)
    else:
        more = _("la souplesse de chacun le complète")
    if goods.most_packs is not None and product.wanted // product.pack_size >= goods.most_packs:
        return None
    return Pack(begun, tolerated, missing, words, f"{words}, {more}")
