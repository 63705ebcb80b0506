"""When workshops are held: wall clocks, both clock changes, rules that are taken and refused, dates that move."""

# ruff: noqa: DTZ001 -- wall clocks have no zone

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.skills.workshops import rhythm
from app.skills.workshops.rhythm import BadRule, Rule

PARIS = "Europe/Paris"
SATURDAY = datetime(2026, 12, 5, 10, 0)


def test_a_year_of_weeks_keeps_its_wall_clock() -> None:
    """Ten o'clock stays ten o'clock through the nights of 28 March and 31 October; the moments move by an hour."""
    rule = rhythm.read("FREQ=WEEKLY", start=SATURDAY, timezone=PARIS)
    dates = rhythm.walls(rule, SATURDAY, upto=SATURDAY + timedelta(days=366))
    moments = [rhythm.instant(at, PARIS) for at in dates]
    assert len(dates) == 53
    assert {(at.weekday(), at.time()) for at in dates} == {(5, time(10))}
    assert [rhythm.wall(at, PARIS) for at in moments] == dates
    odd = {
        (first.date(), (second - first) - timedelta(days=7))
        for first, second in pairwise(moments)
        if second - first != timedelta(days=7)
    }
    assert odd == {
        (date(2027, 3, 27), timedelta(hours=-1)),
        (date(2027, 10, 30), timedelta(hours=1)),
    }


def test_the_nights_themselves() -> None:
    """What is skipped is an hour later, what comes twice is the first of the two."""
    assert rhythm.instant(datetime(2027, 3, 28, 2, 30), PARIS) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert rhythm.instant(datetime(2027, 10, 31, 2, 30), PARIS) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    choice=st.sampled_from(["weekly", "fortnightly", "monthly"]),
    zone=st.sampled_from([PARIS, "America/Martinique", "Pacific/Auckland", "America/New_York", "UTC"]),
)
@settings(max_examples=60, deadline=None)
def test_wall_clock_is_kept_in_every_zone(start: datetime, choice: str, zone: str) -> None:
    rule = rhythm.of_choice(choice, start, last_day=None)
    dates = rhythm.walls(rule, start, upto=start + timedelta(days=400))
    assert dates[0] == start
    assert rule is not None
    assert rhythm.kept(rule.text) == rule
    assert rhythm.choice_of(rule) == choice
    for at in dates:
        assert (at.time(), at.weekday()) == (start.time(), start.weekday())
        shown = rhythm.wall(rhythm.instant(at, zone), zone)
        before, after = (at.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
        assert before is not None
        assert after is not None
        assert shown == at + max(after - before, timedelta(0))  # later where the clock skips it


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY", "FREQ=HOURLY;COUNT=3", "FREQ=YEARLY", "", "nothing", "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1", "FREQ=WEEKLY;BYDAY=2SA",
        "FREQ=WEEKLY;BYDAY=SA,SA", "FREQ=MONTHLY;BYDAY=6SA", "FREQ=MONTHLY;BYDAY=SA;BYSETPOS=5",
        "FREQ=MONTHLY;BYSETPOS=1", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=WEEKLY;COUNT=2;UNTIL=20270101",
        "FREQ=WEEKLY;UNTIL=20271399", "FREQ=WEEKLY;COUNT=0", "FREQ=WEEKLY;COUNT=²", "FREQ=WEEKLY" + ";" * 300,
    ],
)  # fmt: skip
def test_what_is_no_rhythm_of_neighbours_is_refused(text: str) -> None:
    with pytest.raises(BadRule) as refused:
        rhythm.read(text, start=SATURDAY, timezone=PARIS)
    assert refused.value.code == "workshops.rule_not_taken"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FREQ=DAILY;COUNT=1000000", "workshops.rule_too_long"),
        ("FREQ=DAILY;COUNT=99999999999", "workshops.rule_not_taken"),
        ("FREQ=MONTHLY;COUNT=400", "workshops.rule_too_long"),
        ("FREQ=WEEKLY;UNTIL=99991231", "workshops.rule_too_long"),
        ("FREQ=WEEKLY;INTERVAL=5000", "workshops.rule_too_long"),
        ("FREQ=WEEKLY;UNTIL=20200101", "workshops.rule_ends_first"),
        ("FREQ=WEEKLY;BYDAY=MO", "workshops.rule_starts_elsewhere"),
        ("FREQ=MONTHLY;BYDAY=2SA", "workshops.rule_starts_elsewhere"),
    ],
)
def test_absurd_rules_are_refused_with_their_reason(text: str, code: str) -> None:
    with pytest.raises(BadRule) as refused:
        rhythm.read(text, start=SATURDAY, timezone=PARIS)
    assert refused.value.code == code


