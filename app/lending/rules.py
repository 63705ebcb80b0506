"""What is true of lending: days, due days, renewals, the pick-up clock, reminders. Pure functions on plain values.

Days are civil days of the place; a due day is included, the end of a claim is not. Moments are aware.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.hubs.rules import LendingPolicy, OpenDays
from app.items import rules as item_rules

RENEWABLE_WHILE_LATE = 3
"""Days after the due day on which a loan can still be renewed."""
OWNER_REMINDED_AFTER = timedelta(hours=24)
ONE_SIDED_COUNTS_AFTER = timedelta(hours=24)
UNDO_FOR = timedelta(minutes=10)
UNDO_IN_LIST_FOR = timedelta(hours=24)
"""How long a scan can be taken back in the hub's list of the day; at the desk it is `UNDO_FOR`."""
UNDONE = {"checked_out": "check_out_undone", "returned": "return_undone"}
"""The line that takes back a line of a loan's history."""
OF_CARDS = ("hold_let_go", "card_given_back")
"""Lines that time leaves in a loan's history for its deposit by card; they stand in no undo's way."""
REPEATED_WITHIN = timedelta(minutes=10)
SCANS_KEPT_FOR = timedelta(days=7)
CLOCKS_DIFFER_BY = timedelta(minutes=2)
"""A device's clock may run ahead by so much before its scan counts as one from the future."""
MORNING = time(7)
"""When the due day is called to mind."""

ONE_DAY = timedelta(days=1)

Faults = dict[str, str | tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Terms:
    """All that decides on the days of one object at one place."""

    days: OpenDays
    policy: LendingPolicy
    buffer_days: int = 0
    max_days: int | None = None

    @property
    def margin(self) -> timedelta:
        """From a due day to the end of its claim: turnaround and buffer."""
        return timedelta(days=self.policy.turnaround_days + self.buffer_days)

    @property
    def usual_days(self) -> int:
        """How long it is lent when nobody says how long."""
        return min(self.policy.loan_days, self.max_days or self.policy.loan_days)

    @property
    def longest_days(self) -> int:
        """The most days from the first to the due day."""
        return min(self.policy.max_loan_days, self.max_days or self.policy.max_loan_days)

    def usual_from(self, day: date) -> "Period":
        """A loan as long as usual, from this day."""
        return Period(day, day + timedelta(days=self.usual_days))

    @property
    def of_calendar(self) -> item_rules.Terms:
        """The same terms as the calendar of an object reads them, which counts both ends of a period."""
        return item_rules.Terms.of(self.policy, buffer_days=self.buffer_days, max_days=self.max_days)

    def claim_end(self, first_day: date, due: date) -> date:
        """The day (not included) to which a loan of these days takes the object."""
        return item_rules.claim_end(
            first_day, due, turnaround_days=self.policy.turnaround_days, buffer_days=self.buffer_days
        )

    def fits(self, first_day: date, due: date, next_claim: date | None) -> bool:
        """Whether these days end before the next claim begins."""
        return next_claim is None or self.claim_end(first_day, due) <= next_claim


@dataclass(frozen=True)
class Period:
    """The first and the due day of a loan, both included."""

    first_day: date
    due: date

    def as_json(self) -> dict[str, date]:
        """As the API names the two days."""
        return {"from": self.first_day, "to": self.due}

    def as_text(self) -> str:
        """As a line of the history keeps it: "2026-11-27/2026-12-01"."""
        return f"{self.first_day.isoformat()}/{self.due.isoformat()}"

    def within(self, other: "Period") -> bool:
        """Whether the other one holds all of these days."""
        return other.first_day <= self.first_day and self.due <= other.due


def period_of(text: str) -> Period | None:
    """What `Period.as_text` wrote; None for anything else."""
    first, _, due = text.partition("/")
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(due))
    except ValueError:
        return None


def kept_from_today(wished: Period, *, before: Period, today: date) -> Period:
    """The wished days; a first day that has passed and stays as it was is today: what is still kept for somebody
    can be kept for longer."""
    if wished.first_day == before.first_day < today <= wished.due:
        return Period(today, wished.due)
    return wished


def overdue_days(due: date, today: date) -> int:
    """Civil days after the due day; 0 while it is not late."""
    return max(0, (today - due).days)


