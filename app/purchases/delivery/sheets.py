"""What stands on the lists of a campaign, before they are drawn (`paper.py`): the order for the supplier, what to pack for
whom, what to pack of what. Lengths are millimetres on A4."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.i18n import _, format_clock, format_day, format_money, format_number, ngettext
from app.purchases.delivery.queries import Crate, Line
from app.purchases.delivery.weighing import bought
from app.purchases.models import Campaign, Product

MARGIN = 14.0
RIGHT = 210.0 - MARGIN


@dataclass(frozen=True)
class Column:
    """`x` is where it begins, or for figures (`right`) where it ends; text stands in `width`."""

    head: str
    x: float
    width: float
    right: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Section:
    """Rows that belong together, under a name: one neighbour, one product. `told` stands right of the name, `sums` are
    (word, figure) below the rows."""

    rows: Sequence[Sequence[str]]
    name: str = ""
    told: str = ""
    sums: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Sheet:
    """What stands on one list. `facts` are lines under the title, `page` is the word for a page with # for its number;
    `ticks`: a box before each row; `foot`: lines after all."""

    title: str
    facts: Sequence[str]
    page: str
    columns: Sequence[Column]
    sections: Sequence[Section]
    ticks: bool = False
    foot: Sequence[str] = field(default=())


def unit_of(product: Product) -> str:
    """What one is: "bidon de 3 L", "500 g"."""
    return product.unit if product.unit_size == 1 else f"{format_number(product.unit_size)} {product.unit}"


def named(product: Product) -> str:
    """A product and what one of it is."""
    return f"{product.name}, {unit_of(product)}"


def order_cents(campaign: Campaign) -> int:
    """What the supplier is to get for what is ordered."""
    return sum(bought(product) * (product.final_price_cents or 0) for product in campaign.products)


def order(campaign: Campaign) -> Sheet:
    """The order: whole packs, at the price that closing fixed."""
    rows = [
        (
            named(product),
            format_number(product.packs or 0),
            format_number(product.pack_size),
            format_number(bought(product)),
            format_money(product.final_price_cents or 0, campaign.currency),
            format_money(bought(product) * (product.final_price_cents or 0), campaign.currency),
        )
        for product in campaign.products
        if product.packs
    ]
    hub = campaign.hub
    people = [campaign.organizer.name, *(one.resident.name for one in campaign.organizers)]
    return Sheet(
        title=_("Commande nº %(number)s · %(title)s", number=campaign.id, title=campaign.title),
        facts=[
            _(
                "%(supplier)s · à livrer le %(day)s",
                supplier=campaign.supplier,
                day=format_day(campaign.delivery_day, year=True),
            ),
            f"{hub.name}, {hub.address}",
            _("Suivi par %(names)s", names=", ".join(dict.fromkeys(people))),
        ],
        page=_("page #"),
        columns=[
            Column(_("Produit"), MARGIN, 76),
            Column(_("Colis"), 106, 14, right=True),
            Column(_("par colis"), 124, 16, right=True),
            Column(_("Unités"), 142, 16, right=True, strong=True),
            Column(_("Prix"), 168, 24, right=True),
            Column(_("Somme"), RIGHT, 26, right=True),
        ],
        sections=[
            Section(rows, sums=[(_("Produits"), format_money(order_cents(campaign), campaign.currency))])
        ],
        foot=[campaign.supplier_note] if campaign.supplier_note else [],
    )


def by_person(campaign: Campaign, crates: Sequence[Crate]) -> Sheet:
    """A crate after the other, with what is still to be paid."""
    return Sheet(
        title=_("À préparer par personne · %(title)s", title=campaign.title),
        facts=[_facts(campaign, crates)],
        page=_("page #"),
        columns=[
            Column(_("Produit"), MARGIN + 9, 116),
            Column(_("Quantité"), 166, 22, right=True, strong=True),
            Column(_("Somme"), RIGHT, 28, right=True),
        ],
        sections=[_section_of(campaign, crate) for crate in crates],
        ticks=True,
    )


def _section_of(campaign: Campaign, crate: Crate) -> Section:
    rows = [_row(campaign, line) for line in crate.lines]
    owed = crate.sums.owed_cents
    goods, due = sum(line.cents for line in crate.lines), crate.sums.due_cents
    sums = []
    if due > goods:
        sums.append((_("Part des frais et du transport"), format_money(due - goods, campaign.currency)))
    sums.append((_("En tout"), format_money(due, campaign.currency)))
    if owed > 0:
        sums.append((_("À payer"), format_money(owed, campaign.currency)))
    return Section(rows, name=crate.name, told=slot_words(campaign, crate), sums=sums)


def _row(campaign: Campaign, line: Line) -> tuple[str, str, str]:
    return (named(line.product), quantity_words(line), format_money(line.cents, campaign.currency))


def quantity_words(line: Line) -> str:
    """ "6", or "5 sur 6" where some did not come."""
    if line.units == line.allotted:
        return format_number(line.units)
    return _("%(units)s sur %(all)s", units=format_number(line.units), all=format_number(line.allotted))


def slot_words(campaign: Campaign, crate: Crate) -> str:
    """When she comes, if she has said so."""
    slot = crate.pledge.slot
    if slot is None:
        return ""
    zone = campaign.hub.timezone
    return _(
        "%(begins)s à %(ends)s",
        begins=format_clock(slot.starts_at, zone),
        ends=format_clock(slot.ends_at, zone),
    )


def by_product(campaign: Campaign, crates: Sequence[Crate]) -> Sheet:
    """A product after the other, with who gets how many."""
    sections = []
    for product in campaign.products:
        lines = [
            (crate, line) for crate in crates for line in crate.to_hand_out if line.product.id == product.id
        ]
        if lines:
            units = sum(line.units for _crate, line in lines)
            told = ngettext("%(num)s unité", "%(num)s unités", units)
            rows = [
                (crate.name, slot_words(campaign, crate), format_number(line.units)) for crate, line in lines
            ]
            sections.append(Section(rows, name=named(product), told=told))
    return Sheet(
        title=_("À préparer par produit · %(title)s", title=campaign.title),
        facts=[_facts(campaign, crates)],
        page=_("page #"),
        columns=[
            Column(_("Pour"), MARGIN + 9, 86),
            Column(_("Créneau"), 114, 46),
            Column(_("Quantité"), RIGHT, 24, right=True, strong=True),
        ],
        sections=sections,
        ticks=True,
    )


def _facts(campaign: Campaign, crates: Sequence[Crate]) -> str:
    count = ngettext("%(num)s panier", "%(num)s paniers", len(crates))
    return f"{format_day(campaign.delivery_day, year=True)} · {campaign.hub.name} · {count}"
