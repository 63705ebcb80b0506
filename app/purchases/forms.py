"""What is typed about campaigns: sums as people write them, and the clock on the wall of the hub. What was typed is shown
again as it was, whatever is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import SelectField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.forms import CountField, DayField, Form, Wanted, choices
from app.core.i18n import _l
from app.purchases import fields, times
from app.purchases.models import Campaign, Product
from app.purchases.typed import cents, sum_typed

SUMS = ("minimum_cents", "fees_cents", "transport_cents")
FIELDS = {"closes_at": "closes_day", "limit": "limit_units", "vat_permille": "vat"}
"""What the services call what these forms ask for in another way."""
TIERS_SHOWN = 3
"""Rows for tiers that a form begins with; more come with those that are filled."""


class CampaignForm(Form):
    """What is said of a campaign, its products aside."""

    title = StringField(_l("Titre"), [Wanted()])
    about = TextAreaField(_l("De quoi s’agit-il ?"))
    supplier = StringField(_l("Fournisseur"), [Wanted()])
    supplier_email = StringField(
        _l("E-mail du fournisseur"),
        description=_l("Pour lui envoyer la commande. Les voisins ne le voient pas."),
    )
    supplier_note = TextAreaField(
        _l("À savoir sur la commande"),
        description=_l(
            "Numéro de client, heures d’appel, consignes : pour l’équipe et pour le bon de commande."
        ),
    )
    closes_day = DayField(_l("Clôture"), [Wanted()])
    closes_time = StringField(_l("À"), [Wanted()])
    delivery_day = DayField(_l("Jour de la livraison"), [Wanted()])
    minimum_cents = StringField(
        _l("Minimum de commande"),
        description=_l("Au-dessous, personne ne paie rien. Laissez vide s’il n’y en a pas."),
    )
    transport_cents = StringField(_l("Transport"))
    transport_split = SelectField(_l("Qui paie le transport ?"))
    fees_cents = StringField(_l("Frais à partager"), description=_l("Sachets, location d’une camionnette…"))
    payment = SelectField(_l("Paiement"))
    sharing = SelectField(_l("Si tout n’arrive pas"))
    currency = SelectField(_l("Monnaie"))
    every_weeks = SelectField(_l("Se répète"))
    revision = CountField()

    def offer(self, *, cards: bool, was: str = "counter") -> None:
        """What there is to choose from; without cards there is the counter alone, and what the campaign says already."""
        ways = [one for one in _PAYMENT if cards or one[0] in ("counter", was)]
        self.payment.choices = choices(*ways)
        self.transport_split.choices = choices(*_TRANSPORT)
        self.sharing.choices = choices(*_SHARING)
        self.currency.choices = choices(*((code, code) for code in fields.CURRENCIES))
        self.every_weeks.choices = choices(*_REPEAT)

    def said(self, *, timezone: str) -> dict[str, Any]:
        """As the services want to hear it; `Invalid` for all that cannot be read."""
        faults: dict[str, Any] = unread(self)
        currency = self.currency.data or "EUR"
        found: dict[str, Any] = {"currency": currency}
        for name in ("title", "about", "supplier", "supplier_email", "supplier_note"):
            found[name] = self[name].data
        for name in ("payment", "transport_split", "sharing"):
            found[name] = self[name].data
        for name in SUMS:
            _take(found, faults, name, lambda name=name: cents(self[name].data, currency) or 0)
        _take_closing(self, found, faults, timezone)
        found["delivery_day"] = self.delivery_day.data
        weeks = self.every_weeks.data
        found["every_weeks"] = int(weeks) if weeks and weeks.isascii() and weeks.isdigit() else None
        if faults:
            raise Invalid(faults)
        return found


_PAYMENT = (
    ("counter", _l("Au comptoir, au retrait")),
    ("either", _l("Au comptoir ou par carte")),
    ("card", _l("Par carte seulement")),
)
_TRANSPORT = (
    ("by_value", _l("Les participants, selon leurs achats")),
    ("hub", _l("Le lieu")),
)
_SHARING = (
    ("in_order", _l("Les premiers engagés sont servis d’abord")),
    ("proportional", _l("Chacun reçoit un peu moins")),
)
_REPEAT = (
    ("", _l("une seule fois")),
    *((str(n), _l("toutes les %(n)s semaines", n=n)) for n in (1, 2, 3, 4, 6, 8, 12, 26)),
    ("52", _l("chaque année")),
)


class ProductForm(Form):
    """One product. Its tiers stand in rows of their own: `tier-0-from`, `tier-0-price`."""

    name = StringField(_l("Nom"), [Wanted()])
    unit = StringField(
        _l("Une unité, c’est"), [Wanted()], description=_l("Bidon de 3 L, sac de 5 kg, kg, pièce…")
    )
    unit_size = CountField(
        _l("Combien en contient-elle ?"),
        description=_l("1, sauf mesure à part : 500, avec « g » pour unité."),
    )
    price_cents = StringField(_l("Prix d’une unité"), [Wanted()])
    pack_size = CountField(
        _l("Vendu par colis de"),
        description=_l("Combien d’unités le fournisseur met dans un colis. 1 : à l’unité."),
    )
    limit_units = CountField(
        _l("Quantité disponible"), description=_l("Laissez vide si le fournisseur n’en fixe pas.")
    )
    vat = StringField(_l("Taux de TVA"), description=_l("En pour cent : 5,5 pour l’alimentation."))
    origin = StringField(_l("Origine"))
    allergens = StringField(_l("Allergènes"))
    tiers = StringField(_l("Paliers"))

    rows: list[tuple[str, str]]
    """What was typed of the tiers: from how many, at which price."""

    def read_rows(self, typed: Mapping[str, str]) -> None:
        """The rows of tiers as they were sent, as many as there are, the last of them empty."""
        found: list[tuple[str, str]] = []
        while len(found) <= fields.MOST_TIERS and f"tier-{len(found)}-from" in typed:
            number = len(found)
            found.append((typed[f"tier-{number}-from"], typed.get(f"tier-{number}-price", "")))
        self.show_rows([row for row in found if any(cell.strip() for cell in row)])

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """These rows, and room for more."""
        room = max(1, TIERS_SHOWN - len(rows)) if len(rows) < fields.MOST_TIERS else 0
        self.rows = [*rows, *[("", "")] * room]

    def said(self, *, currency: str) -> dict[str, Any]:
        """As the services want to hear it; `Invalid` for all that cannot be read."""
        faults: dict[str, Any] = unread(self)
        found: dict[str, Any] = {
            "name": self.name.data,
            "unit": self.unit.data,
            "unit_size": 1 if self.unit_size.data is None else self.unit_size.data,
            "pack_size": 1 if self.pack_size.data is None else self.pack_size.data,
            "limit_units": self.limit_units.data,
            "origin": self.origin.data,
            "allergens": self.allergens.data,
        }
        _take(found, faults, "price_cents", lambda: cents(self.price_cents.data, currency))
        _take(found, faults, "vat_permille", lambda: permille(self.vat.data), say="vat")
        _take(found, faults, "tiers", lambda: [_tier(row, currency) for row in self.rows if any(row)])
        if faults:
            raise Invalid(faults)
        return found


class SlotsForm(Form):
    """Times to come on one day: from when to when, each so long."""

    day = DayField(_l("Jour"), [Wanted()])
    begins = StringField(_l("De"), [Wanted()])
    ends = StringField(_l("À"), [Wanted()])
    minutes = SelectField(_l("Un créneau dure"))
    capacity = CountField(_l("Personnes par créneau"), [Wanted()])

    def offer(self) -> None:
        """What there is to choose from."""
        self.minutes.choices = choices(
            *((str(n), _l("%(n)s minutes", n=n)) for n in (15, 20, 30, 45, 60, 90, 120)),
            ("0", _l("tout le temps")),
        )

    def said(self, *, timezone: str) -> list[dict[str, Any]]:
        """The slots, one after the other; `Invalid` for what cannot be read."""
        faults: dict[str, Any] = unread(self)
        found: dict[str, Any] = {}
        for name in ("begins", "ends"):
            _take(found, faults, name, lambda name=name: moment(self.day.data, self[name].data, timezone))
        for name in ("day", "capacity"):
            if self[name].data is None:
                faults.setdefault(name, "core.required")
        if faults:
            raise Invalid(faults)
        starts, ends = found["begins"], found["ends"]
        if ends <= starts:
            raise Invalid({"ends": "purchases.ends_first"})
        typed = self.minutes.data or "0"
        minutes = int(typed) if typed in {one.value for one in self.minutes.choices} else 0
        step = timedelta(minutes=minutes) if minutes else ends - starts
        if ends - starts > step * fields.MOST_SLOTS:
            raise Invalid({"minutes": ("purchases.too_many_slots", {"max": fields.MOST_SLOTS})})
        slots = []
        while starts < ends:
            slots.append(
                {"starts_at": starts, "ends_at": min(starts + step, ends), "capacity": self.capacity.data}
            )
            starts += step
        return slots


class OpeningForm(Form):
    """When it opens by itself."""

    day = DayField(_l("Jour"), [Wanted()])
    time = StringField(_l("À"), [Wanted()])


class CopyForm(Form):
    """What is other of one more like an earlier campaign."""

    title = StringField(_l("Titre"), [Wanted()])
    closes_day = DayField(_l("Clôture"), [Wanted()])
    closes_time = StringField(_l("À"), [Wanted()])
    delivery_day = DayField(_l("Jour de la livraison"), [Wanted()])

    def said(self, *, timezone: str) -> dict[str, Any]:
        """As the services want to hear it; `Invalid` for what cannot be read."""
        faults: dict[str, Any] = unread(self)
        found: dict[str, Any] = {"title": self.title.data, "delivery_day": self.delivery_day.data}
        _take_closing(self, found, faults, timezone)
        if faults:
            raise Invalid(faults)
        return found


# -- reading ------------------------------------------------------------------------------------------------


def permille(typed: str | None) -> int:
    """A rate in per cent ("5,5"), in per mille; 5,5 % where nothing was typed."""
    plain = re.sub(r"[\s%]", "", typed or "").replace(",", ".")
    try:
        found = Decimal(plain or "5.5") * 10
    except InvalidOperation:
        raise Invalid({"": "purchases.not_a_rate"}) from None
    if not found.is_finite() or found != found.to_integral_value() or not 0 <= found <= 1000:
        raise Invalid({"": "purchases.not_a_rate"})
    return int(found)


def moment(day: date | None, typed: str | None, timezone: str) -> datetime | None:
    """The moment of a day and a time of the clock on the wall; None where no day was said."""
    if day is None:
        return None
    try:
        at = time.fromisoformat((typed or "").strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Invalid({"": "purchases.not_a_time" if typed else "core.required"}) from None
    try:
        found = times.instant(datetime.combine(day, at), timezone)
    except OverflowError:
        raise Invalid({"": "purchases.too_far"}) from None
    if found is None:
        raise Invalid({"": "purchases.clock_skipped"})
    return found


def _tier(row: tuple[str, str], currency: str) -> dict[str, Any]:
    units = row[0].strip()
    if not (units.isascii() and units.isdigit() and len(units) < 10):
        raise Invalid({"": "core.not_a_number"})
    return {"from_quantity": int(units), "price_cents": cents(row[1], currency)}


def _take(found: dict[str, Any], faults: dict[str, Any], name: str, read: Any, *, say: str = "") -> None:
    """What `read` answers, or its fault under the name of the field (`say`)."""
    try:
        found[name] = read()
    except Invalid as invalid:
        faults[say or name] = next(iter(invalid.errors.values()))


def _take_closing(form: Any, found: dict[str, Any], faults: dict[str, Any], timezone: str) -> None:
    _take(
        found,
        faults,
        "closes_at",
        lambda: moment(form.closes_day.data, form.closes_time.data, timezone),
        say="closes_time",
    )


def unread(form: Any) -> dict[str, Any]:
    """What fields could not read themselves; their own words stay beside them."""
    found: dict[str, Any] = {}
    for one in form:
        if one.process_errors:
            found[one.name] = "core.not_a_date" if isinstance(one, DayField) else "core.not_a_number"
    return found


def by_field(invalid: Invalid) -> Invalid:
    """The same faults under the names of the form."""
    return Invalid({FIELDS.get(name, name): fault for name, fault in invalid.errors.items()})


# -- showing ------------------------------------------------------------------------------------------------


def as_typed(campaign: Campaign) -> dict[str, Any]:
    """A campaign as the form shows it."""
    closes = times.wall(campaign.closes_at, campaign.hub.timezone)
    plain = ("title", "about", "supplier", "supplier_email", "supplier_note", "delivery_day", "payment")
    return {
        **{name: getattr(campaign, name) for name in (*plain, "transport_split", "sharing", "currency")},
        **{name: sum_typed(getattr(campaign, name) or None, campaign.currency) for name in SUMS},
        "closes_day": closes.date(),
        "closes_time": f"{closes:%H:%M}",
        "every_weeks": str(campaign.every_weeks or ""),
        "revision": campaign.revision,
    }


def product_as_typed(product: Product, currency: str) -> dict[str, Any]:
    """A product as the form shows it, its tiers aside."""
    plain = ("name", "unit", "unit_size", "pack_size", "limit_units", "origin", "allergens")
    return {
        **{name: getattr(product, name) for name in plain},
        "price_cents": sum_typed(product.price_cents, currency),
        "vat": f"{product.vat_permille / 10:g}".replace(".", ","),
    }


def tiers_as_typed(product: Product, currency: str) -> list[tuple[str, str]]:
    """Its tiers, in rows."""
    return [(str(one.from_quantity), sum_typed(one.price_cents, currency)) for one in product.tiers]


def usual_times(now: datetime, timezone: str) -> dict[str, Any]:
    """What a new campaign begins with: it closes on the second Sunday from now at 20:00, and comes on the Friday after."""
    today = times.wall(now, timezone).date()
    sunday = today + timedelta(days=6 - today.weekday() + 7)
    return {"closes_day": sunday, "closes_time": "20:00", "delivery_day": sunday + timedelta(days=5)}
