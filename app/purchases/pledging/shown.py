"""A pledge as its page says it, live: what is missing to the minimum, to the next price and to the next pack, what it
would cost now, and the most that it will ever cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.i18n import _, format_day, format_day_time, format_money, ngettext
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.pledging.rules import Line, Running, Step
from app.purchases.shown import drawing_of

SQUARES = 24
"""Larger packs are not drawn."""


@dataclass(frozen=True)
class Gap:
    """How far the campaign is with this pledge."""

    value: int
    max: int
    have: str
    homes: str
    words: str


@dataclass(frozen=True)
class Price:
    """A price of the list: `state` is got, next or nothing."""

    price: str
    words: Sequence[str]
    state: str


@dataclass(frozen=True)
class Pack:
    """The pack that fills: its title, what would fill it, and as squares taken by others, hers and missing (none where
    it is too large to be drawn)."""

    title: str
    words: str
    squares: tuple[int, int, int] | None
    label: str


@dataclass(frozen=True)
class Goods:
    """A product with what she says of it."""

    product: Product
    drawing: str
    meta: str
    each: str
    cost: str
    prices: Sequence[Price]
    pack: Pack | None
    left: str


@dataclass(frozen=True)
class Sum:
    """Her side of it: lines (what, how much), the running sum and the ceiling."""

    lines: Sequence[tuple[str, str]]
    total: str
    ceiling: str


@dataclass(frozen=True)
class Live:
    """All that changes while she chooses."""

    gap: Gap
    goods: Sequence[Goods]
    sum: Sum


def live(campaign: Campaign, products: Sequence[Product], running: Running, *, pledge: Pledge | None) -> Live:
    """How it stands with what she says now."""
    pairs = list(zip(products, running.lines, strict=True))
    return Live(
        gap=_gap(campaign, running, pledge=pledge),
        goods=[_goods(product, line, campaign.currency) for product, line in pairs],
        sum=_sum(campaign.currency, pairs, running),
    )


def _gap(campaign: Campaign, running: Running, *, pledge: Pledge | None) -> Gap:
    have = format_money(running.secured_cents, campaign.currency)
    if campaign.minimum_cents:
        minimum = format_money(campaign.minimum_cents, campaign.currency)
        have = _("%(sum)s sur %(minimum)s", sum=have, minimum=minimum)
    counted = pledge is not None and pledge.status in ("holding", "live")
    takes = any(line.want for line in running.lines)
    homes = campaign.pledgers - counted + takes
    words = ngettext("%(num)s foyer", "%(num)s foyers", homes)
    return Gap(
        value=min(running.secured_cents, campaign.minimum_cents),
        max=campaign.minimum_cents,
        have=have,
        homes=_("%(homes)s, avec vous", homes=words) if takes else str(words),
        words=_missing(campaign, running),
    )


def _missing(campaign: Campaign, running: Running) -> str:
    closes = format_day_time(campaign.closes_at, campaign.hub.timezone)
    if running.missing_cents:
        return _(
            "Encore %(missing)s avant le %(closes)s, et la commande part. Sinon, personne ne paie rien.",
            missing=format_money(running.missing_cents, campaign.currency),
            closes=closes,
        )
    if campaign.minimum_cents:
        return _("Le minimum est atteint : la commande part le %(closes)s.", closes=closes)
    return _("La commande part le %(closes)s, avec ce qui est engagé.", closes=closes)


# --- a product -------------------------------------------------------------------------------------------------------


def _goods(product: Product, line: Line, currency: str) -> Goods:
    left = line.left
    return Goods(
        product=product,
        drawing=drawing_of(product.name),
        meta=_packaging(product),
        each=_("%(price)s l’unité", price=format_money(line.price_cents, currency)),
        cost=format_money(line.goods_cents, currency),
        prices=_prices(line.steps, currency),
        pack=_pack(line) if product.pack_size > 1 else None,
        left="" if left is None else str(ngettext("Il en reste %(num)s.", "Il en reste %(num)s.", left)),
    )


def _packaging(product: Product) -> str:
    unit = product.unit if product.unit_size == 1 else f"{product.unit_size} {product.unit}"
    if product.pack_size == 1:
        return unit
    return _("%(unit)s · par colis de %(size)s", unit=unit, size=product.pack_size)


def _prices(steps: Sequence[Step], currency: str) -> list[Price]:
    following = next((step for step in steps if not step.reached and step.from_quantity > 1), None)
    return [
        Price(
            price=format_money(step.price_cents, currency),
            words=_price_words(step),
            state="got" if step.now and step.from_quantity > 1 else "next" if step is following else "",
        )
        for step in steps
    ]


def _price_words(step: Step) -> list[str]:
    first = _("dès %(n)s", n=step.from_quantity) if step.from_quantity > 1 else _("au départ")
    if step.now:
        return [first, _("prix du moment")]
    if step.reached:
        return [first, _("dépassé")]
    if step.missing is None:
        return [first, _("hors de portée")]
    return [first, _("encore %(n)s", n=step.missing)]


def _pack(line: Line) -> Pack:
    size, begun, hers = line.goods.pack_size, line.begun, line.begun_hers
    others, missing = begun - hers, size - begun
    squares = (others, hers, missing) if begun and size <= SQUARES else None
    return Pack(
        title=_("Colis en cours : %(have)s sur %(size)s", have=begun, size=size)
        if begun
        else _("Aucun colis commencé"),
        words=_pack_words(line),
        squares=squares,
        label=_(
            "%(others)s pris par d’autres, %(hers)s à vous, %(missing)s à prendre",
            others=others,
            hers=hers,
            missing=missing,
        ),
    )


def _pack_words(line: Line) -> str:
    begun = line.wanted % line.goods.pack_size
    if not begun:
        return ""
    if line.filled_by_tolerance:
        return _("La souplesse le complète : il part.")
    missing = line.missing_to_next_pack
    if missing is None:
        return _("Il n’y a plus de colis entier : ce qui dépasse ne sera pas servi.")
    return str(
        ngettext(
            "Encore %(num)s pour qu’il parte. Incomplet, il n’est pas commandé.",
            "Encore %(num)s pour qu’il parte. Incomplet, il n’est pas commandé.",
            missing,
        )
    )


# --- her side --------------------------------------------------------------------------------------------------------


def _sum(currency: str, pairs: Sequence[tuple[Product, Line]], running: Running) -> Sum:
    lines = [
        (
            _("%(count)s × %(name)s", count=line.want, name=product.name),
            format_money(line.goods_cents, currency),
        )
        for product, line in pairs
        if line.want
    ]
    if running.share_cents:
        lines.append((_("Frais et transport"), format_money(running.share_cents, currency)))
    return Sum(
        lines=lines,
        total=format_money(running.total_cents, currency),
        ceiling=format_money(running.ceiling_cents, currency),
    )


# --- after the closing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of it: `rows` of product, said, given and price; what is paid, and a sentence about it."""

    rows: Sequence[tuple[str, str, str, str]]
    total: str
    words: str


