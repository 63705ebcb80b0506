"""What is said of a campaign, of its products and of its pick-up slots, checked: every limit stands here, and all that is
wrong is told at once. Money is in the smallest unit of the campaign's currency."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from app.accounts.services import checked_email
from app.core.errors import Invalid
from app.core.i18n import format_money
from app.core.text import Checks, checked
from app.hubs.models import Hub
from app.hubs.queries import open_days
from app.payments import rules as money
from app.purchases import times

MOST_PRODUCTS = 200
MOST_TIERS = 8
MOST_SLOTS = 60
FARTHEST = timedelta(days=366)
DEAREST = 1_000_000
MOST_MONEY = 100_000_000
LARGEST_PACK = 10_000
MOST_UNITS = 100_000
MOST_PEOPLE = 500
LONGEST_SLOT = timedelta(hours=12)
PAYMENTS = ("counter", "card", "either")
TRANSPORT_SPLITS = ("by_value", "hub")
SHARINGS = ("in_order", "proportional")
CURRENCIES = tuple(money.LEAST)


@dataclass(frozen=True)
class Said:
    """What is said of a campaign; moments are aware."""

    title: str
    supplier: str
    closes_at: datetime
    delivery_day: date
    about: str = ""
    supplier_email: str | None = None
    supplier_note: str = ""
    payment: str = "counter"
    currency: str = "EUR"
    minimum_cents: int = 0
    fees_cents: int = 0
    transport_cents: int = 0
    transport_split: str = "by_value"
    sharing: str = "in_order"
    opens_at: datetime | None = None
    every_weeks: int | None = None


NAMES = tuple(one.name for one in fields(Said))


@dataclass(frozen=True)
class Tier:
    """From so many units bought by all together, each costs this."""

    from_quantity: int
    price_cents: int


@dataclass(frozen=True)
class Goods:
    """What is said of a product."""

    name: str
    unit: str
    price_cents: int
    unit_size: int = 1
    pack_size: int = 1
    limit_units: int | None = None
    vat_permille: int = 55
    allergens: str = ""
    origin: str = ""
    tiers: Sequence[Tier] = field(default_factory=list)


@dataclass(frozen=True)
class Slot:
    """A time at which so many can come."""

    starts_at: datetime
    ends_at: datetime
    capacity: int


# -- a campaign ---------------------------------------------------------------------------------------------


def check(given: Mapping[str, Any], hub: Hub, *, cards: bool, now: datetime) -> Said:
    """A campaign at this hub; `cards`: whether this installation takes any."""
    checks = Checks()
    currency = _chosen(checks, "currency", given.get("currency") or "EUR", CURRENCIES)
    clean: dict[str, Any] = {
        "title": checks(checked, "title", given.get("title"), longest=120, shortest=3),
        "about": checks(checked, "about", given.get("about"), longest=4000, lines=True),
        "supplier": checks(checked, "supplier", given.get("supplier"), longest=120, shortest=1),
        "supplier_email": checks(_email, given.get("supplier_email")),
        "supplier_note": checks(
            checked, "supplier_note", given.get("supplier_note"), longest=1000, lines=True
        ),
        "payment": _chosen(checks, "payment", given.get("payment") or "counter", PAYMENTS),
        "currency": currency,
        "transport_split": _chosen(
            checks, "transport_split", given.get("transport_split") or "by_value", TRANSPORT_SPLITS
        ),
        "sharing": _chosen(checks, "sharing", given.get("sharing") or "in_order", SHARINGS),
        "every_weeks": _whole(checks, "every_weeks", given.get("every_weeks"), 1, 52, default=None),
    }
    for name in ("minimum_cents", "fees_cents", "transport_cents"):
        clean[name] = _sum(checks, name, given.get(name) or 0, currency, least=0, most=MOST_MONEY)
    clean |= _times(checks, given, hub, now=now)
    _cards(checks, clean, cards=cards)
    checks.done()
    return Said(**clean)


def _email(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    try:
        return checked_email(text)
    except Invalid as invalid:
        raise Invalid({"supplier_email": invalid.errors["email"]}) from invalid


def _times(checks: Checks, given: Mapping[str, Any], hub: Hub, *, now: datetime) -> dict[str, Any]:
    """It opens before it closes, it closes in the time to come, and nothing is delivered before."""
    opens, closes, delivery = given.get("opens_at"), given.get("closes_at"), given.get("delivery_day")
    if closes is None:
        checks.fault("closes_at", "core.required")
    elif closes <= now:
        checks.fault("closes_at", "purchases.closes_in_the_past")
    elif closes > now + FARTHEST:
        checks.fault("closes_at", "purchases.too_far")
    if closes is not None and opens is not None and opens >= closes:
        checks.fault("opens_at", "purchases.opens_after_closing")
    if delivery is None:
        checks.fault("delivery_day", "core.required")
    elif closes is not None and "closes_at" not in checks.faults:
        if delivery < times.wall(closes, hub.timezone).date():
            checks.fault("delivery_day", "purchases.delivered_before_closing")
        elif delivery > open_days(hub).today(now + FARTHEST):
            checks.fault("delivery_day", "purchases.too_far")
    return {"opens_at": opens, "closes_at": closes, "delivery_day": delivery}


def _cards(checks: Checks, clean: Mapping[str, Any], *, cards: bool) -> None:
    """Where cards are taken, the whole order is at least what a card can be charged."""
    if clean["payment"] == "counter":
        return
    if not cards:
        checks.fault("payment", "purchases.no_cards")
        return
    least = money.least(clean["currency"] or "EUR")
    if clean["minimum_cents"] is not None and clean["minimum_cents"] < least:
        shown = format_money(least, clean["currency"] or "EUR")
        checks.fault("minimum_cents", "purchases.minimum_below_card", least=shown)


# -- a product ----------------------------------------------------------------------------------------------


def check_products(given: Sequence[Mapping[str, Any]], *, currency: str) -> list[Goods]:
    """All products of a campaign; each fault names its product by its place, from 0."""
    checks = Checks()
    if len(given) > MOST_PRODUCTS:
        checks.fault("products", "purchases.too_many_products", max=MOST_PRODUCTS)
        checks.done()
    found = []
    for number, one in enumerate(given):
        try:
            found.append(check_product(one, currency=currency))
        except Invalid as invalid:
            checks.faults.update(
                {f"products.{number}.{name}": fault for name, fault in invalid.errors.items()}
            )
    checks.done()
    return found


def check_product(given: Mapping[str, Any], *, currency: str) -> Goods:
    """One product: what it is, what it costs, how it is packed."""
    checks = Checks()
    price = _sum(checks, "price_cents", given.get("price_cents"), currency, least=1, most=DEAREST)
    pack = _whole(checks, "pack_size", given.get("pack_size", 1), 1, LARGEST_PACK)
    limit = _whole(checks, "limit", given.get("limit_units"), 1, MOST_UNITS, default=None)
    if limit is not None and pack is not None and limit % pack:
        below, above = limit // pack * pack, (limit // pack + 1) * pack
        checks.fault(
            "limit",
            "purchases.limit_no_multiple" if below else "purchases.limit_below_pack",
            pack=pack,
            below=below,
            above=above,
        )
    clean: dict[str, Any] = {
        "name": checks(checked, "name", given.get("name"), longest=120, shortest=1),
        "unit": checks(checked, "unit", given.get("unit"), longest=40, shortest=1),
        "unit_size": _whole(checks, "unit_size", given.get("unit_size", 1), 1, MOST_UNITS),
        "price_cents": price,
        "pack_size": pack,
        "limit_units": limit,
        "vat_permille": _whole(checks, "vat_permille", given.get("vat_permille", 55), 0, 1000),
        "allergens": checks(checked, "allergens", given.get("allergens"), longest=500),
        "origin": checks(checked, "origin", given.get("origin"), longest=200),
        "tiers": _tiers(checks, given.get("tiers") or (), price, limit, currency),
    }
    checks.done()
    return Goods(**clean)


def _tiers(
    checks: Checks,
    given: Sequence[Mapping[str, Any]],
    price: int | None,
    limit: int | None,
    currency: str,
) -> list[Tier]:
    """The more is bought together, the less each costs: quantities rise, prices fall, and every one can be reached."""
    if len(given) > MOST_TIERS:
        checks.fault("tiers", "purchases.too_many_tiers", max=MOST_TIERS)
        return []
    found: list[Tier] = []
    for one in sorted(given, key=lambda tier: tier.get("from_quantity") or 0):
        units = _whole(checks, "tiers", one.get("from_quantity"), 2, MOST_UNITS)
        cents = _sum(checks, "tiers", one.get("price_cents"), currency, least=1, most=DEAREST)
        if units is None or cents is None:
            return []
        before = found[-1].price_cents if found else price
        if found and units == found[-1].from_quantity:
            checks.fault("tiers", "purchases.tier_twice", units=units)
        elif before is not None and cents >= before:
            was, rises = format_money(before, currency), format_money(cents, currency)
            checks.fault("tiers", "purchases.tier_rises", units=units, price=rises, before=was)
        elif limit is not None and units > limit:
            checks.fault("tiers", "purchases.tier_beyond_limit", units=units, limit=limit)
        found.append(Tier(units, cents))
    return found


# -- slots --------------------------------------------------------------------------------------------------


def check_slots(given: Sequence[Mapping[str, Any]], *, first_day: date, timezone: str) -> list[Slot]:
    """Times to come for it, not before the day it is delivered."""
    checks = Checks()
    if len(given) > MOST_SLOTS:
        checks.fault("slots", "purchases.too_many_slots", max=MOST_SLOTS)
        checks.done()
    found = []
    for one in given:
        starts, ends = one.get("starts_at"), one.get("ends_at")
        capacity = _whole(checks, "capacity", one.get("capacity"), 1, MOST_PEOPLE)
        if starts is None or ends is None:
            checks.fault("slots", "core.required")
        elif not starts < ends <= starts + LONGEST_SLOT:
            checks.fault("slots", "purchases.slot_length", hours=int(LONGEST_SLOT / timedelta(hours=1)))
        elif not first_day <= times.wall(starts, timezone).date() <= first_day + timedelta(days=60):
            checks.fault("slots", "purchases.slot_day", day=first_day)
        elif capacity is not None:
            found.append(Slot(starts, ends, capacity))
    checks.done()
    return found


# -- numbers ------------------------------------------------------------------------------------------------


def _chosen(checks: Checks, name: str, value: Any, known: Collection[str]) -> Any:
    if value not in known:
        checks.fault(name, "core.not_a_choice")
    return value


def _whole(checks: Checks, name: str, value: Any, low: int, high: int, *, default: Any = ...) -> int | None:
    """A whole number within its bounds. Without one: `default`, or it is missing."""
    if value is None:
        if default is ...:
            checks.fault(name, "core.required")
        return None
    if not low <= value <= high:
        checks.fault(name, "core.out_of_range", min=low, max=high)
        return None
    return int(value)


def _sum(checks: Checks, name: str, value: Any, currency: str, *, least: int, most: int) -> int | None:
    """A sum within its bounds, which are said in money."""
    if value is None:
        checks.fault(name, "core.required")
    elif not least <= value <= most:
        code = "purchases.no_price" if least and value < least else "purchases.sum_out_of_range"
        checks.fault(name, code, least=format_money(least, currency), most=format_money(most, currency))
    else:
        return int(value)
    return None
