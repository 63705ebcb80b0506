"""Free days, checked against a plain walk over every day."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.items import rules
from app.items.rules import Taken, Terms

TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@st.composite
def claims(draw: st.DrawFn) -> list[Taken]:
    """Live claims of one object: they never overlap; some have no certain end."""
    edges = sorted(draw(st.sets(st.integers(-10, 60), max_size=12)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return [Taken(on(a), on(b), uncertain=a <= 0 and draw(st.booleans())) for a, b in pairs if a < b]


openings = st.sets(st.integers(0, 6), max_size=7).map(lambda week: lambda day: day.weekday() in week)
terms = st.builds(
    Terms,
    turnaround_days=st.integers(0, 1),
    buffer_days=st.integers(0, 4),
    overdue_gap_days=st.integers(0, 10),
    ahead_days=st.integers(7, 70),
    longest_days=st.integers(1, 30),
)


def taken_days(taken: list[Taken]) -> set[date]:
    days = set()
    for one in taken:
        end = one.end_day
        if one.uncertain and one.first_day <= TODAY and end <= TODAY:
            end = TODAY + DAY
        day = one.first_day
        while day < end:
            days.add(day)
            day += DAY
    return days


def may_reserve(first: date, due: date, taken: list[Taken], is_open: rules.IsOpen, terms: Terms) -> bool:
    """The rule said day by day."""
    earliest = TODAY
    if any(one.uncertain and one.first_day <= TODAY for one in taken):
        earliest = TODAY + timedelta(days=terms.overdue_gap_days)
    if not (earliest <= first <= due and first <= TODAY + timedelta(days=terms.ahead_days)):
        return False
    if len({first + i * DAY for i in range((due - first).days + 1)}) > terms.longest_days:
        return False
    if not (is_open(first) and is_open(due)):
        return False
    used = {first} | {
        first + i * DAY for i in range((due - first).days + terms.turnaround_days + terms.buffer_days)
    }
    return not used & taken_days(taken)


@given(claims(), openings, terms, st.integers(-3, 75), st.integers(-2, 35))
def test_reservable_is_the_rule_said_day_by_day(taken, is_open, terms, first, length):
    asked = on(first), on(first + length)
    assert rules.reservable(*asked, taken=taken, is_open=is_open, today=TODAY, terms=terms) == may_reserve(
        *asked, taken, is_open, terms
    )


@given(claims(), openings, terms, st.integers(-5, 40))
def test_next_free_is_the_first_day_that_can_be_reserved(taken, is_open, terms, not_before):
    brute = [
        on(i)
        for i in range(terms.ahead_days + 1)
        if on(i) >= on(not_before) and may_reserve(on(i), on(i), taken, is_open, terms)
    ]
    found = rules.next_free(taken, is_open=is_open, today=TODAY, terms=terms, not_before=on(not_before))
    assert found == (brute[0] if brute else None)


@given(claims(), openings, terms)
def test_what_is_suggested_can_be_reserved(taken, is_open, terms):
    period = rules.suggested(taken, is_open=is_open, today=TODAY, terms=terms)
    start = rules.next_free(taken, is_open=is_open, today=TODAY, terms=terms)
    assert (period is None) == (start is None)
    if period:
        assert period[0] == start
        assert may_reserve(*period, taken, is_open, terms)


@given(claims(), openings, terms, st.integers(-3, 60), st.integers(0, 20))
def test_closest_periods_can_be_reserved_and_do_not_meet(taken, is_open, terms, first, length):
    periods = rules.closest_periods(
        taken,
        first_day=on(first),
        due=on(first + length),
        is_open=is_open,
        today=TODAY,
        terms=terms,
    )
    assert len(periods) <= rules.CLOSEST_PERIODS
    for a, b in periods:
        assert may_reserve(a, b, taken, is_open, terms)
    in_order = sorted(periods)
    assert all(a[1] < b[0] for a, b in pairwise(in_order))
    if any(may_reserve(on(i), on(i), taken, is_open, terms) for i in range(terms.ahead_days + 1)):
        assert periods


@given(claims(), openings, terms, st.integers(-10, 60))
def test_a_day_of_the_calendar_is_free_when_it_can_be_reserved_for_itself(taken, is_open, terms, start):
    weeks = rules.month(on(start), rules.days_as(taken=taken, is_open=is_open, today=TODAY, terms=terms))
    assert [len(week) for week in weeks] == [7, 7, 7, 7]
    assert weeks[0][0].day.weekday() == 0
    assert weeks[0][0].day <= on(start) <= weeks[0][6].day
    for shown in (day for week in weeks for day in week):
        assert (
            (shown.state == "free") == may_reserve(shown.day, shown.day, taken, is_open, terms) == shown.alone
        )
        assert shown.today == (shown.day == TODAY)
        if shown.state == "closed":
            assert not is_open(shown.day)
        if shown.day in taken_days(taken) and TODAY <= shown.day <= on(terms.ahead_days):
            assert shown.state == "taken"


def test_the_calendar_marks_what_was_chosen():
    free = {"taken": [], "is_open": lambda _: True, "today": TODAY, "terms": Terms()}
    weeks = rules.month(TODAY, rules.days_as(**free, chosen=(on(1), on(3))))
    assert all(shown.alone == (shown.day >= TODAY) for week in weeks for shown in week)
    states = {shown.day: shown.state for week in weeks for shown in week}
    assert [states[on(i)] for i in range(5)] == ["free", "first", "in", "last", "free"]
    alone = rules.month(TODAY, rules.days_as(**free, chosen=(on(1), on(1))))
    assert alone[0][3].state == "only"


def test_a_claim_holds_turnaround_and_buffer_and_one_day_at_least():
    assert rules.claim_end(on(0), on(4)) == on(5)
    assert rules.claim_end(on(0), on(4), turnaround_days=0) == on(4)
    assert rules.claim_end(on(0), on(0), turnaround_days=0) == on(1)
    assert rules.claim_end(on(0), on(4), buffer_days=2) == on(7)


def test_while_it_is_overdue_it_is_not_free_today_even_before_the_claim_is_pushed():
    late = [Taken(on(-8), on(0), uncertain=True)]
    assert not rules.free_today(late, today=TODAY)
    assert rules.next_free(late, is_open=lambda _: True, today=TODAY, terms=Terms()) == on(7)