def result(
    campaign: Campaign,
    pledge: Pledge,
    allotted: Sequence[Allotment],
    said: Mapping[int, tuple[int, int]],
    products: Sequence[Product],
) -> Result:
    """What she said and what she gets, product by product."""
    given = {one.product_id: one for one in allotted}
    rows = []
    for product in products:
        want, tolerance = said.get(product.id, (0, 0))
        one = given.get(product.id)
        if want:
            wanted = _("%(n)s, et %(more)s de plus", n=want, more=tolerance) if tolerance else str(want)
            cost = format_money(one.goods_cents if one else 0, campaign.currency)
            rows.append((product.name, wanted, str(one.quantity if one else 0), cost))
    if pledge.share_cents:
        rows.append((_("Frais et transport"), "", "", format_money(pledge.share_cents, campaign.currency)))
    total = "" if pledge.total_cents is None else format_money(pledge.total_cents, campaign.currency)
    return Result(rows=rows, total=total, words=_ended(campaign, pledge))


def _ended(campaign: Campaign, pledge: Pledge) -> str:
    if campaign.status == "failed":
        return _("Ce n’était pas assez : pas de commande, rien à payer.")
    if campaign.status == "cancelled":
        return _("Cet achat est annulé : pas de commande, rien à payer.")
    if pledge.total_cents is None:
        return _("Les engagements sont clos. On compte : vous saurez bientôt ce que vous recevez.")
    if not pledge.total_cents:
        return _("Les colis complets n’ont pas suffi pour vous servir. Rien à payer.")
    if pledge.payment == "card":
        if campaign.status == "collecting":
            return _("Votre carte est demandée. La commande part quand assez est réuni.")
        return _("C’est payé par carte.")
    return _("À payer au comptoir, au retrait, %(day)s au plus tôt.", day=format_day(campaign.delivery_day))


def closed(status: str) -> str:
    """What closing it now has done."""
    if status == "closing":
        return _("C’est clos. On attend encore une carte, une demi-heure au plus.")
    if status == "collecting":
        return _("C’est clos : il y en a assez. Les cartes sont demandées.")
    if status == "failed":
        return _("C’est clos : il n’y en a pas assez. Personne ne paie rien.")
    return _("C’est clos : il y en a assez, la commande peut partir.")
