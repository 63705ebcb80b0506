"""The days of an object's page: two weeks at a glance and a calendar of four, two taps, nothing kept anywhere but in
the address."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup, escape

from app.core.i18n import _, format_day, format_day_name, language
from app.core.pieces import GAP, pieces
from app.items import queries, rules, shown
from app.items.forms import day as day_in
from app.items.whole import Whole


def around(whole: Whole, address: Mapping[str, str], *, viewer_id: int | None, owns: bool) -> dict[str, Any]:
    """The calendar, what is chosen in it, and where a tap on a day leads. `address` holds from, to and month as days."""
    item, at, terms, taken = whole.item, whole.place, whole.terms, whole.taken
    page = f"/items/{item.id}"  # written out: there are thirty addresses on it
    lent_to_viewer = item.owner_resident_id is None or item.owner_resident_id != viewer_id
    may_choose = item.lends and item.status == "active" and lent_to_viewer
    days: dict[str, Any] = {"taken": taken, "is_open": at.is_open, "today": at.today, "terms": terms}
    chosen, picking, wrong = _chosen(address, days) if may_choose else (None, False, False)
    start = _month_start(day_in(address.get("month")), chosen, at.today, terms.ahead_days)
    day_as = rules.days_as(**days, chosen=chosen)

    def link(day: rules.Day) -> str | None:
        """Where a tap leads: the first one asks for a first day, the second for a last one where that can be had."""
        if not may_choose or not day.alone:
            return None  # a day inside the choice on which the door is shut leads nowhere
        first, until = day.day, ""
        if picking and chosen and rules.reservable(chosen[0], day.day, **days):
            first, until = chosen[0], f"&to={day.day}"
        return f"{page}?from={first}&month={start}{until}#days"

    def month(start: date | None) -> str | None:
        if start is None:
            return None
        kept = {name: address[name] for name in ("from", "to") if name in address}
        return f"{page}?{urlencode({'month': start, **kept})}#days"

    before, after = _months_around(start, at.today, terms.ahead_days)
    return {
        "today": at.today,
        "may_choose": may_choose,
        "chosen": chosen,
        "picking": picking,
        "wrong_days": wrong,
        "opening": _opening(at, chosen),
        "calendar": calendar(rules.month(start, day_as), link),
        "glance": glance(rules.days_from(at.today, rules.GLANCE_DAYS, day_as), link),
        "month_before": month(before),
        "month_after": month(after),
        "own_days": [one for one in taken if one.kind == "own"] if owns else [],
        "words": shown,
    }


def _chosen(address: Mapping[str, str], days: dict[str, Any]) -> tuple[tuple[date, date] | None, bool, bool]:
    """The days of the address, else the ones to suggest; whether a last day is still to be picked; whether the
    address named days that cannot be had."""
    first, last = (day_in(address.get(name)) for name in ("from", "to"))
    if first is None:
        return rules.suggested(**days), False, "from" in address
    if rules.reservable(first, last or first, **days):
        return (first, last or first), last is None, False
    return rules.suggested(**days, not_before=first), False, True


def _month_start(asked: date | None, chosen: tuple[date, date] | None, today: date, ahead_days: int) -> date:
    """The Monday that the calendar begins with, between this week and the last that can be reserved."""
    start = asked or (
        chosen[0] if chosen and (chosen[1] - today).days >= 7 * rules.WEEKS_SHOWN - today.weekday() else today
    )
    start = min(max(start, today), today + timedelta(days=ahead_days))
    return start - timedelta(days=start.weekday())


def _months_around(start: date, today: date, ahead_days: int) -> tuple[date | None, date | None]:
    """Where "before" and "after" lead; None at either end."""
    four_weeks = timedelta(weeks=rules.WEEKS_SHOWN)
    first = today - timedelta(days=today.weekday())
    after = start + four_weeks
    return (
        max(start - four_weeks, first) if start > first else None,
        after if after <= today + timedelta(days=ahead_days) else None,
    )


def _opening(at: queries.OpenPlace, chosen: tuple[date, date] | None) -> tuple[Any, Any] | None:
    """When the first day opens and the last one closes, where hours are known."""
    if chosen is None or not at.days.week:
        return None
    first, last = (at.days.openings_on(day) for day in chosen)
    return (first[0].opens, last[-1].closes) if first and last else None


# -- drawn ------------------------------------------------------------------------------------------------


Link = Callable[[rules.Day], str | None]


class DayShown(NamedTuple):
    """A day as templates draw it. `state` as in `rules.Day`, in the strip "chosen" for all that is; `name`: the day of
    the week, `note`: how it stands in a word, both in the strip only."""

    number: int
    label: str
    state: str
    today: bool
    href: str | None
    name: str = ""
    note: str = ""


def calendar(weeks: Sequence[Sequence[rules.Day]], link: Link) -> Markup:
    """Four weeks as a table; `link` says where a day leads."""
    before, head, after = _table(language())
    first, last = weeks[0][0].day, weeks[-1][-1].day
    caption = _("Du %(first)s au %(last)s", first=_of_month(first), last=_of_month(last))
    rows = ("".join(_drawn(_in_calendar, day, link) for day in week) for week in weeks)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return Markup(f"{before}{escape(caption)}{head}{body}{after}")  # noqa: S704 -- drawn by our own macros


def glance(days: Sequence[rules.Day], link: Link) -> Markup:
    """The days ahead in one strip."""
    return Markup("".join(_drawn(_in_strip, day, link) for day in days))  # noqa: S704 -- the same


def _drawn(kind: Callable[..., tuple[str, ...]], day: rules.Day, link: Link) -> str:
    href = link(day)
    made = kind(language(), day.day, day.state, day.today, href is not None)
    return made[0] if href is None else str(escape(href)).join(made)


@lru_cache(maxsize=8)
def _table(_language: str) -> tuple[str, ...]:
    return pieces("items/_days.html", "calendar", GAP, GAP)


@lru_cache(maxsize=4096)
def _in_calendar(_language: str, day: date, state: str, today: bool, leads: bool) -> tuple[str, ...]:
    shown = DayShown(day.day, format_day(day), state, today, GAP if leads else None)
    return pieces("items/_days.html", "in_calendar", shown)


@lru_cache(maxsize=2048)
def _in_strip(_language: str, day: date, state: str, today: bool, leads: bool) -> tuple[str, ...]:
    notes = {"free": _("libre"), "taken": _("pris"), "closed": _("fermé"), "past": ""}
    shown = DayShown(
        day.day,
        format_day(day),
        state if state in notes else "chosen",
        today,
        GAP if leads else None,
        name=format_day_name(day),
        note=notes.get(state, _("choisi")),
    )
    return pieces("items/_days.html", "in_strip", shown)


def _of_month(day: date) -> str:
    """ "23 novembre"."""
    return " ".join(format_day(day).split()[1:])
