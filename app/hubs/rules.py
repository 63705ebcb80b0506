"""When a hub is open, and the terms it lends on. Days are civil days of the hub; nothing here looks at a clock."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

import holidays

KINDS = (
    "community_house",
    "association",
    "campus",
    "fablab",
    "third_place",
    "digital_space",
    "coworking",
    "cultural_space",
    "lab",
)
SEARCHED_DAYS = 400
"""How far an open day is looked for: a year and its closures."""


@dataclass(frozen=True)
class LendingPolicy:
    """The terms of a hub. Each number is a default that the hub may change; days, hours and counts.

    `suspend_after_days`: days of lateness after which somebody's loans stop here until the object is back; 0: never
    by themselves. The `time_` numbers are hours: how far the account of a member goes below zero and above, of somebody
    who has not given an hour yet, and how far the hub's own goes below."""

    loan_days: int = 14
    max_loan_days: int = 28
    max_loans: int = 5
    max_renewals: int = 2
    verification_required: bool = True
    accepts_other_hubs: bool = False
    same_day_handover: bool = False
    min_days_before_claim: int = 3
    ready_days: int = 7
    request_hours: int = 48
    overdue_gap_days: int = 7
    suspend_after_days: int = 0
    ahead_days: int = 180
    time_lowest_hours: int = 10
    time_highest_hours: int = 40
    time_newcomer_hours: int = 3
    time_hub_lowest_hours: int = 200

    @classmethod
    def with_changes(cls, changes: Mapping[str, Any]) -> Self:
        """The defaults with a hub's own values; names that no longer exist are passed over."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in changes.items() if name in known})

    @property
    def turnaround_days(self) -> int:
        """Days between a due day and the next first day."""
        return 0 if self.same_day_handover else 1


LIMITS: Mapping[str, tuple[int, int]] = {
    "loan_days": (1, 365),
    "max_loan_days": (1, 365),
    "max_loans": (1, 100),
    "max_renewals": (0, 20),
    "min_days_before_claim": (1, 30),
    "ready_days": (1, 30),
    "request_hours": (1, 336),
    "overdue_gap_days": (0, 60),
    "suspend_after_days": (0, 365),
    "ahead_days": (7, 730),
    "time_lowest_hours": (1, 40),
    "time_highest_hours": (5, 200),
    "time_newcomer_hours": (0, 10),
    "time_hub_lowest_hours": (0, 2000),
}
"""The smallest and largest value of each number of a policy."""


@dataclass(frozen=True)
class Opening:
    """One opening on one weekday (0 is Monday), wall-clock times."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class ClosedDays:
    """A dated closure, both days included."""

    first_day: date
    last_day: date
    why: str = ""


@dataclass(frozen=True)
class OpenDays:
    """Everything that decides on which days a place is open. With no weekly hours known, every day stands as given
    and ends at 24:00; so it is for an object kept at home."""

    timezone: str = "Europe/Paris"
    week: tuple[Opening, ...] = ()
    closures: tuple[ClosedDays, ...] = ()
    country: str | None = None
    subdivision: str | None = None

    def today(self, now: datetime) -> date:
        """The civil day here at `now`."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def openings_on(self, day: date) -> list[Opening]:
        """The day's openings, earliest first; empty when closed. Where no hours are known: the whole day."""
        if not self.week:
            return [] if self.closure_on(day) else [Opening(day.weekday(), time(0), time.max)]
        if self.closure_on(day) is not None:
            return []
        return sorted((o for o in self.week if o.weekday == day.weekday()), key=lambda o: o.opens)

    def closure_on(self, day: date) -> str | None:
        """Why this day is closed though the week may say open; None when nothing closes it."""
        for closure in self.closures:
            if closure.first_day <= day <= closure.last_day:
                return closure.why
        return public_holidays(self.country, self.subdivision, day.year).get(day) if self.country else None

    def is_open(self, day: date) -> bool:
        """Whether anything can be collected or brought back on this day: whether `openings_on` finds any."""
        why = self.closure_on(day)
        if not self.week:
            return not why
        return why is None and any(opening.weekday == day.weekday() for opening in self.week)

    def next_open(self, day: date) -> date | None:
        """The first open day from `day` on (itself included); None where nothing opens within a year."""
        return self._seek(day, step=1)

    def last_open(self, day: date, *, not_before: date) -> date | None:
        """The last open day up to `day`, not earlier than `not_before`."""
        found = self._seek(day, step=-1)
        return found if found is not None and found >= not_before else None

    def closes_at(self, day: date) -> datetime:
        """The moment (aware) the day ends here: its last closing time, or midnight where no hours are known."""
        zone = ZoneInfo(self.timezone)
        openings = self.openings_on(day) if self.week else []
        if not openings:
            return datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)
        return datetime.combine(day, openings[-1].closes, tzinfo=zone)

    def opens_at(self, day: date) -> datetime:
        """The moment (aware) the day begins here."""
        openings = self.openings_on(day)
        return datetime.combine(
            day, openings[0].opens if openings else time(0), tzinfo=ZoneInfo(self.timezone)
        )

    def open_now(self, now: datetime) -> bool:
        """Whether the door is open at `now`."""
        here = now.astimezone(ZoneInfo(self.timezone))
        return any(o.opens <= here.time() < o.closes for o in self.openings_on(here.date()))

    def _seek(self, day: date, *, step: int) -> date | None:
        for away in range(SEARCHED_DAYS):
            candidate = day + timedelta(days=step * away)
            if self.is_open(candidate):
                return candidate
        return None


