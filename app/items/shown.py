"""Objects in words and pictures, for pages: cards, tags, the calendar, the sentence of a period."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask import current_app

from app.core import images
from app.core.assets import static_url
from app.core.i18n import (
    _,
    current_locale,
    format_clock,
    format_day,
    format_distance,
    format_short_day,
    ngettext,
)
from app.hubs.rules import Opening
from app.items import rules
from app.items.queries import Line
from app.items.whole import Whole

SIZES = {"s": 320, "m": 640, "l": 1280}
_NAMES = {pixels: letter for letter, pixels in SIZES.items()}
FAR_M = 7_500
WALKED_M = 2_500


def photo_url(name: str, size: str = "m") -> str:
    """The address of a photo; size s, m or l."""
    return f"/photos/{name}/{size}.webp"


def srcset(name: str, width: int, height: int) -> str:
    """All sizes of a photo, for the browser to choose."""
    return ", ".join(
        f"{photo_url(name, _NAMES[size])} {true}w" for size, true in images.widths(width, height)
    )


def drawing_url(drawing: str) -> str:
    """What stands in for a photo."""
    return static_url(f"drawings/categories/{drawing}.svg")


def picture(line: Line, size: str = "s") -> str:
    """The address of its first photo, or of the drawing that stands in for it."""
    return photo_url(line.photo, size) if line.photo else drawing_url(line.drawing)


def drawn_url(drawing: str) -> str:
    """The same on the one sheet of all drawings, which a list asks for once."""
    return f"{static_url('drawings/categories.svg')}#{drawing}"


class Card(NamedTuple):
    """An object as lists show it (`item_cards`): it has a picture, with all its sizes, or else a drawing."""

    url: str
    title: str
    picture: str | None
    drawing: str | None
    picture_srcset: str | None
    place: str
    distance: str
    tag_kind: str
    tag_text: str
    tag_icon: str | None


def card(line: Line, *, signed_in: bool, days: tuple[date, date] | None = None) -> Card:
    """`days`: those that were asked for, and are free."""
    kind, text, sign = tag(line, asked=days is not None)
    asked = f"?from={days[0].isoformat()}&to={days[1].isoformat()}" if days else ""
    return Card(
        url=f"/items/{line.id}{asked}",
        title=line.title,
        picture=photo_url(line.photo) if line.photo else None,
        drawing=None if line.photo else drawn_url(line.drawing),
        picture_srcset=srcset(line.photo, *line.photo_size) if line.photo else None,
        place=line.hub.name if line.hub else _("Chez un voisin"),
        distance=distance(line.metres, signed_in=signed_in or line.precision_m == 0),
        tag_kind=kind,
        tag_text=text,
        tag_icon=sign,
    )


def tag(line: Line, *, asked: bool = False) -> tuple[str, str, str | None]:
    """How it stands today (or on the days asked for): kind, words and sign of the tag."""
    if line.status == "draft":
        return "new", _("À finir"), "edit"
    if line.status != "active":
        return "bad", _("Plus proposé"), None
    if "lend" not in line.modes:
        return _not_lent(line)
    if not asked and not line.free_now:
        if line.next_free is None:
            return "", _("Pas libre"), None
        return "warn", _("Libre dès le %(day)s", day=_number(line.next_free, line.today)), None
    if line.asks:
        return "info", _("Sur demande"), "message"
    if not asked and line.next_free is not None and line.next_free > line.today:
        return "ok", _("Libre %(day)s", day=_soon(line.next_free, line.today)), None
    return "ok", _("Libre"), None


def _not_lent(line: Line) -> tuple[str, str, str | None]:
    return ("new", _("Donné"), "gift") if "give" in line.modes else ("new", _("À troquer"), "swap")


def _soon(day: date, today: date) -> str:
    """ "demain", the name of a day of this week, else its date."""
    if day - today == timedelta(days=1):
        return _("demain")
    name = format_day(day)
    return name.split()[0] if day - today < timedelta(days=7) else _("le %(day)s", day=format_short_day(day))


def on_foot(metres: int | None) -> str:
    """ "5 min à pied", where one would walk: streets are a third longer than a straight line."""
    if metres is None or metres > WALKED_M:
        return ""
    return _("%(minutes)s min à pied", minutes=max(1, round(metres * 1.3 / 75)))


def _number(day: date, today: date) -> str:
    """The number of a day that is near enough for it to say enough, else its date."""
    near = day - today < timedelta(days=27) and day.day > 1
    return str(day.day) if near else format_short_day(day)


def distance(metres: int | None, *, signed_in: bool) -> str:
    """How far; no finer than what those who are not logged in may know."""
    if metres is None:
        return ""
    if signed_in:
        return format_distance(metres)
    if metres < FAR_M:
        return _("dans les environs")
    return _("à environ %(km)s km", km=round(metres / 5000) * 5)


def tiles() -> dict[str, str]:
    """Whose pictures lie under a map: where they are, and the words that name their makers."""
    config = current_app.extensions["movilab.config"]
    return {"url": config.tile_url, "credit": config.tile_credit}


# -- the days of an object --------------------------------------------------------------------------------


def period(first: date, last: date) -> str:
    """ "Du vendredi 27 novembre au mardi 1er décembre"."""
    if first == last:
        return format_day(first)[:1].upper() + format_day(first)[1:]
    return _("Du %(first)s au %(last)s", first=format_day(first), last=format_day(last))


def short_period(first: date, last: date) -> str:
    """ "27 nov. – 1 déc."."""
    if first == last:
        return format_short_day(first)
    return f"{format_short_day(first)} – {format_short_day(last)}"


def reserve_words(first: date, last: date, *, asks: bool) -> str:
    """The words of the one button."""
    number = rules.days_counted(first, last)
    if asks:
        return str(ngettext("Demander ce jour", "Demander ces %(num)s jours", number))
    return str(ngettext("Réserver ce jour", "Réserver ces %(num)s jours", number))


def part_words(name: str, count: int) -> str:
    """ "Chargeur", "2 × Batterie"."""
    return name if count == 1 else f"{count} × {name}"


def hours(week: Sequence[Opening]) -> str:
    """ "Ouvert mardi, vendredi 14 h – 19 h ; samedi 10 h – 13 h": days with the same hours together."""
    monday = date(2024, 1, 1)
    together: dict[str, list[str]] = {}
    in_order = sorted(week, key=lambda one: (one.weekday, one.opens))
    for weekday, openings in groupby(in_order, key=lambda one: one.weekday):
        spans = ", ".join(f"{format_clock(o.opens)} – {format_clock(o.closes)}" for o in openings)
        together.setdefault(spans, []).append(format_day(monday + timedelta(days=weekday)).split()[0])
    said = " ; ".join(f"{', '.join(names)} {spans}" for spans, names in together.items())
    return _("Ouvert %(hours)s", hours=said) if said else ""


# -- for machines that read pages -------------------------------------------------------------------------


def linked_data(whole: Whole, *, site: str) -> dict[str, Any]:
    """The object as schema.org says it: a product that is leased out, or handed on, for nothing. Where it is: the
    published place, and no neighbour's name."""
    item, line = whole.item, whole.line
    page = f"{site}/items/{item.id}"
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": page,
        "name": item.title,
        "category": line.shelf.name(current_locale()),
        "url": page,
        "itemCondition": _NEW if item.condition == "new" else _USED,
        "offers": _offer(whole) | {"url": page},
    }
    if item.description:
        found["description"] = item.description
    if whole.photos:
        found["image"] = [site + photo_url(photo.name, "l") for photo in whole.photos]
    return found


