"""Workshops as pages say them: the day on its badge, from when to when, how many places, what machines read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.i18n import (
    _,
    format_clock,
    format_day,
    format_day_name,
    format_short_day,
    ngettext,
    sentence,
)
from app.skills.workshops import rhythm, rules
from app.skills.workshops.queries import Listed, Whole

Tag = tuple[str, str, str | None]
SQUARES = 40
"""With more places than so, squares say less than the sentence."""


def badge(at: datetime, timezone: str) -> tuple[str, int, str]:
    """Weekday, number and month."""
    day = rhythm.wall(at, timezone).date()
    month = format_short_day(day).partition(" ")[2]
    return format_day_name(day), day.day, month


def from_to(starts: datetime, ends: datetime, timezone: str) -> str:
    """From when to when, as the clock on the wall shows it: "10 h à 12 h"."""
    first, last = rhythm.wall(starts, timezone), rhythm.wall(ends, timezone)
    return _("%(first)s à %(last)s", first=format_clock(first.time()), last=format_clock(last.time()))


def day_of(at: datetime, timezone: str) -> str:
    """The day of a date in words."""
    return format_day(rhythm.wall(at, timezone).date())


def places_of(one: Any) -> rules.Places:
    """The places of anything that has their columns."""
    return rules.Places(one.capacity, one.newcomer_places, one.taken, one.newcomers, one.starts_at)


def free_words(places: rules.Places) -> str:
    """How many places are free."""
    return str(ngettext("%(num)s place libre", "%(num)s places libres", places.free))


def tag(one: Any, status: str | None, *, now: datetime) -> Tag:
    """How a date stands to the reader: kind, words, sign."""
    if one.state == "cancelled":
        return "bad", _("Annulé"), "close"
    if status in _OWN and (status != "waiting" or one.ends_at > now):
        kind, sign = _OWN[status]
        return kind, sentence(f"workshops.status.{status}"), sign
    if one.ends_at <= now:
        return "", _("Passé"), "clock"
    places = places_of(one)
    if places.free < 1:
        return "", _full(one.waiting), "hourglass"
    if places.room(newcomer=False, now=now) < 1:
        return "info", _("Places pour une première fois"), "people"
    return "ok", free_words(places), "ok"


_OWN = {"going": ("ok", "ok"), "offered": ("warn", "warning"), "waiting": ("", "hourglass")}


def _full(waiting: int) -> str:
    if not waiting:
        return _("Complet")
    return str(ngettext("Complet, %(num)s attend", "Complet, %(num)s attendent", waiting))


@dataclass(frozen=True)
class Line:
    """A date in a list, in words."""

    listed: Listed
    badge: tuple[str, int, str]
    meta: str
    tag: Tag
    day: str


def line(one: Listed, *, now: datetime, with_hub: bool = True, far: str = "") -> Line:
    """`far`: how far its hub is, in words."""
    parts = [from_to(one.starts_at, one.ends_at, one.timezone)]
    if with_hub:
        parts.append(_("%(hub)s, à %(far)s", hub=one.hub_name, far=far) if far else one.hub_name)
    return Line(
        one,
        badge(one.starts_at, one.timezone),
        " · ".join(parts),
        tag(one, one.status, now=now),
        day_of(one.starts_at, one.timezone),
    )


@dataclass(frozen=True)
class Crate:
    """The places as squares: how many are taken, how many of them is one's own, how many are free."""

    taken: int
    own: int
    free: int
    label: str


def crate(places: rules.Places, *, going: bool, now: datetime) -> Crate | None:
    """None where there are too many to draw."""
    if places.capacity > SQUARES:
        return None
    kept = places.kept_now(now)
    taken = ngettext("%(num)s place prise", "%(num)s places prises", places.taken)
    free = ngettext("%(num)s libre", "%(num)s libres", places.free)
    said = _("%(taken)s, %(free)s", taken=taken, free=free)
    if kept:
        said = _("%(said)s, dont %(kept)s pour une première fois", said=said, kept=kept)
    return Crate(places.taken - int(going), int(going), places.free, said)


def repeats(text: str, start: datetime) -> str:
    """How often, in words; empty for once."""
    rule = rhythm.kept(text)
    day = start.weekday()
    match rhythm.choice_of(rule):
        case "once":
            return ""
        case "weekly":
            said = _("Chaque %(day)s", day=_weekday(day))
        case "fortnightly":
            said = _("Un %(day)s sur deux", day=_weekday(day))
        case "monthly":
            said = _(
                "Chaque mois, le %(nth)s %(day)s", nth=_nth(rhythm.nth_of_month(start)), day=_weekday(day)
            )
        case _:
            said = _("Plusieurs dates")
    if rule is not None and rule.until is not None:
        return _("%(said)s, jusqu’au %(day)s", said=said, day=format_day(rule.until.date(), year=True))
    return said


def _weekday(number: int) -> str:
    return (
        _("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche"),
    )[number]  # fmt: skip


def _nth(number: int) -> str:
    return {1: _("1er"), 2: _("2e"), 3: _("3e"), 4: _("4e"), -1: _("dernier")}[number]


# -- for machines that read pages -------------------------------------------------------------------------

_SCHEMA = "https://schema.org/"


def linked_data(whole: Whole, *, site: str) -> dict[str, Any]:
    """The date as schema.org says it: an event at the hub, free, and no neighbour's name."""
    one, series, hub = whole.workshop, whole.series, whole.hub
    page = f"{site}/workshops/{one.id}"
    planned = one.state == "planned"
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page,
        "url": page,
        "name": series.title,
        "startDate": _with_zone(one.starts_at, hub.timezone),
        "endDate": _with_zone(one.ends_at, hub.timezone),
        "eventStatus": _SCHEMA + ("EventScheduled" if planned else "EventCancelled"),
        "eventAttendanceMode": _SCHEMA + "OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": one.capacity,
        "remainingAttendeeCapacity": one.capacity - one.taken,
        "location": {
            "@type": "Place",
            "name": hub.name,
            "address": hub.address,
            "geo": {"@type": "GeoCoordinates", "latitude": hub.lat, "longitude": hub.lon},
        },
        "organizer": {"@type": "Organization", "name": hub.name, "url": f"{site}/hubs/{hub.slug}"},
        "offers": {
            "@type": "Offer",
            "price": 0,
            "priceCurrency": "EUR",
            "availability": _SCHEMA + ("InStock" if one.taken < one.capacity else "SoldOut"),
            "url": page,
        },
    }
    if series.text:
        found["description"] = series.text
    return found


def _with_zone(at: datetime, timezone: str) -> str:
    return rhythm.zoned(at, timezone).isoformat(timespec="seconds")