def test_rules_that_neighbours_need_are_taken() -> None:
    """Both second and fourth Saturdays, the last Friday, weekdays only; a count becomes its last date."""
    second = datetime(2026, 12, 12, 10, 0)
    both = rhythm.read("RRULE:FREQ=MONTHLY;BYDAY=2SA,4SA", start=second, timezone=PARIS)
    shown = rhythm.walls(both, second, upto=datetime(2027, 1, 31))
    assert [at.day for at in shown] == [12, 26, 9, 23]
    last = datetime(2026, 11, 27, 18, 0)
    fridays = rhythm.read("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", start=last, timezone=PARIS)
    assert [at.day for at in rhythm.walls(fridays, last, upto=datetime(2027, 1, 31))] == [27, 25, 29]
    four = rhythm.read("FREQ=WEEKLY;COUNT=4", start=SATURDAY, timezone=PARIS)
    assert four.until == SATURDAY + timedelta(weeks=3)
    ends = rhythm.read("FREQ=WEEKLY;UNTIL=20261219T090000Z", start=SATURDAY, timezone=PARIS)
    assert len(rhythm.walls(ends, SATURDAY, upto=datetime(2030, 1, 1))) == 3


def test_one_for_one_when_only_the_day_moves() -> None:
    rule = rhythm.of_choice("weekly", SATURDAY, last_day=None)
    old = rhythm.walls(rule, SATURDAY, upto=SATURDAY + rhythm.AHEAD)
    start = SATURDAY + timedelta(days=7, hours=8)
    found = rhythm.moves(
        old,
        rule=rhythm.moved(rule, SATURDAY, start),
        start=start,
        upto=SATURDAY + rhythm.AHEAD,
        same_rhythm=True,
    )
    assert [found.stay[one] - one for one in old] == [timedelta(days=7, hours=8)] * len(old)
    assert found.fall_out == ()
    assert found.new == ()


def test_where_the_rhythm_changes_the_nearest_take_their_places() -> None:
    """Weekly becomes fortnightly: every second date stays, those between fall out."""
    weekly = rhythm.of_choice("weekly", SATURDAY, last_day=None)
    old = rhythm.walls(weekly, SATURDAY, upto=SATURDAY + timedelta(weeks=5))
    start = SATURDAY + timedelta(days=1)
    found = rhythm.moves(
        old,
        rule=rhythm.of_choice("fortnightly", start, last_day=None),
        start=start,
        upto=SATURDAY + timedelta(weeks=5),
        same_rhythm=False,
    )
    assert sorted(found.stay) == old[::2]
    assert list(found.fall_out) == old[1::2]


@given(
    days=st.lists(st.integers(0, 120), min_size=1, max_size=25, unique=True),
    shift=st.integers(-20, 20),
    choice=st.sampled_from(rhythm.CHOICES),
    same=st.booleans(),
    last=st.one_of(st.none(), st.integers(0, 120)),
)
@settings(max_examples=150, deadline=None)
def test_moves_lose_nobody_and_cross_nowhere(
    days: list[int], shift: int, choice: str, same: bool, last: int | None
) -> None:
    """Every old date is somewhere afterwards, none twice, in the order they had; and moved one after another in the
    given order, none ever lands where another one still stands."""
    old = [SATURDAY + timedelta(days=day) for day in sorted(days)]
    start = old[0] + timedelta(days=shift)
    until = (start + timedelta(days=last)).date() if last is not None else None
    found = rhythm.moves(
        old,
        rule=rhythm.of_choice(choice, start, last_day=until),
        start=start,
        upto=start + rhythm.AHEAD,
        same_rhythm=same,
    )
    assert sorted([*found.stay, *found.fall_out]) == old
    there = [found.stay[one] for one in sorted(found.stay)]
    assert there == sorted(set(there))
    assert not set(found.new) & set(there)
    standing = set(found.stay)
    for one, new in found.in_order:
        assert new not in standing
        standing = (standing - {one}) | {new}
    assert standing == set(there)


def test_a_rule_is_text_and_back() -> None:
    rule = Rule("MONTHLY", 2, ((2, 5), (-1, 0)), None, datetime(2027, 6, 1, 23, 59, 59))
    assert rule.text == "FREQ=MONTHLY;INTERVAL=2;BYDAY=2SA,-1MO;UNTIL=20270601T235959"
    assert rhythm.kept(rule.text) == rule