_NEW, _USED = "https://schema.org/NewCondition", "https://schema.org/UsedCondition"
_LEASE, _HAND_ON = (f"http://purl.org/goodrelations/v1#{what}" for what in ("LeaseOut", "Sell"))


def _offer(whole: Whole) -> dict[str, Any]:
    item, hub, line = whole.item, whole.hub, whole.line
    stock = "InStock" if line.free_now else "OutOfStock"
    found: dict[str, Any] = {
        "@type": "Offer",
        "price": 0,
        "priceCurrency": item.currency,
        "availability": f"https://schema.org/{stock}",
        "businessFunction": _LEASE if item.lends else _HAND_ON,
    }
    if not line.free_now and line.next_free:
        found["availabilityStarts"] = line.next_free.isoformat()
    if line.owner_is_hub:
        found["offeredBy"] = {"@type": "Organization", "name": line.owner.name}
    point = {"@type": "GeoCoordinates", "latitude": line.lat, "longitude": line.lon}
    if hub:
        place = {"@type": "Place", "name": hub.name, "address": hub.address, "geo": point}
        found["availableAtOrFrom"] = place
    else:
        found["areaServed"] = {
            "@type": "GeoCircle",
            "geoMidpoint": point,
            "geoRadius": line.precision_m // 2,
        }
    return found


def preview(whole: Whole, *, site: str) -> dict[str, str]:
    """What a shared link shows of itself (Open Graph)."""
    item, line = whole.item, whole.line
    _kind, free, _sign = tag(line)
    where = line.hub.name if line.hub else _("Chez un voisin")
    found = {
        "og:type": "website",
        "og:site_name": "MoviLab",
        "og:title": item.title,
        "og:description": _("%(free)s · %(where)s", free=free, where=where),
        "og:url": f"{site}/items/{item.id}",
    }
    if whole.photos:
        found["og:image"] = site + photo_url(whole.photos[0].name, "l")
    return found
