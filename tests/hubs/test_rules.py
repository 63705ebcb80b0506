"""Open days, holidays, doors and terms."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.hubs.rules import (
    ClosedDays,
    LendingPolicy,
    OpenDays,
    Opening,
    changes_from_default,
    coming_closures,
    door,
    overlapping,
    public_holidays,
    slug_of,
)

TUESDAY, FRIDAY = 1, 4
DAYS = OpenDays(
    week=(
        Opening(TUESDAY, time(14), time(19)),
        Opening(FRIDAY, time(10), time(12, 30)),
        Opening(FRIDAY, time(14), time(19)),
    ),
    closures=(ClosedDays(date(2026, 12, 24), date(2027, 1, 2), "Congés"),),
    country="FR",
)
NOWHERE = OpenDays()


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Paris"))  # type: ignore[arg-type, misc]


def test_public_holidays_of_france_are_closed_and_named_in_french() -> None:
    days = public_holidays("FR", None, 2026)
    assert days[date(2026, 7, 14)] == "Fête nationale"
    assert date(2026, 5, 14) in days, "Ascension moves with Easter"
    assert len(days) == 11
    assert date(2026, 12, 26) not in days
    assert date(2026, 12, 26) in public_holidays("FR", "57", 2026), "Saint-Étienne, in Moselle"
    assert public_holidays("XX", None, 2026) == {}
    assert public_holidays("FR", "no such place", 2026) == {}


def test_a_day_is_open_by_the_week_unless_something_closes_it() -> None:
    assert DAYS.is_open(date(2026, 11, 24))
    assert not DAYS.is_open(date(2026, 11, 25))
    assert not DAYS.is_open(date(2026, 12, 25)), "a closure"
    assert not DAYS.is_open(date(2027, 1, 1)), "a holiday"
    assert DAYS.next_open(date(2026, 12, 23)) == date(2027, 1, 5)
    assert DAYS.last_open(date(2027, 1, 4), not_before=date(2026, 12, 1)) == date(2026, 12, 22)
    assert DAYS.last_open(date(2027, 1, 4), not_before=date(2026, 12, 23)) is None
    assert (
        OpenDays(week=DAYS.week, closures=(ClosedDays(date(2026, 1, 1), date(2030, 1, 1)),)).next_open(
            date(2026, 11, 24)
        )
        is None
    )


def test_without_known_hours_every_day_stands_and_ends_at_midnight() -> None:
    assert NOWHERE.is_open(date(2026, 12, 25))
    assert NOWHERE.closes_at(date(2026, 11, 24)) == paris(2026, 11, 25)
    assert DAYS.closes_at(date(2026, 11, 27)) == paris(2026, 11, 27, 19)
    assert DAYS.opens_at(date(2026, 11, 27)) == paris(2026, 11, 27, 10)


@pytest.mark.parametrize(
    ("now", "is_open", "until", "next_day", "next_opens"),
    [
        (paris(2026, 11, 24, 13, 59), False, None, date(2026, 11, 24), time(14)),
        (paris(2026, 11, 24, 14, 0), True, time(19), None, None),
        (paris(2026, 11, 24, 19, 0), False, None, date(2026, 11, 27), time(10)),
        (paris(2026, 11, 27, 13, 0), False, None, date(2026, 11, 27), time(14)),
        (paris(2026, 12, 25, 11, 0), False, None, date(2027, 1, 5), time(14)),
    ],
)
def test_how_the_door_stands(
    now: datetime, is_open: bool, until: time | None, next_day: date | None, next_opens: time | None
) -> None:
    stands = door(DAYS, now.astimezone(UTC))
    assert (stands.open, stands.until, stands.next_day, stands.next_opens) == (
        is_open,
        until,
        next_day,
        next_opens,
    )


def test_a_door_whose_hours_nobody_wrote_says_so() -> None:
    assert not door(NOWHERE, paris(2026, 11, 24, 3)).known
    never = OpenDays(week=DAYS.week, closures=(ClosedDays(date(2026, 1, 1), date(2030, 1, 1), "Travaux"),))
    stands = door(never, paris(2026, 11, 24, 15))
    assert (stands.open, stands.next_day, stands.why) == (False, None, "Travaux")


def test_the_evening_of_another_zone_is_another_day() -> None:
    reunion = OpenDays(timezone="Indian/Reunion", week=(Opening(TUESDAY, time(0), time(1)),))
    assert door(reunion, datetime(2026, 11, 23, 20, 30, tzinfo=UTC)).open
    assert reunion.today(datetime(2026, 11, 23, 20, 30, tzinfo=UTC)) == date(2026, 11, 24)


def test_coming_closures_are_those_of_a_year() -> None:
    found = coming_closures(DAYS, today=date(2026, 12, 30))
    assert found[0] == ClosedDays(date(2026, 12, 24), date(2027, 1, 2), "Congés")
    assert ClosedDays(date(2027, 12, 25), date(2027, 12, 25), "Noël") in found
    assert all(c.first_day <= date(2027, 12, 30) for c in found)
    assert coming_closures(DAYS, today=date(2026, 12, 30), language="en_US")[1].why == "New Year's Day"


@pytest.mark.parametrize(
    ("openings", "wrong"),
    [
        ([Opening(0, time(9), time(12)), Opening(0, time(12), time(14))], False),
        ([Opening(0, time(9), time(12)), Opening(1, time(10), time(11))], False),
        ([Opening(0, time(9), time(12)), Opening(0, time(11), time(14))], True),
        ([Opening(0, time(12), time(12))], True),
    ],
)
def test_openings_of_a_day_do_not_meet(openings: list[Opening], wrong: bool) -> None:
    assert overlapping(openings) is wrong


def test_a_policy_keeps_only_what_differs() -> None:
    changed = {"loan_days": 7, "max_loans": 5, "same_day_handover": True, "gone": 1}
    assert changes_from_default(changed) == {"loan_days": 7, "same_day_handover": True}
    assert LendingPolicy.with_changes({"loan_days": 7, "gone": 1}).loan_days == 7


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Maison des Tilleuls", "maison-des-tilleuls"),
        ("L’Arrière-Boutique d’Été", "l-arriere-boutique-d-ete"),
        ("104", "lieu-104"),
        ("寺", "lieu"),
        ("x" * 200, "x" * 60),
        ("../../etc", "etc"),
    ],
)
def test_a_name_becomes_a_piece_of_an_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug
