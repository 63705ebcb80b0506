"""Which days of an object are free: pure functions on claims (half-open periods), open days and the terms of a loan.

Days are civil days of the place where the object is kept. A loan is told by its first and last day, both included;
the claim it makes is half-open and holds the turnaround and the buffer too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, NamedTuple, Self

from app.hubs.rules import LendingPolicy

DAY = timedelta(days=1)
WEEKS_SHOWN = 4
GLANCE_DAYS = 14
SUGGESTED_DAYS = 7
CLOSEST_PERIODS = 3

IsOpen = Callable[[date], bool]
State = Literal["free", "taken", "closed", "past", "first", "last", "only", "in"]


@dataclass(frozen=True)
class Taken:
    """Days [first_day, end_day) that are not free. `uncertain`: nobody knows the end (overdue, repair, transfer)."""

    first_day: date
    end_day: date
    uncertain: bool = False
    kind: str = "loan"
    id: int | None = None

    @property
    def last_day(self) -> date:
        """The last day that is taken."""
        return self.end_day - DAY


@dataclass(frozen=True)
class Terms:
    """What decides, beside claims and open days, which days may be reserved; counts of days.
    `longest_days` counts the first and the last day."""

    turnaround_days: int = 1
    buffer_days: int = 0
    overdue_gap_days: int = 7
    ahead_days: int = 180
    longest_days: int = 28

    @classmethod
    def of(cls, policy: LendingPolicy, *, buffer_days: int, max_days: int | None) -> Self:
        """The terms of one object at a place with this policy."""
        return cls(
            turnaround_days=policy.turnaround_days,
            buffer_days=buffer_days,
            overdue_gap_days=policy.overdue_gap_days,
            ahead_days=policy.ahead_days,
            # A loan of 7 days that begins on a Friday is due on the next one: eight days with both ends.
            longest_days=min(policy.max_loan_days, max_days or policy.max_loan_days) + 1,
        )


class Day(NamedTuple):
    """One day of the calendar and how it stands. `alone`: it could be reserved for itself, chosen or not."""

    day: date
    state: State
    today: bool
    alone: bool


def claim_end(first_day: date, due: date, *, turnaround_days: int = 1, buffer_days: int = 0) -> date:
    """The day (not included) up to which a loan takes its object: the due day itself is taken whole unless the
    place hands over on the same day."""
    return max(first_day + DAY, due + timedelta(days=turnaround_days + buffer_days))


def days_counted(first_day: date, due: date) -> int:
    """How many days a neighbour says it is: Friday to Tuesday are five."""
    return (due - first_day).days + 1


def fits(taken: Sequence[Taken], first_day: date, end_day: date, *, today: date) -> bool:
    """Whether [first_day, end_day) meets none of these claims."""
    return all(end_day <= one.first_day or first_day >= _end(one, today) for one in taken)


def free_today(taken: Sequence[Taken], *, today: date) -> bool:
    """Whether nothing stands against today, whatever the opening hours."""
    return fits(taken, today, today + DAY, today=today)


def earliest_first_day(taken: Sequence[Taken], *, today: date, terms: Terms) -> date:
    """Today; some days later while the object should be back and is not, or nobody knows when it will be."""
    away = any(one.uncertain and one.first_day <= today for one in taken)
    return today + timedelta(days=terms.overdue_gap_days) if away else today


def reservable(
    first_day: date, due: date, *, taken: Sequence[Taken], is_open: IsOpen, today: date, terms: Terms
) -> bool:
    """Whether these days could be reserved as given: both ends open, not too long, not too far, met by no claim."""
    return (
        first_day <= due
        and days_counted(first_day, due) <= terms.longest_days
        and earliest_first_day(taken, today=today, terms=terms)
        <= first_day
        <= today + timedelta(days=terms.ahead_days)
        and is_open(first_day)
        and is_open(due)
        and fits(taken, first_day, _claimed(first_day, due, terms), today=today)
    )


def next_free(
    taken: Sequence[Taken], *, is_open: IsOpen, today: date, terms: Terms, not_before: date | None = None
) -> date | None:
    """The first day (from `not_before` on) that is reservable as given, if only for itself; None where there is
    none as far as one may reserve ahead."""
    day = max(earliest_first_day(taken, today=today, terms=terms), not_before or today)
    last = today + timedelta(days=terms.ahead_days)
    in_order = sorted(taken, key=lambda one: one.first_day)
    while day <= last:
        end = _claimed(day, day, terms)
        met = next((one for one in in_order if one.first_day < end and _end(one, today) > day), None)
        if met is None and is_open(day):
            return day
        day = max(_end(met, today), day + DAY) if met else day + DAY
    return None


def suggested(
    taken: Sequence[Taken], *, is_open: IsOpen, today: date, terms: Terms, not_before: date | None = None
) -> tuple[date, date] | None:
    """The period that a page offers first: from the next free day, a week at most, ended on an open day."""
    start = next_free(taken, is_open=is_open, today=today, terms=terms, not_before=not_before)
    if start is None:
        return None
    for length in range(min(SUGGESTED_DAYS, terms.longest_days), 0, -1):
        due = start + timedelta(days=length - 1)
        if reservable(start, due, taken=taken, is_open=is_open, today=today, terms=terms):
            return start, due
    return None


def closest_periods(
    taken: Sequence[Taken],
    *,
    first_day: date,
    due: date,
    is_open: IsOpen,
    today: date,
    terms: Terms,
    limit: int = CLOSEST_PERIODS,
) -> list[tuple[date, date]]:
    """The free periods nearest to the days that were asked for, each reservable as given: as long as asked where
    that is possible, else as long as is. They never share a day; nearest first."""
    asked = min(days_counted(first_day, due), terms.longest_days)
    found: list[tuple[date, date]] = []
    for length in (asked, *_shorter(asked)):
        for start in _outward(first_day, today=today, ahead_days=terms.ahead_days):
            end = start + timedelta(days=length - 1)
            apart = all(end < a or start > b for a, b in found)
            if apart and reservable(start, end, taken=taken, is_open=is_open, today=today, terms=terms):
                found.append((start, end))
                if len(found) == limit:
                    return found
        if found:
            return found
    return found


def days_as(
    *,
    taken: Sequence[Taken],
    is_open: IsOpen,
    today: date,
    terms: Terms,
    chosen: tuple[date, date] | None = None,
) -> Callable[[date], Day]:
    """How any day stands; it remembers, because a page shows most of them twice."""
    from_day = earliest_first_day(taken, today=today, terms=terms)
    until = today + timedelta(days=terms.ahead_days)

    def state(day: date) -> State:
        if day < today or day > until:
            return "past"
        if day < from_day or (taken and not fits(taken, day, _claimed(day, day, terms), today=today)):
            return "taken"
        return "free" if is_open(day) else "closed"

    @cache
    def day_as(day: date) -> Day:
        by_itself = state(day)
        shown = _end_of_choice(day, chosen) if chosen and chosen[0] <= day <= chosen[1] else by_itself
        return Day(day, shown, day == today, by_itself == "free")

    return day_as


def month(start: date, day_as: Callable[[date], Day]) -> list[list[Day]]:
    """Four weeks from the Monday on or before `start`, each day as it stands (`days_as`)."""
    days = days_from(start - timedelta(days=start.weekday()), 7 * WEEKS_SHOWN, day_as)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def days_from(start: date, count: int, day_as: Callable[[date], Day]) -> list[Day]:
    """So many days from `start`, each as it stands."""
    return [day_as(start + timedelta(days=away)) for away in range(count)]


def _end_of_choice(day: date, chosen: tuple[date, date]) -> State:
    first, last = chosen
    if first == last:
        return "only"
    return "first" if day == first else "last" if day == last else "in"


def _claimed(first_day: date, due: date, terms: Terms) -> date:
    return claim_end(first_day, due, turnaround_days=terms.turnaround_days, buffer_days=terms.buffer_days)


def _end(one: Taken, today: date) -> date:
    """Where nobody knows the end, today is taken in any case: the sweep that pushes it may not have run yet."""
    return max(one.end_day, today + DAY) if one.uncertain and one.first_day <= today else one.end_day


def _shorter(length: int) -> Iterator[int]:
    """Ever shorter lengths, halved each time."""
    while length > 1:
        length //= 2
        yield length


def _outward(day: date, *, today: date, ahead_days: int) -> Iterator[date]:
    """The days around `day`, nearest first (the later of two first), from today to as far as one may reserve."""
    last = today + timedelta(days=ahead_days)
    day = min(max(day, today), last)
    for away in range(ahead_days + 1):
        if day + timedelta(days=away) <= last:
            yield day + timedelta(days=away)
        if away and day - timedelta(days=away) >= today:
            yield day - timedelta(days=away)
