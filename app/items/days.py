"""The days of an object's page: two weeks at a glance and a calendar of four, two taps, nothing kept anywhere but in
the address."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

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

    @cache  # the strip and the calendar show the same days
    def link(day: date) -> str | None:
        alone = rules.reservable(day, day, **days)
        if not may_choose or not alone:
            return None  # a day inside the choice on which the door is shut leads nowhere
        first, last = shown.next_tap(day, chosen, picking=picking, taken=taken, place=at, terms=terms)
        until = f"&to={last}" if last else ""
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
        "calendar": shown.calendar(rules.month(start, chosen=chosen, **days), link=link),
        "glance": shown.glance(
            rules.days_from(at.today, rules.GLANCE_DAYS, chosen=chosen, **days), link=link
        ),
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
