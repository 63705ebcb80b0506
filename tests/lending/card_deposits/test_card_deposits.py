"""Deposits by card, with the provider's own library: held or kept, given back, and what is taken for damage."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.db import transaction
from app.core.errors import Blocked, Conflict, Forbidden, Invalid
from app.counter.offline import queries as offline
from app.lending import services as lending
from app.lending.card_deposits import services
from app.payments.cards import queries as cards
from app.payments.cards import services as card_services
from app.payments.cash import services as cash
from tests import factories
from tests.harness.provider import ASKS_OWNER, REFUSED_LATER, Provider
from tests.lending.card_deposits.scene import DEPOSIT, WHY, Scene
from tests.payments.acts import NOW

FREE: tuple[int, int, int] = (0, 0, 0)
pytestmark = pytest.mark.by_turns


def test_a_sum_is_held_and_let_go_after_a_return_in_order(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider).leave_card()
    assert scene.held_there() == ["requires_capture"]
    (kept,) = offline.things(scene.hub, now=clock.now())
    assert kept["secured"] == scene.anna.code, "without a network no cash is asked either"
    scene.check_out()
    scene.time_passes(days=1)
    scene.check_in(now=scene.later(days=1))
    scene.time_passes(days=1, minutes=5)
    assert not scene.over, "it may still be undone"
    scene.time_passes(days=1, minutes=11)
    assert scene.held_there() == ["canceled"]
    assert scene.over
    assert cards.cards_of(scene.anna.id) == []
    assert scene.money() == FREE
    assert scene.told(scene.anna) == ["given_back"]


def test_a_sum_is_held_only_the_day_before(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, starts_in=3).leave_card()
    assert scene.held_there() == []
    assert not scene.stands.secured
    scene.time_passes(days=2, hours=1)
    assert scene.held_there() == ["requires_capture"]
    assert scene.stands.secured


def test_for_longer_the_card_is_only_kept(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, days=14).leave_card()
    scene.check_out()
    scene.time_passes(days=10)
    assert provider.all("payment_intents") == []
    scene.check_in(now=scene.later(days=14))
    scene.time_passes(days=14, minutes=11)
    assert scene.over
    assert cards.cards_of(scene.anna.id) == []
    assert scene.money() == FREE


def test_a_hold_lapsing_during_a_loan(card_app: Flask, provider: Provider) -> None:
    """Let go a day before the bank would; the card stands in, both are told once, and damage is charged to it."""
    scene = Scene(provider).leave_card()
    scene.check_out()
    scene.time_passes(days=3, hours=11)
    assert scene.held_there() == ["requires_capture"]
    scene.time_passes(days=3, hours=13)
    scene.time_passes(days=3, hours=14)
    assert scene.held_there() == ["canceled"]
    assert scene.stands.secured
    assert scene.history().count("hold_let_go") == 1
    assert (scene.told(scene.anna), scene.told(scene.boss)) == (["hold_ended"], ["hold_ended_hub"])
    scene.broken(days_later=4)
    scene.accept()
    scene.time_passes()
    assert scene.money() == (1200, 0, 1200)


def test_a_hold_that_its_bank_let_go_unasked(card_app: Flask, provider: Provider) -> None:
    """The job was late: the card stands in all the same, and what is due is charged to it."""
    scene = Scene(provider).leave_card()
    scene.check_out()
    hold = scene.stands.hold
    assert hold is not None
    assert hold.reference is not None
    provider.let_go(hold.reference)
    scene.broken()
    scene.accept()
    scene.time_passes(times=8)
    assert scene.money() == (1200, 0, 1200)
    assert scene.over


@pytest.mark.parametrize("days", [3, 14])
def test_damage_is_taken_once_nobody_contests(card_app: Flask, provider: Provider, days: int) -> None:
    """Of a short loan out of what is held, of a longer one from the kept card; the rest is free."""
    scene = Scene(provider, days=days).leave_card()
    scene.check_out()
    scene.broken()
    scene.time_passes(hours=71)
    assert scene.money() == FREE
    scene.time_passes(hours=73)
    assert scene.money() == (1200, 0, 1200)
    assert scene.held_there() == ["succeeded"]
    assert scene.over
    assert cards.cards_of(scene.anna.id) == []
    assert scene.told(scene.anna) == ["claimed", "paid"]


def test_who_may_ask_when_and_how_much(card_app: Flask, provider: Provider) -> None:
    """Never more than the deposit, never without reasons, once."""
    scene = Scene(provider, days=14).leave_card()
    scene.check_out()
    with pytest.raises(Conflict, match="no_damage"):
        scene.claim()
    scene.check_in(condition="damaged")
    with pytest.raises(Forbidden):
        scene.claim(actor=scene.volunteer)
    for cents, why in ((DEPOSIT + 1, WHY), (0, WHY), (None, WHY), (1200, ""), (1200, "cassé")):
        with pytest.raises(Invalid):
            scene.claim(cents, why=why)
    scene.claim()
    with pytest.raises(Conflict, match="claimed"):
        scene.claim()
    with pytest.raises(Conflict, match="nothing_to_undo"), transaction():
        lending.undo(loan_id=scene.id, hub_id=scene.hub.id, actor_id=scene.volunteer.id, now=clock.now())


@pytest.mark.parametrize("choice", ["drop", "confirm"])
def test_contested_somebody_else_settles(card_app: Flask, provider: Provider, choice: str) -> None:
    scene = Scene(provider).leave_card()
    other = factories.coordinator(scene.hub)
    scene.check_out()
    scene.broken()
    scene.contest()
    scene.time_passes(hours=80)
    assert scene.money() == FREE
    assert "contested" in scene.told(other)
    assert "contested" not in scene.told(scene.boss)
    with pytest.raises(Forbidden):
        scene.settle(scene.boss, "confirm")
    with pytest.raises(Invalid):
        scene.settle(other, "confirm", cents=1201)
    scene.settle(other, choice, cents=500)
    scene.time_passes(hours=80)
    assert scene.over
    assert scene.money() == (FREE if choice == "drop" else (500, 0, 500))
    assert scene.held_there() == (["canceled"] if choice == "drop" else ["succeeded"])
    with pytest.raises(Conflict, match="settled"):
        scene.settle(other, "drop")


def test_alone_at_the_hub_a_steward_settles(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, days=14).leave_card()
    steward = factories.resident(is_steward=True)
    scene.check_out()
    scene.broken()
    scene.contest()
    assert scene.told(steward) == ["contested"]
    scene.settle(steward, "confirm")
    scene.time_passes()
    assert scene.money() == (1200, 0, 1200)


def test_nobody_settles_and_it_is_dropped(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, days=14).leave_card()
    scene.check_out()
    scene.broken()
    scene.contest()
    scene.time_passes(days=31)
    assert scene.over
    assert scene.money() == FREE


@pytest.mark.parametrize("gone", ["refused", "removed", "waits"])
def test_a_decline_leaves_it_owed(card_app: Flask, provider: Provider, gone: str) -> None:
    """Refused, taken away, or never answered: it is on her balance, paid at the counter, and the card is asked no more."""
    number = {"refused": REFUSED_LATER, "waits": ASKS_OWNER}.get(gone)
    scene = Scene(provider, days=14)
    scene.leave_card(**({"number": number} if number else {}))
    scene.check_out()
    if gone == "removed":
        with transaction():
            (card,) = cards.cards_of(scene.anna.id)
            card_services.remove_card(card_id=card.id, actor_id=scene.anna.id, now=clock.now())
        scene.time_passes()
        assert scene.told(scene.anna) == ["removed"]
        assert scene.told(scene.boss) == ["unsecured"]
    scene.broken()
    scene.accept()
    scene.time_passes()
    scene.time_passes(hours=73)
    scene.time_passes(hours=74)
    assert scene.money() == (0, 1200, 1200)
    assert scene.told(scene.anna)[-1] == "owed"
    assert scene.over
    with transaction():
        cash.take(
            key="desk:1", hub_id=scene.hub.id, resident_id=scene.anna.id, subject=f"loan:{scene.id}",
            cents=1200, means="cash", actor_id=scene.volunteer.id, now=NOW,
        )  # fmt: skip
    assert scene.money() == (0, 0, 1200)


def test_paid_at_the_counter_while_its_bank_waits(card_app: Flask, provider: Provider) -> None:
    """The card is not asked any more: nothing is paid twice."""
    scene = Scene(provider, days=14)
    scene.leave_card(ASKS_OWNER)
    scene.check_out()
    scene.broken()
    scene.accept()
    scene.time_passes()
    with transaction():
        cash.take(
            key="desk:1", hub_id=scene.hub.id, resident_id=scene.anna.id, subject=f"loan:{scene.id}",
            cents=1200, means="cash", actor_id=scene.volunteer.id, now=clock.now(),
        )  # fmt: skip
    scene.time_passes(minutes=2)
    assert scene.held_there() == ["canceled"]
    assert scene.money() == (0, 0, 1200)


def test_a_refused_hold_does_not_stand_in_and_another_card_does(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider)
    scene.leave_card(REFUSED_LATER)
    assert scene.told(scene.anna) == ["refused"]
    with pytest.raises(Blocked):
        scene.check_out()
    scene.leave_card()
    scene.check_out()
    assert scene.stands.loan.deposit_received_cents is None


def test_cash_at_the_counter_after_all(card_app: Flask, provider: Provider) -> None:
    """The card is free at once, and the deposit is what it always was."""
    scene = Scene(provider)
    scene.leave_card(REFUSED_LATER)
    scene.check_out(deposit_received_cents=DEPOSIT)
    scene.time_passes()
    assert scene.over
    with pytest.raises(Conflict, match="no_card"):
        scene.broken()
    with transaction():
        lending.return_deposit(loan_id=scene.id, actor_id=scene.boss.id, cents=500, now=clock.now())
    assert scene.money() == (0, 0, DEPOSIT - 500)


def test_called_off_while_the_card_is_on_its_way(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider)
    with transaction():
        attempt = services.leave(loan_id=scene.id, actor_id=scene.anna.id, now=clock.now())
    scene.time_passes()
    assert attempt.reference is not None
    with transaction():
        lending.cancel(loan_id=scene.id, actor_id=scene.anna.id, now=clock.now())
    scene.time_passes()
    provider.leave_card(attempt.reference)
    scene.time_passes(hours=1)
    assert scene.over
    assert cards.cards_of(scene.anna.id) == []
    assert provider.all("payment_intents") == []


def test_those_who_decide_give_it_back_at_once(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider).leave_card()
    scene.check_out()
    for _twice in range(2):
        with pytest.raises(Conflict, match="not_back"), transaction():
            services.let_go(loan_id=scene.id, actor_id=scene.boss.id, now=clock.now())
    scene.check_in(condition="damaged")
    with pytest.raises(Forbidden), transaction():
        services.let_go(loan_id=scene.id, actor_id=scene.volunteer.id, now=clock.now())
    for _twice in range(2):
        with transaction():
            services.let_go(loan_id=scene.id, actor_id=scene.boss.id, now=clock.now())
    scene.time_passes()
    assert scene.held_there() == ["canceled"]
    assert scene.money() == FREE


@pytest.mark.parametrize("path", ["/capture$", "/payment_intents$"])
def test_a_time_out_takes_nothing_twice(card_app: Flask, provider: Provider, path: str) -> None:
    scene = Scene(provider, days=3 if path == "/capture$" else 14).leave_card()
    scene.check_out()
    scene.broken()
    scene.accept()
    provider.fault("unanswered", path)
    scene.time_passes()
    scene.time_passes(minutes=5)
    assert scene.money() == (1200, 0, 1200)
    assert len(provider.all("payment_intents")) == 1


def test_without_a_key_nothing_changes(app: Flask) -> None:
    scene = Scene(None)
    with pytest.raises(Conflict, match="off"), transaction():
        services.leave(loan_id=scene.id, actor_id=scene.anna.id, now=clock.now())
    with pytest.raises(Blocked):
        scene.check_out()
    scene.check_out(deposit_received_cents=DEPOSIT)


def test_no_statement_more_where_there_is_no_deposit(app: Flask, query_count: Callable[[], Any]) -> None:
    scene = Scene(None)
    plain = factories.item("Échelle", hub=scene.hub)
    with query_count() as statements:
        scene.at_desk(lending.check_out, item_code=plain.code, member_code=scene.anna.code)
    assert not [one for one in statements if "card_deposit" in str(one)]