def faults_of_days(
    terms: Terms, *, first_day: date, due: date, now: datetime, fields: tuple[str, str] = ("from", "to")
) -> Faults:
    """What is wrong with the days of a reservation, by field; empty when they can be asked for."""
    today = terms.days.today(now)
    last = today + timedelta(days=terms.policy.ahead_days)
    first, to = fields
    faults: Faults = {}
    if first_day < today:
        faults[first] = "lending.in_the_past"
    elif first_day > last:
        faults[first] = ("lending.too_far_ahead", {"last": last})
    elif first_day == today == due and terms.days.closes_at(today) <= now:
        faults[first] = _closed(terms.days, today + ONE_DAY)
    elif not terms.days.is_open(first_day):
        faults[first] = _closed(terms.days, first_day)
    if due < first_day:
        faults[to] = "lending.reversed"
    elif (due - first_day).days > terms.longest_days:
        faults[to] = ("lending.too_long", {"days": terms.longest_days})
    elif first not in faults and not terms.days.is_open(due):
        faults[to] = _closed(terms.days, due)
    return faults


def fault_of_due(terms: Terms, *, due: date, not_before: date) -> str | tuple[str, dict[str, Any]] | None:
    """What is wrong with a due day that somebody chose; None when nothing is. Only the day itself is judged."""
    if due < not_before:
        return "lending.due_too_early", {"first": not_before}
    if not terms.days.is_open(due):
        return _closed(terms.days, due)
    return None


def _closed(days: OpenDays, day: date) -> tuple[str, dict[str, Any]]:
    opens = days.next_open(day)
    return ("lending.closed_day", {"next": opens}) if opens else ("lending.closed_for_long", {})


def due_day(
    terms: Terms, *, first_day: date, wished: date, today: date, next_claim: date | None
) -> date | None:
    """The due day that holds when `wished` is asked for: moved to the next open day; where that would touch the
    next claim, the last open day before it, today at the earliest. None where no day is left."""
    due = terms.days.next_open(wished) or wished
    if terms.fits(first_day, due, next_claim):
        return due
    return latest_due(terms, first_day=first_day, not_before=max(today, first_day), next_claim=next_claim)


def latest_due(terms: Terms, *, first_day: date, not_before: date, next_claim: date | None) -> date | None:
    """The last open day that leaves the next claim alone, not before `not_before`; None where there is none."""
    if next_claim is None:
        return None
    due = terms.days.last_open(next_claim - terms.margin, not_before=not_before)
    return due if due is not None and terms.fits(first_day, due, next_claim) else None


def off_closed_days(
    terms: Terms, days: Period, *, out: bool, today: date, next_claim: date | None
) -> Period | None:
    """The days of a loan whose ends leave the days that are closed; None where they cannot. What is `out` has begun.
    A reservation begins on the next open day: its due day stays where that leaves days enough, else it moves whole."""
    first = days.first_day
    if not out and first >= today:
        first = terms.days.next_open(first) or first
    length = days.due - days.first_day
    enough = min(length, timedelta(days=terms.policy.min_days_before_claim - 1))
    wished = days.due if days.due - first >= enough else first + length
    due = due_day(terms, first_day=first, wished=wished, today=today, next_claim=next_claim)
    return None if due is None or due < first or not terms.days.is_open(due) else Period(first, due)


@dataclass(frozen=True)
class Renewal:
    """`full`: the due day of a whole new period. `latest`: the last day that can be had, None where none can."""

    full: date
    latest: date | None


def renewal(terms: Terms, *, first_day: date, due: date, today: date, next_claim: date | None) -> Renewal:
    """The new period, counted from the later of today and the due day, and how much of it is free."""
    wished = max(today, due) + timedelta(days=terms.usual_days)
    full = terms.days.next_open(wished) or wished
    if terms.fits(first_day, full, next_claim):
        return Renewal(full, full)
    tomorrow_of_due = max(today, due + ONE_DAY)
    return Renewal(
        full, latest_due(terms, first_day=first_day, not_before=tomorrow_of_due, next_claim=next_claim)
    )


def answer_by(terms: Terms, *, first_day: date, now: datetime) -> datetime:
    """Until when the owner can answer: some hours, or the end of the first day where that is earlier."""
    midnight = _midnight(first_day + ONE_DAY, terms.days.timezone)
    closing = terms.days.closes_at(first_day)
    end = closing if closing > now else midnight
    return min(now + timedelta(hours=terms.policy.request_hours), end.astimezone(UTC))


