"""What is true of lending, case by case."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.hubs.rules import ClosedDays, LendingPolicy, OpenDays, Opening
from app.items.rules import Taken
from app.lending import rules
from app.lending.rules import Period, Terms

PARIS = ZoneInfo("Europe/Paris")
WEEK = tuple(Opening(weekday, time(14), time(19)) for weekday in (1, 2, 3, 4, 5))
"""Tuesday to Saturday."""
DAYS = OpenDays(week=WEEK)
WEDNESDAY = date(2026, 11, 25)


def day(n: int) -> date:
    """So many days after Wednesday 25 November 2026."""
    return WEDNESDAY + timedelta(days=n)


def at(n: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day(n), time(hour, minute), tzinfo=PARIS)


def terms(
    days: OpenDays = DAYS, *, buffer_days: int = 0, max_days: int | None = None, **policy: object
) -> Terms:
    return Terms(days, LendingPolicy.with_changes(policy), buffer_days, max_days)


# -- claims and lengths -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "buffer_days", "first", "due", "end"),
    [
        ({}, 0, 0, 3, 4),
        ({}, 2, 0, 3, 6),
        ({"same_day_handover": True}, 0, 0, 3, 3),
        ({"same_day_handover": True}, 0, 0, 0, 1),
        ({"same_day_handover": True}, 2, 0, 3, 5),
        ({}, 0, 0, 0, 1),
    ],
)
def test_claim_is_half_open(policy: dict, buffer_days: int, first: int, due: int, end: int) -> None:
    held = terms(buffer_days=buffer_days, **policy)
    assert held.claim_end(day(first), day(due)) == day(end)


@pytest.mark.parametrize(
    ("max_days", "usual", "longest"), [(None, 14, 28), (3, 3, 3), (20, 14, 20), (60, 14, 28)]
)
def test_shorter_of_object_and_policy(max_days: int | None, usual: int, longest: int) -> None:
    held = terms(max_days=max_days)
    assert (held.usual_days, held.longest_days) == (usual, longest)


# -- the days of a reservation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "due", "faults"),
    [
        (0, 2, {}),
        (0, 28, {}),
        (-1, 2, {"from": "lending.in_the_past"}),
        (-3, -2, {"from": "lending.in_the_past"}),
        (2, 0, {"to": "lending.reversed"}),
        (181, 182, {"from": ("lending.too_far_ahead", {"last": day(180)})}),
        (0, 29, {"to": ("lending.too_long", {"days": 28})}),
        (4, 7, {"from": ("lending.closed_day", {"next": day(6)})}),
        (2, 5, {"to": ("lending.closed_day", {"next": day(6)})}),
    ],
)
def test_days_that_can_be_asked_for(first: int, due: int, faults: dict) -> None:
    assert rules.faults_of_days(terms(), first_day=day(first), due=day(due), now=at(0, 10)) == faults


def test_far_years_are_refused_without_falling_over() -> None:
    faults = rules.faults_of_days(terms(), first_day=date.max, due=date.max, now=at(0, 10))
    assert set(faults) == {"from"}
    assert set(rules.faults_of_days(terms(), first_day=day(0), due=date.max, now=at(0, 10))) == {"to"}


def test_today_can_be_asked_for_in_the_evening_but_not_for_today_alone() -> None:
    evening = at(0, 21)
    assert rules.faults_of_days(terms(), first_day=day(0), due=day(2), now=evening) == {}
    alone = rules.faults_of_days(terms(), first_day=day(0), due=day(0), now=evening)
    assert alone == {"from": ("lending.closed_day", {"next": day(1)})}


def test_day_is_the_place_s_own() -> None:
    """At 23:30 in Paris it is still yesterday in Montréal."""
    montreal = OpenDays(timezone="America/Montreal")
    now = datetime(2026, 11, 26, 0, 30, tzinfo=PARIS)
    assert rules.faults_of_days(terms(montreal), first_day=day(0), due=day(1), now=now) == {}
    assert rules.faults_of_days(terms(), first_day=day(0), due=day(2), now=now) == {
        "from": "lending.in_the_past"
    }


def test_nothing_opens_for_a_year() -> None:
    shut = OpenDays(week=WEEK, closures=(ClosedDays(day(1), day(900)),))
    faults = rules.faults_of_days(terms(shut), first_day=day(2), due=day(3), now=at(0, 10))
    assert faults == {"from": ("lending.closed_for_long", {})}


# -- due days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wished", "next_claim", "due"),
    [
        (2, None, 2),
        (4, None, 6),  # Sunday: Tuesday
        (4, 7, 6),  # a claim on Wednesday leaves Tuesday free
        (4, 6, 3),  # a claim on Tuesday: back to Saturday
        (14, 3, 2),  # far too long: the last open day before the claim
        (14, 1, 0),  # the claim is tomorrow: today
        (14, 0, None),
    ],
)
def test_due_day_moves_off_closed_days(wished: int, next_claim: int | None, due: int | None) -> None:
    found = rules.due_day(
        terms(),
        first_day=day(0),
        wished=day(wished),
        today=day(0),
        next_claim=None if next_claim is None else day(next_claim),
    )
    assert found == (None if due is None else day(due))


def test_due_day_leaves_the_buffer_free() -> None:
    found = rules.due_day(
        terms(buffer_days=2), first_day=day(0), wished=day(14), today=day(0), next_claim=day(6)
    )
    assert found == day(3)


def test_due_day_is_today_at_the_earliest() -> None:
    sunday = day(4)
    assert rules.due_day(terms(), first_day=sunday, wished=sunday, today=sunday, next_claim=day(5)) is None


def test_same_day_handover_gives_the_claim_s_own_day() -> None:
    held = terms(same_day_handover=True)
    found = rules.due_day(held, first_day=day(0), wished=day(14), today=day(0), next_claim=day(3))
    assert found == day(3)


def test_unknown_hours_stand_as_given() -> None:
    found = rules.due_day(terms(OpenDays()), first_day=day(0), wished=day(4), today=day(0), next_claim=None)
    assert found == day(4)


# -- renewals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "today", "next_claim", "full", "latest"),
    [
        (3, 0, None, 17, 17),  # from the due day
        (0, 3, None, 17, 17),  # from today where that is later
        (3, 0, 10, 17, 9),
        (3, 0, 5, 17, None),  # Sunday and Monday are closed: no later day is left
        (3, 0, 4, 17, None),
        (0, 2, 3, 16, 2),  # late: until today at least
    ],
)
def test_renewal_counts_from_the_later_day(
    due: int, today: int, next_claim: int | None, full: int, latest: int | None
) -> None:
    found = rules.renewal(
        terms(),
        first_day=day(-10),
        due=day(due),
        today=day(today),
        next_claim=None if next_claim is None else day(next_claim),
    )
    assert found.full == day(full)
    assert found.latest == (None if latest is None else day(latest))


def test_object_s_own_limit_holds_for_renewals() -> None:
    found = rules.renewal(terms(max_days=2), first_day=day(-2), due=day(0), today=day(0), next_claim=None)
    assert found.full == day(2)


@pytest.mark.parametrize(
    ("first", "now", "until"),
    [
        (10, at(0, 10), at(2, 10)),
        (1, at(0, 10), at(1, 19)),
        (0, at(0, 20), at(1, 0)),
    ],
)
def test_owner_has_two_days_or_until_the_end_of_the_first(first: int, now: datetime, until: datetime) -> None:
    assert rules.answer_by(terms(), first_day=day(first), now=now) == until


# -- the pick-up clock ------------------------------------------------------------------------------------

EVER = datetime(1970, 1, 1, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("first", "due", "since", "kept", "now", "step"),
    [
        (0, 6, EVER, None, at(0, 18, 59), ("wait", None)),
        (0, 6, EVER, None, at(0, 19), ("keep", day(1))),
        (0, 6, EVER, 1, at(1, 18), ("wait", None)),
        (0, 6, EVER, 1, at(1, 19), ("lapse", None)),
        (3, 6, EVER, None, at(3, 19), ("keep", day(6))),  # Saturday, then Tuesday
        (3, 4, EVER, None, at(3, 19), ("keep", day(4))),  # its last day is earlier
        (0, 0, EVER, None, at(0, 19), ("lapse", None)),  # one day only
        (0, 6, EVER, None, at(2, 9), ("lapse", None)),  # the scheduler slept through it
        (0, 6, None, None, at(3, 9), ("wait", None)),  # not in house: the clock stands
        (0, 6, None, None, at(6, 19), ("pass", None)),
        (0, 6, at(1, 15), None, at(1, 18), ("wait", None)),  # came back on Thursday
        (0, 6, at(1, 15), None, at(1, 19), ("keep", day(2))),
        (0, 6, at(1, 20), None, at(1, 21), ("wait", None)),  # after closing: tomorrow counts
        (0, 1, at(1, 20), None, at(1, 21), ("pass", None)),  # too late for her
    ],
)
def test_pick_up_clock(
    first: int, due: int, since: datetime | None, kept: int | None, now: datetime, step: tuple
) -> None:
    found = rules.pick_up_step(
        DAYS,
        first_day=day(first),
        due=day(due),
        since=since,
        kept_until=None if kept is None else day(kept),
        now=now,
    )
    assert found == step


def test_at_home_days_end_at_midnight() -> None:
    home = OpenDays()
    words = {"first_day": day(0), "due": day(6), "since": EVER, "kept_until": None}
    assert rules.pick_up_step(home, **words, now=at(0, 23, 59)) == ("wait", None)
    assert rules.pick_up_step(home, **words, now=at(1, 0)) == ("keep", day(1))


# -- free periods -----------------------------------------------------------------------------------------


def test_free_choices_are_reservable_as_given() -> None:
    taken = [Taken(day(0), day(8))]
    found = rules.free_choices(terms(), taken, wished=Period(day(1), day(3)), today=day(0))
    assert len(found) == 3
    for period in found:
        assert not rules.faults_of_days(terms(), first_day=period.first_day, due=period.due, now=at(0, 10))
        assert period.first_day >= day(8)


def test_free_choices_wait_for_what_is_late() -> None:
    taken = [Taken(day(-9), day(1), uncertain=True)]
    found = rules.free_choices(terms(), taken, wished=Period(day(1), day(3)), today=day(0))
    assert min(period.first_day for period in found) >= day(7)


# -- reminders --------------------------------------------------------------------------------------------

DUE = day(9)
LONG_AGO = at(-20, 15)


@pytest.mark.parametrize(
    ("now", "level", "next_at"),
    [
        (at(6, 23, 59), None, at(7, 0)),
        (at(7, 0), "before", at(9, 7)),
        (at(8, 12), "before", at(9, 7)),
        (at(9, 6, 59), None, at(9, 7)),  # a day late, it would come before the right one
        (at(9, 7), "due", at(10, 0)),
        (at(10, 0), "overdue_1", at(12, 0)),
        (at(12, 0), "overdue_3", at(16, 0)),
        (at(20, 0), "overdue_7", at(23, 0)),
        (at(23, 8), "overdue_14", at(39, 0)),
        (at(39, 0), "overdue_30", None),
        (at(300, 0), "overdue_30", None),
    ],
)
def test_highest_level_that_is_due(now: datetime, level: str | None, next_at: datetime | None) -> None:
    found, following = rules.reminder(DUE, set_at=LONG_AGO, timezone="Europe/Paris", now=now)
    assert (found and found.name) == level
    assert following == next_at


@pytest.mark.parametrize(
    ("set_at", "now", "level"),
    [
        (at(7, 15), at(7, 16), None),  # lent for two days: no reminder two days before
        (at(7, 15), at(9, 7), "due"),
        (at(9, 15), at(9, 16), None),  # lent for today
        (at(9, 15), at(10, 1), "overdue_1"),
        (at(11, 15), at(11, 16), None),
    ],
)
def test_moments_before_the_check_out_are_skipped(set_at: datetime, now: datetime, level: str | None) -> None:
    found, _ = rules.reminder(DUE, set_at=set_at, timezone="Europe/Paris", now=now)
    assert (found and found.name) == level


@pytest.mark.parametrize(
    "due", [date(2026, 3, 29), date(2026, 3, 31), date(2026, 10, 25), date(2026, 10, 27)]
)
def test_levels_keep_their_hour_when_clocks_change(due: date) -> None:
    """Walk through each hour of a month: every level comes once, at its own wall-clock time."""
    start = datetime.combine(due - timedelta(days=10), time(0), tzinfo=PARIS).astimezone(ZoneInfo("UTC"))
    seen: dict[str, datetime] = {}
    for hours in range(24 * 45):
        now = start + timedelta(hours=hours)
        level, next_at = rules.reminder(due, set_at=start, timezone="Europe/Paris", now=now)
        assert next_at is None or next_at > now
        if level is not None:
            seen.setdefault(level.name, now.astimezone(PARIS))
    assert {name: (moment.date() - due).days for name, moment in seen.items()} == {
        level.name: level.days for level in rules.LEVELS
    }
    assert {moment.hour for name, moment in seen.items() if name != "due"} == {0}
    assert seen["due"].hour == 7
