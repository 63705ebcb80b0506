"""Other days for a reservation, and days that a closing takes away, on both databases."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Forbidden, NotFound
from app.lending import services
from app.lending.models import Loan
from app.lending.services import closing
from app.notifications.models import Notification
from tests import factories
from tests.harness.clock import Clock
from tests.lending.test_services import (
    House,
    act,
    at,
    blocked,
    day,
    deliver,
    faulty,
    fresh,
    live,
    refused,
    told,
)


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    return House()


def change(house: House, loan: Loan, first: int, last: int, **words: Any) -> Loan:
    return act(
        services.change_days,
        **{
            "loan_id": loan.id,
            "actor_id": house.anna.id,
            "first_day": day(first),
            "due": day(last),
            "now": at(11),
            **words,
        },
    )


# -- other days -------------------------------------------------------------------------------------------


def test_days_change_in_one_act(house: House) -> None:
    loan = house.reserve(1, 5)
    changed = change(house, loan, 3, 9)
    assert (changed.id, changed.status, changed.first_day, changed.due) == (
        loan.id,
        "reserved",
        day(3),
        day(9),
    )
    assert live(house.drill) == [("loan", day(3), day(10))]
    assert [line.kind for line in fresh(loan).history] == ["reserved", "days_changed"]
    assert fresh(loan).history[-1].why == f"{day(1)}/{day(5)}"
    assert len(change(house, loan, 3, 9).history) == 2  # said twice, it holds once
    assert house.reserve(1, 1, who=house.karim).status == "reserved"  # the days given up are free


def test_days_of_others_are_refused_with_free_ones_that_can_be_had(house: House) -> None:
    loan = house.reserve(1, 2)
    house.reserve(4, 6, who=house.karim)
    free = refused("already_reserved", change, house, loan, 1, 4).params["alternatives"]
    assert live(house.drill)[0] == ("loan", day(1), day(3))  # nothing was given up
    had = change(house, loan, 0, 0, first_day=free[0]["from"], due=free[0]["to"])
    assert (had.first_day, had.due) == (free[0]["from"], free[0]["to"])


def test_days_change_as_they_are_reserved(house: House) -> None:
    loan = house.reserve(1, 5)
    factories.closure(house.hub, day(3))
    faulty("to", "lending.reversed", change, house, loan, 5, 4)
    faulty("from", "lending.in_the_past", change, house, loan, -1, 5)
    faulty("from", "lending.closed_day", change, house, loan, 3, 5)
    faulty("to", "lending.too_long", change, house, loan, 1, 40)
    late = factories.item(hub=house.hub)
    factories.loan(late, house.anna, status="checked_out", first_day=day(-9), due=day(-1))
    assert blocked(change, house, loan, 1, 6) == ["overdue_elsewhere"]
    assert change(house, loan, 2, 5).due == day(5)  # fewer days are never refused


def test_who_may_change_days_and_when(house: House) -> None:
    loan = house.reserve(0, 5)
    with pytest.raises(NotFound):
        change(house, loan, 1, 5, actor_id=house.karim.id)
    change(house, loan, 0, 4, actor_id=house.ines.id)
    deliver(at(11))
    assert told("lending.days_changed") == [house.anna.id]
    house.out()
    refused("renew_instead", change, house, loan, 0, 3)
    house.back()
    refused("already_ended", change, house, loan, 0, 3)


def test_an_owner_who_agreed_to_other_days_is_asked_again(house: House) -> None:
    ladder = factories.item("Échelle", owner=factories.resident("Léa N."))
    loan = house.reserve(2, 6, item=ladder)
    act(services.approve, loan_id=loan.id, actor_id=ladder.owner_resident_id, now=at(11))
    with pytest.raises(Forbidden):
        change(house, loan, 2, 7, actor_id=ladder.owner_resident_id)
    assert change(house, loan, 3, 5).status == "reserved"  # within what she agreed to
    asked = change(house, loan, 3, 8, now=at(12))
    assert (asked.status, asked.answer_by) == ("requested", at(12, days=2))
    deliver(at(12))
    assert told("lending.asked_anew") == [ladder.owner_resident_id]
    act(services.approve, loan_id=loan.id, actor_id=ladder.owner_resident_id, now=at(13))
    deliver(at(13))
    assert told("lending.approved") == [house.anna.id]
    assert fresh(loan).due == day(8)


def test_what_is_still_kept_can_be_moved(house: House) -> None:
    loan = house.reserve(0, 5)
    factories.changed(loan, pick_up_until=day(1))
    moved = change(house, loan, 0, 6, now=at(9, days=1))
    assert (moved.first_day, moved.due, moved.pick_up_until) == (day(1), day(6), None)


# -- closings ---------------------------------------------------------------------------------------------


def announced(house: House, first: int, last: int) -> int:
    factories.closure(house.hub, day(first), day(last))
    return int(act(closing.leave_closed_days, hub_id=house.hub.id, now=at(20)))


def days_of(loan: Loan) -> tuple[int, int]:
    now = fresh(loan)
    return (now.first_day - day(0)).days, (now.due - day(0)).days


def test_reservations_leave_days_that_close(house: House) -> None:
    inside, across, long = (factories.item(hub=house.hub) for _ in range(3))
    whole = house.reserve(5, 7, item=inside)
    begins = house.reserve(6, 11, item=long)
    short = house.reserve(6, 10, item=across)
    assert announced(house, 5, 8) == 3
    assert days_of(whole) == (9, 11)  # whole, as long as it was
    assert days_of(begins) == (9, 11)  # three days are left: the due day stays
    assert days_of(short) == (9, 13)  # two would be too few: as long as it was
    assert live(inside) == [("loan", day(9), day(12))]
    assert announced(house, 5, 8) == 0


def test_each_person_is_told_once(house: House) -> None:
    tent = factories.item("Tente", hub=house.hub)
    house.reserve(5, 7)
    house.reserve(6, 12, item=tent)
    only_due = house.reserve(1, 5, who=house.karim, item=factories.item(hub=house.hub))
    announced(house, 5, 6)
    deliver(at(20))
    assert (told("lending.days_moved"), told("lending.due_moved")) == ([house.anna.id], [house.karim.id])
    row = db.session.scalars(select(Notification).where(Notification.kind == "lending.days_moved")).one()
    assert {line["title"] for line in row.params["moved"]} == {"Tente", house.drill.title}
    assert days_of(only_due) == (1, 7)


def test_two_of_one_object_move_in_their_order(house: House) -> None:
    first, second = house.reserve(5, 5), house.reserve(7, 8, who=house.karim)
    assert announced(house, 5, 7) == 1
    assert days_of(second) == (8, 9)
    assert days_of(first) == (5, 5)
    assert [one.id for one in closing.stuck(house.hub, [fresh(first), fresh(second)], now=at(20))] == [
        first.id
    ]


def test_what_would_move_is_shown_before(house: House, query_count: Any) -> None:
    loan, other = house.reserve(5, 7), factories.item(hub=house.hub)
    stays = house.reserve(1, 2, item=other)
    words = {"hub_id": house.hub.id, "first_day": day(5), "last_day": day(6), "now": at(12)}
    with pytest.raises(Forbidden):
        closing.preview(**words, actor_id=house.ines.id)
    found = closing.preview(**words, actor_id=house.paul.id)
    assert [(move.loan.id, move.to and (move.to.first_day, move.to.due)) for move in found] == [
        (loan.id, (day(7), day(9)))
    ]
    assert (days_of(loan), days_of(stays)) == ((5, 7), (1, 2))  # nothing was written
    db.session.rollback()


def test_what_is_kept_waits_for_the_door(house: House) -> None:
    loan = house.reserve(0, 6)
    factories.changed(loan, pick_up_until=day(1))
    announced(house, 1, 2)
    assert fresh(loan).pick_up_until == day(3)
