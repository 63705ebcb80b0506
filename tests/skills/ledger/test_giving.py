"""Hours that are given: to a hub, to a neighbour in need, to a volunteer for her shift. And what is told of them."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications.models import Notification
from app.skills.ledger import giving
from app.skills.ledger.models import TimeTransfer, VolunteerShift
from app.skills.ledger.rules import Party
from tests import factories
from tests.skills.ledger.acts import NOW, account, pay, reserve, reverse, somebody, with_balance

TODAY = date(2026, 11, 25)


def give(
    who: Party, to: Party | None, minutes: int | None, *, note: str = "Pour toi", once: str = ""
) -> TimeTransfer:
    with transaction():
        return giving.give(
            to=to, minutes=minutes, note=note, once=once, actor_id=who.resident_id or 0, now=NOW
        )


def shift(hub: Any, who: Resident | None, actor: Resident, **values: Any) -> VolunteerShift:
    words = {"day": TODAY, "begins": time(14), "minutes": 120, **values}
    with transaction():
        return giving.record_shift(
            hub_id=hub.id, resident_id=who.id if who else None, actor_id=actor.id, now=NOW, **words
        )


def told(resident_id: int | None) -> list[str]:
    outbox.deliver(outbox.due(now=NOW + timedelta(minutes=1), limit=100), now=NOW)
    return list(
        db.session.scalars(
            select(Notification.kind).where(Notification.resident_id == resident_id).order_by(Notification.id)
        )
    )


def test_hours_that_one_has_are_given_once_and_told(app: Flask) -> None:
    anna, other = with_balance(90), somebody()
    given = give(anna, other, 60, once="a")
    assert give(anna, other, 60, once="a").id == given.id, "the button pressed twice"
    assert (account(anna).balance, account(other).balance, account(other).given) == (30, 60, 0)
    assert "time.gift" in told(other.resident_id)
    with pytest.raises(Conflict, match="more_than_you_have"):
        give(anna, other, 31)
    reserve(anna, other, 30)
    with pytest.raises(Conflict, match="more_than_you_have"):  # promised to somebody already
        give(anna, other, 1)


def test_a_hub_is_given_hours_and_its_coordinators_hear_of_it(app: Flask) -> None:
    hub = factories.hub()
    boss = factories.coordinator(hub)
    anna = with_balance(600)
    give(anna, Party(hub_id=hub.id), 600)
    assert account(Party(hub_id=hub.id)).balance == 600
    assert told(boss.id) == ["time.gift_hub"]


def test_odd_gifts_are_refused(app: Flask) -> None:
    anna, other = with_balance(600), somebody()
    for to, minutes in ((None, 60), (anna, 60), (other, None), (other, 0), (other, -5), (other, 10_000)):
        with pytest.raises(Invalid):
            give(anna, to, minutes)
    with pytest.raises(Invalid):
        give(anna, other, 60, note="x" * 301)
    with pytest.raises(NotFound):
        give(anna, Party(resident_id=99_999), 60)
    with pytest.raises(NotFound):
        give(anna, Party(hub_id=factories.hub(status="draft").id), 60)
    with pytest.raises(Conflict, match="giver_full"):
        give(anna, with_balance(2400), 60)


def test_a_shift_is_given_its_hours_once(app: Flask) -> None:
    hub = factories.hub()
    boss, vera = factories.coordinator(hub), factories.volunteer(hub)
    first = shift(hub, vera, boss)
    assert (first.paid, account(Party(vera.id)).balance, account(Party(hub_id=hub.id)).balance) == (
        120,
        120,
        -120,
    )
    assert account(Party(vera.id)).given == 120, "an hour given"
    assert told(vera.id) == ["time.shift"]
    for begins in (time(14), time(15, 59), time(13)):
        with pytest.raises(Conflict, match="shift_known"):
            shift(hub, vera, boss, begins=begins)
    shift(hub, vera, boss, begins=time(16))
    transfer = db.session.get_one(TimeTransfer, first.transfer_id)
    reverse(transfer, boss)
    assert told(vera.id)[-1] == "time.taken_back"
    again = shift(hub, vera, boss, minutes=60)
    assert again.paid == 60, "what was noted wrong is noted anew"


def test_odd_shifts_are_refused(app: Flask) -> None:
    hub, far = factories.hub(), factories.hub()
    boss, vera = factories.coordinator(hub), factories.volunteer(hub)
    with pytest.raises(Forbidden):
        shift(hub, vera, factories.coordinator(far))
    with pytest.raises(Forbidden):
        shift(hub, vera, vera)
    with pytest.raises(Forbidden, match="not_ones_own_shift"):
        shift(hub, boss, boss)
    odd: tuple[dict[str, Any], ...] = (
        {"day": TODAY + timedelta(days=1)}, {"day": TODAY - timedelta(days=61)}, {"day": None}, {"begins": None},
        {"minutes": 14}, {"minutes": 721}, {"minutes": None}, {"minutes": -60},
    )  # fmt: skip
    for words in odd:
        with pytest.raises(Invalid):
            shift(hub, vera, boss, **words)
    for nobody in (None, factories.verified_member(hub), factories.volunteer(far)):
        with pytest.raises(Invalid):
            shift(hub, nobody, boss)


def test_what_an_account_cannot_hold_is_said_and_not_paid(app: Flask) -> None:
    hub = factories.hub()
    vera = factories.volunteer(hub)
    pay(Party(hub_id=hub.id), Party(vera.id), 2370, "workshop:1", "workshop")
    noted = shift(hub, vera, factories.coordinator(hub))
    assert (noted.minutes, noted.paid) == (120, 30)
    full = shift(hub, vera, factories.coordinator(hub), begins=time(8))
    assert (full.paid, full.transfer_id) == (0, None)


def test_a_limit_that_comes_near_is_told_once(app: Flask) -> None:
    learner, giver = somebody(), somebody()
    reserve(learner, giver, 60)
    assert told(learner.resident_id) == [], "two hours are left"
    reserve(learner, giver, 30, "session:2")
    assert told(learner.resident_id) == ["time.near_paying"]
    reserve(learner, giver, 30, "session:3")
    assert told(learner.resident_id) == ["time.near_paying"]
    pay(Party(hub_id=factories.hub().id), giver, 2200, "workshop:1", "workshop")
    assert told(giver.resident_id) == ["time.near_receiving"]


def test_both_hear_of_a_mistake_put_right(app: Flask) -> None:
    hub = factories.hub()
    anna, basil = factories.verified_member(hub), factories.resident()
    paid = pay(Party(anna.id), Party(basil.id), 60, "session:1", "session")
    reverse(paid.transfer, factories.coordinator(hub), note="Séance notée deux fois")
    assert (told(anna.id)[-1], told(basil.id)[-1]) == ("time.given_back", "time.taken_back")
    said = db.session.scalars(select(Notification).where(Notification.kind == "time.taken_back")).one()
    assert said.params["why"] == "Séance notée deux fois"
    assert isinstance(NOW, datetime)
