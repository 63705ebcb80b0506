"""The lists of a campaign as tables for any spreadsheet: cells that it would take for a formula are shielded."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.core.i18n import _, language
from app.core.spreadsheets import spreadsheet
from app.payments.rules import exponent
from app.purchases.delivery.queries import Crate
from app.purchases.delivery.sheets import unit_of
from app.purchases.delivery.weighing import bought
from app.purchases.models import Campaign


def order(campaign: Campaign) -> str:
    """The order: a line for each product that is bought."""
    header = (
        _("Produit"), _("Unité"), _("Colis"), _("Unités par colis"), _("Unités"), _("Prix"), _("Somme"),
        _("TVA en %"), _("Monnaie"),
    )  # fmt: skip
    return spreadsheet(
        header,
        (
            (
                product.name,
                unit_of(product),
                product.packs,
                product.pack_size,
                bought(product),
                money(product.final_price_cents or 0, campaign.currency),
                money(bought(product) * (product.final_price_cents or 0), campaign.currency),
                _decimal(product.vat_permille, 1),
                campaign.currency,
            )
            for product in campaign.products
            if product.packs
        ),
        language=language(),
    )


def by_person(campaign: Campaign, crates: Sequence[Crate]) -> str:
    """A line for each product of each neighbour; what is to be paid stands on all of hers."""
    header = (
        _("Engagement"), _("Nom"), _("Carte"), _("Créneau"), _("Produit"), _("Unité"), _("Quantité"), _("Prévu"),
        _("Somme"), _("En tout"), _("À payer"), _("Remis"), _("Monnaie"),
    )  # fmt: skip
    zone = ZoneInfo(campaign.hub.timezone)
    return spreadsheet(
        header,
        (
            (
                crate.pledge.id,
                crate.name,
                crate.pledge.resident.code,
                crate.pledge.slot.starts_at.astimezone(zone).isoformat(timespec="minutes")
                if crate.pledge.slot
                else "",
                line.product.name,
                unit_of(line.product),
                line.units,
                line.allotted,
                money(line.cents, campaign.currency),
                money(crate.sums.due_cents, campaign.currency),
                money(max(0, crate.sums.owed_cents), campaign.currency),
                crate.pledge.picked_up_at.astimezone(zone).isoformat(timespec="minutes")
                if crate.pledge.picked_up_at
                else "",
                campaign.currency,
            )
            for crate in crates
            for line in crate.lines
        ),
        language=language(),
    )


def by_product(campaign: Campaign, crates: Sequence[Crate]) -> str:
    """A line for each neighbour of each product."""
    lines = [
        (product.position, product.name, unit_of(product), crate.name, line.units)
        for product in campaign.products
        for crate in crates
        for line in crate.to_hand_out
        if line.product.id == product.id
    ]
    return spreadsheet(
        (_("Produit"), _("Unité"), _("Pour"), _("Quantité")),
        (line[1:] for line in lines),
        language=language(),
    )


def money(cents: int, currency: str) -> str:
    """A sum as a spreadsheet of the reader's language reads it."""
    return _decimal(cents, exponent(currency))


def _decimal(value: int, places: int) -> str:
    whole, rest = divmod(value, 10**places)
    text = f"{whole}.{rest:0{places}}" if places else str(whole)
    return text.replace(".", ",") if language() == "fr" else text