ALWAYS_OPEN = OpenDays()


_HOLIDAYS: dict[tuple[str, str | None, int, str | None], Mapping[date, str]] = {}


def public_holidays(
    country: str, subdivision: str | None, year: int, language: str | None = None
) -> Mapping[date, str]:
    """Public holidays by day, named in the country's own language unless another is asked for ("en_US"); a country
    or region unknown to the library has none."""
    key = (country, subdivision, year, language)
    if key not in _HOLIDAYS:
        try:
            own = holidays.country_holidays(country).default_language
            found = holidays.country_holidays(
                country, subdiv=subdivision, years=year, language=language or own
            )
            _HOLIDAYS[key] = dict(found.items())
        except NotImplementedError:
            _HOLIDAYS[key] = {}
    return _HOLIDAYS[key]


def coming_closures(days: OpenDays, *, today: date, language: str | None = None) -> list[ClosedDays]:
    """Closures and public holidays of the next 12 months, in order."""
    year_on = today + timedelta(days=365)
    dated = [c for c in days.closures if c.last_day >= today and c.first_day <= year_on]
    if days.country:
        for year in (today.year, today.year + 1):
            for day, name in public_holidays(days.country, days.subdivision, year, language).items():
                if today <= day <= year_on:
                    dated.append(ClosedDays(day, day, name))
    return sorted(dated, key=lambda c: (c.first_day, c.last_day))


def overlapping(openings: Sequence[Opening]) -> bool:
    """Whether two openings of one weekday meet, or one ends before it begins."""
    by_start = sorted(openings, key=lambda o: (o.weekday, o.opens))
    return any(o.opens >= o.closes for o in openings) or any(
        a.weekday == b.weekday and b.opens < a.closes for a, b in pairwise(by_start)
    )


@dataclass(frozen=True)
class Door:
    """How a door stands: open `until` a time, or closed until `next_day` at `next_opens`; both empty where nothing
    opens within a year. `why` names what closes today. Without known hours only `known` is said: ask the people."""

    known: bool
    open: bool = False
    until: time | None = None
    next_day: date | None = None
    next_opens: time | None = None
    why: str | None = None


def door(days: OpenDays, now: datetime) -> Door:
    """The door at `now`, and when it opens next."""
    if not days.week:
        return Door(known=False, open=days.open_now(now))
    here = now.astimezone(ZoneInfo(days.timezone))
    today, clock = here.date(), here.time()
    openings = days.openings_on(today)
    why = days.closure_on(today)
    for opening in openings:
        if opening.opens <= clock < opening.closes:
            return Door(known=True, open=True, until=opening.closes)
        if clock < opening.opens:
            return Door(known=True, next_day=today, next_opens=opening.opens)
    day = days.next_open(today + timedelta(days=1))
    if day is None:
        return Door(known=True, why=why)
    return Door(known=True, next_day=day, next_opens=days.openings_on(day)[0].opens, why=why)


def changes_from_default(values: Mapping[str, int | bool]) -> dict[str, int | bool]:
    """Of a whole policy, what a hub has to keep: the values that differ from the defaults."""
    usual = dataclasses.asdict(LendingPolicy())
    return {name: value for name, value in values.items() if name in usual and usual[name] != value}


def slug_of(name: str) -> str:
    """A name as a piece of an address: letters without accents, digits, hyphens; never digits alone, which would
    be a number."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "-")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug if re.search(r"[a-z]", slug) else f"lieu-{slug}".strip("-")