# -- the pick-up clock ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PickUp:
    """The first open day on which it can be collected, and the last one it is kept until."""

    first: date
    until: date


def pick_up(days: OpenDays, *, first_day: date, due: date, since: datetime) -> PickUp | None:
    """When an object that lies ready `since` can be collected; None where its last day ends before that."""
    day = days.next_open(max(first_day, days.today(since)))
    if day is not None and days.closes_at(day) <= since:
        day = days.next_open(day + ONE_DAY)
    if day is None or day > due:
        return None
    return PickUp(day, min(days.next_open(day + ONE_DAY) or due, due))


Step = Literal["wait", "keep", "lapse", "pass"]


def pick_up_step(
    days: OpenDays,
    *,
    first_day: date,
    due: date,
    since: datetime | None,
    kept_until: date | None,
    now: datetime,
) -> tuple[Step, date | None]:
    """What becomes of a reservation that was not collected: it waits, is kept until a day with a message, lapses
    (a no-show), or passes because the object was not there (`since` is None: it is not in house now)."""
    if kept_until is not None and since is not None:
        return ("lapse" if days.closes_at(kept_until) <= now else "wait"), None
    chance = pick_up(days, first_day=first_day, due=due, since=since) if since is not None else None
    if chance is None:
        return ("pass" if days.closes_at(due) <= now else "wait"), None
    if now < days.closes_at(chance.first):
        return "wait", None
    if now < days.closes_at(chance.until):
        return "keep", chance.until
    return "lapse", None


# -- free periods -----------------------------------------------------------------------------------------


def free_choices(
    terms: Terms, taken: Sequence[item_rules.Taken], *, wished: Period, today: date
) -> list[Period]:
    """The free periods nearest to the wished one, each reservable as given, in order of days."""
    found = item_rules.closest_periods(
        taken,
        first_day=wished.first_day,
        due=wished.due,
        is_open=terms.days.is_open,
        today=today,
        terms=terms.of_calendar,
    )
    return sorted((Period(*days) for days in found), key=lambda period: period.first_day)


# -- reminders --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """One reminder: so many days after the due day (before, where negative), at this time of the place."""

    name: str
    days: int
    at: time = time(0)

    @property
    def kind(self) -> str:
        """What the borrower is told."""
        if self.days < 0:
            return "lending.due_soon"
        return "lending.due_today" if self.days == 0 else "lending.overdue"

    def moment(self, due: date, zone: ZoneInfo) -> datetime:
        """From when on it is due."""
        return datetime.combine(due + timedelta(days=self.days), self.at, tzinfo=zone)


LEVELS = (
    Level("before", -2),
    Level("due", 0, MORNING),
    Level("overdue_1", 1),
    Level("overdue_3", 3),
    Level("overdue_7", 7),
    Level("overdue_14", 14),
    Level("overdue_30", 30),
)
COORDINATOR_JOINS: Mapping[str, str] = {
    "overdue_14": "lending.overdue_for_coordinator",
    "overdue_30": "lending.ask_if_lost",
}
"""Levels at which the coordinator is told too, and what."""


def reminder(
    due: date, *, set_at: datetime | None, timezone: str, now: datetime
) -> tuple[Level | None, datetime | None]:
    """The highest level that is due at `now`, and the moment of the one after it. A level whose moment lies before
    the due day was set (`set_at`) is None: it was skipped. Before the morning of the due day nothing is said any more
    about days to come."""
    level, since, next_at = _turn(due, timezone, now)
    return (level if set_at is None or since >= set_at else None), next_at


@lru_cache(maxsize=1024)
def _turn(due: date, timezone: str, now: datetime) -> tuple[Level | None, datetime, datetime | None]:
    """The level of this day at `now`, since when, and when the next one comes, in UTC; a sweep asks for the same few
    days again and again."""
    zone = ZoneInfo(timezone)
    current: Level | None = None
    since = now
    for level in LEVELS:
        moment = level.moment(due, zone).astimezone(UTC)
        if moment > now:
            came = level.days == 0 and now.astimezone(zone).date() == due
            return None if came else current, since, moment
        current, since = level, moment
    return current, since, None


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(timezone))
