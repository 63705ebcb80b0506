"""What is true of sessions, on plain values: whose turn it is, what counts, when it ends by itself, which hour is meant."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.skills.sessions import policy, rules
from app.skills.sessions.rules import Span, Standing

GIVER, LEARNER = 1, 2
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def standing(status: str = "accepted", **values: object) -> Standing:
    if status == "accepted":
        values.setdefault("starts_at", NOW + DAY)
    return Standing(GIVER, LEARNER, status, 60, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "clock", "hour"),
    [
        (date(2026, 11, 25), time(14), 13),
        (date(2026, 7, 1), time(14), 12),
        (date(2027, 3, 28), time(2, 30), None),
        (date(2027, 3, 28), time(3), 1),
        (date(2026, 10, 25), time(2, 30), 0),
        (date(2026, 10, 25), time(3), 2),
    ],
)
def test_an_hour_is_an_hour_of_the_clock_on_the_wall(day: date, clock: time, hour: int | None) -> None:
    """In the night the clock changes, an hour may not be, and the one that is twice is the first."""
    moment = rules.moment_at(day, clock, "Europe/Paris")
    assert (moment.hour if moment else None) == hour


def test_who_was_asked_answers_and_nobody_else() -> None:
    asked = standing("asked", proposed_by_id=LEARNER, proposed_at=NOW, times=(NOW + DAY,))
    assert rules.waits_for(asked, NOW) == (GIVER,)
    assert policy.why_not_answer(asked, GIVER, NOW) == []
    assert policy.why_not_answer(asked, LEARNER, NOW) == ["sessions.other_answers"]
    moved = standing(proposed_by_id=GIVER)
    assert rules.waits_for(moved, NOW) == (LEARNER,)
    assert rules.waits_for(moved, NOW + 2 * DAY) == (GIVER, LEARNER)
    assert policy.why_not_answer(moved, LEARNER, NOW + 2 * DAY) == ["sessions.nothing_to_answer"]


def test_a_request_ends_with_its_last_time_or_after_a_week() -> None:
    soon = standing("asked", proposed_by_id=LEARNER, proposed_at=NOW, times=(NOW + DAY, NOW + 2 * DAY))
    late = standing("asked", proposed_by_id=LEARNER, proposed_at=NOW, times=(NOW + 90 * DAY,))
    assert rules.closes_at(soon) == NOW + 2 * DAY
    assert rules.closes_at(late) == NOW + 7 * DAY


def test_silence_counts_a_week_after_a_word_and_nothing_two_weeks_after_the_end() -> None:
    end = NOW + DAY + HOUR
    assert rules.closes_at(standing()) == end + 14 * DAY
    assert rules.closes_at(standing(giver_minutes=60, first_said_at=end + 3 * DAY)) == end + 10 * DAY
    early = standing(giver_minutes=60, first_said_at=NOW)
    assert rules.closes_at(early) == end + 7 * DAY, "never before it was to take place"
    assert rules.counts_by_silence(standing(giver_minutes=90)) == 60
    assert rules.counts_by_silence(standing(learner_minutes=45)) == 45
    assert rules.closes_at(standing("disputed", starts_at=NOW)) is None


@pytest.mark.parametrize(
    ("own", "other", "minutes", "outcome"),
    [
        (None, None, 60, "waits"),
        (None, 60, 60, "agreed"),
        (None, 60, 90, "differs"),
        (60, None, 60, "again"),
        (60, None, 90, "refused"),
        (60, 90, 90, "agreed"),
        (60, 90, 60, "again"),
        (60, 90, 75, "refused"),
    ],
)
def test_what_two_words_come_to(own: int | None, other: int | None, minutes: int, outcome: str) -> None:
    said = standing("disputed" if own and other else "accepted", giver_minutes=own, learner_minutes=other)
    assert rules.confirming(said, "giver", minutes) == outcome


def test_once_confirmed_only_the_same_may_be_said() -> None:
    done = standing("confirmed", starts_at=NOW, giver_minutes=60, learner_minutes=60, moved=60)
    assert rules.confirming(done, "learner", 60) == "again"
    assert rules.confirming(done, "learner", 90) == "refused"


def test_late_is_less_than_a_day_before() -> None:
    assert not rules.late(standing(), NOW)
    assert rules.late(standing(), NOW + timedelta(minutes=1))


def test_two_sessions_may_follow_each_other() -> None:
    taken = [Span(NOW, NOW + HOUR)]
    assert rules.overlaps(NOW + timedelta(minutes=59), 60, taken)
    assert not rules.overlaps(NOW + HOUR, 60, taken)
    assert not rules.overlaps(NOW - HOUR, 60, taken)


def test_of_missed_reminders_the_last_is_told() -> None:
    levels = rules.levels(standing(agreed_at=NOW - DAY))
    assert [level.name for level in levels] == ["tomorrow", "soon", "say", "say_still"]
    missed = rules.due_level(levels, NOW + DAY - HOUR)
    assert missed is not None
    assert missed.name == "soon"
    agreed_late = rules.levels(standing(agreed_at=NOW + timedelta(minutes=1)))
    assert [level.name for level in agreed_late] == ["soon", "say", "say_still"]


def test_what_has_begun_is_not_called_off_but_said() -> None:
    begun = NOW + DAY
    assert policy.why_not_cancel(standing(), NOW) == []
    assert policy.why_not_cancel(standing(), begun) == ["sessions.begun"]
    assert policy.why_not_dispute(standing(), NOW) == ["sessions.not_begun"]
    assert policy.why_not_dispute(standing(), begun) == []
    assert policy.why_not_settle(standing("disputed"), GIVER, roles=["coordinator"], is_steward=True) == [
        "sessions.own_dispute"
    ]
