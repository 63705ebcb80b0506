"""Attempts with a card, against a provider that loses answers, forgets keys, and lets go of what it held."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.accounts.models import Resident
from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict
from app.payments.cards import carrying, queries, services
from tests import factories
from tests.harness.provider import ASKS_OWNER, REFUSED_LATER, Provider
from tests.payments.cards import acts

pytestmark = pytest.mark.by_turns


@pytest.fixture
def anna(card_app: Flask) -> Iterator[Resident]:
    return factories.resident("Anna")


def test_held_then_taken_in_part_then_given_back(provider: Provider, anna: Resident) -> None:
    card = acts.card(provider, anna)
    assert (card.last4, card.brand) == ("4242", "visa")
    hold = acts.asked("authorize", anna, 1200)
    assert hold.status == "succeeded"
    assert hold.lapses_at > acts.later(days=4)
    assert acts.posted() == []
    assert acts.asked("capture", anna, 900, of=hold.id).status == "succeeded"
    assert (acts.held_in("stripe"), acts.held_in("member")) == (900, -900)
    taken = queries.taken_of(acts.SUBJECT)
    assert taken is not None
    acts.asked("refund", anna, 250, of=taken.id)
    assert (acts.held_in("stripe"), acts.held_in("member")) == (650, -650)
    assert provider.taken() == {hold.key: 650}
    assert [event["outcome"] for event in acts.told("AttemptEnded")] == ["succeeded"] * 4
    assert [(event["cents"], event["means"]) for event in acts.told("RefundMade")] == [(250, "card")]


def test_a_double_click_asks_once(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    first, again = acts.asked("authorize", anna, 700), acts.asked("authorize", anna, 700)
    assert first.id == again.id
    with pytest.raises(Conflict, match="already_asked"):
        acts.plan("authorize", anna, 800)
    assert len(provider.all("payment_intents")) == 1


@pytest.mark.parametrize("fate", ["unanswered", "lost", "500", "409"])
def test_no_answer_is_no_failure(provider: Provider, anna: Resident, fate: str) -> None:
    """A time-out with its effect or without it, their fault, a key in flight: asked again by the same key, done once."""
    acts.card(provider, anna)
    provider.fault(fate, "/payment_intents$")
    hold = acts.asked("authorize", anna, 700)
    assert (hold.status, hold.ended_at) == ("unknown", None)
    acts.run_jobs(minutes=1)
    assert acts.fresh(hold).status == "succeeded"
    provider.fault(fate, "/capture$")
    acts.asked("capture", anna, 700, of=hold.id)
    acts.run_jobs(minutes=1)
    assert provider.taken() == {hold.key: 700}
    assert acts.posted() == ["capture"]


@pytest.mark.parametrize("fate", ["unanswered", "lost"])
def test_after_a_day_one_looks_before_one_asks_again(provider: Provider, anna: Resident, fate: str) -> None:
    """The provider has forgotten the key by then: asked blindly, it would do it twice."""
    acts.card(provider, anna)
    provider.fault(fate, "/payment_intents$")
    hold = acts.asked("authorize", anna, 700)
    provider.forget_keys()
    acts.run_jobs(hours=25)
    assert acts.fresh(hold).status == "succeeded"
    taken = acts.asked("capture", anna, 700, of=hold.id)
    provider.fault(fate, "/refunds$")
    back = acts.asked("refund", anna, 700, of=taken.id)
    provider.forget_keys()
    acts.run_jobs(hours=25)
    assert acts.fresh(back).status == "succeeded"
    assert len(provider.all("payment_intents")) == len(provider.all("refunds")) == 1
    assert provider.taken() == {hold.key: 0}


def test_a_declined_card_is_asked_under_a_new_key_and_its_old_decline_changes_nothing(
    provider: Provider, anna: Resident
) -> None:
    acts.card(provider, anna, REFUSED_LATER)
    refused = acts.asked("authorize", anna, 700)
    assert (refused.status, refused.code) == ("declined", "card_declined")
    assert [event["why"] for event in acts.told("CardNeedsAttention")] == ["declined"]
    acts.card(provider, anna)
    again = acts.asked("authorize", anna, 700)
    assert (again.seq, again.status, again.key != refused.key) == (2, "succeeded", True)
    carrying.look_again(refused.id, now=clock.now())
    assert acts.fresh(refused).status == "declined"
    assert acts.fresh(again).status == "succeeded"


def test_the_bank_asks_its_owner_who_answers_late_or_says_no(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna, ASKS_OWNER)
    hold = acts.asked("authorize", anna, 700)
    assert hold.status == "requires_action"
    assert [event["why"] for event in acts.told("CardNeedsAttention")] == ["action"]
    assert hold.reference is not None
    provider.answer_bank(hold.reference)
    acts.run_jobs(hours=4)
    assert acts.fresh(hold).status == "succeeded"
    bob = factories.resident("Bob")
    acts.card(provider, bob, ASKS_OWNER, subject="pledge:2")
    other = acts.asked("authorize", bob, 700, subject="pledge:2")
    assert other.reference is not None
    provider.answer_bank(other.reference, yes=False)
    acts.run_jobs(hours=4)
    assert acts.fresh(other).status == "declined"


def test_nobody_ever_answers_the_bank_and_it_is_called_off(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna, ASKS_OWNER)
    hold = acts.asked("authorize", anna, 700)
    with transaction():
        services.give_back(subject=acts.SUBJECT, now=clock.now())
    acts.run_jobs()
    assert (acts.fresh(hold).status, acts.fresh(hold).code) == ("declined", "released")
    assert [intent["status"] for intent in provider.all("payment_intents")] == ["canceled"]


def test_a_hold_that_has_lapsed_is_not_captured(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    assert hold.reference is not None
    provider.let_go(hold.reference)
    capture = acts.asked("capture", anna, 700, of=hold.id)
    assert (capture.status, capture.code) == ("declined", "lapsed")
    assert acts.fresh(hold).over_at is not None
    assert queries.hold_of(acts.SUBJECT) is None
    assert acts.posted() == []
    with pytest.raises(Conflict, match="nothing_held"):
        acts.plan("capture", anna, 700, of=hold.id)


def test_refunds_at_once_and_above(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    taken = acts.asked("charge", anna, 1000)
    acts.plan("refund", anna, 600, of=taken.id)
    acts.plan("refund", anna, 400, of=taken.id)
    with pytest.raises(Conflict, match="refund_too_much"):
        acts.plan("refund", anna, 1, of=taken.id)
    acts.run_jobs()
    assert (acts.held_in("stripe"), provider.taken()) == (0, {taken.key: 0})


def test_what_is_called_off_while_it_is_in_flight_goes_back(provider: Provider, anna: Resident) -> None:
    """Cancelling while charging: the answer comes after nobody wants it any more."""
    acts.card(provider, anna)
    provider.fault("unanswered", "/payment_intents$")
    hold = acts.asked("authorize", anna, 700)
    bob = factories.resident("Bob")
    acts.card(provider, bob, subject="loan:1")
    provider.fault("unanswered", "/payment_intents$")
    charge = acts.asked("charge", bob, 900, subject="loan:1")
    for subject in (acts.SUBJECT, "loan:1"):
        with transaction():
            services.give_back(subject=subject, now=clock.now())
    acts.run_jobs(minutes=1)
    acts.run_jobs(minutes=2)
    assert provider.taken() == {charge.key: 0}
    assert acts.posted() == ["charge", "refund"]
    assert [
        one["status"] for one in provider.all("payment_intents") if one["id"] == acts.fresh(hold).reference
    ] == ["canceled"]


def test_a_capture_in_flight_goes_back_too(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    provider.fault("unanswered", "/capture$")
    acts.asked("capture", anna, 700, of=hold.id)
    with transaction():
        assert services.give_back(subject=acts.SUBJECT, now=clock.now()) == []
    acts.run_jobs(minutes=1)
    acts.run_jobs(minutes=2)
    assert (provider.taken(), acts.held_in("stripe")) == ({hold.key: 0}, 0)


def test_what_nobody_has_asked_yet_is_not_asked_when_it_is_called_off(
    provider: Provider, anna: Resident
) -> None:
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    acts.plan("capture", anna, 700, of=hold.id)
    with transaction():
        services.give_back(subject=acts.SUBJECT, now=clock.now())
    acts.run_jobs()
    assert [intent["status"] for intent in provider.all("payment_intents")] == ["canceled"]
    assert acts.posted() == []


def test_a_card_that_was_removed_is_not_asked(provider: Provider, anna: Resident) -> None:
    card = acts.card(provider, anna)
    with transaction():
        services.remove_card(card_id=card.id, actor_id=anna.id, now=clock.now())
    acts.run_jobs()
    hold = acts.plan("authorize", anna, 700)
    assert (hold.status, hold.code) == ("declined", "no_card")
    assert [event["why"] for event in acts.told("CardNeedsAttention")] == ["removed", "declined"]
    assert provider.all("payment_intents") == []
    assert provider.ask("GET", f"/v1/payment_methods/{card.reference}")["customer"] is None


def test_another_card_takes_the_place_of_the_first(provider: Provider, anna: Resident) -> None:
    first = acts.card(provider, anna)
    second = acts.card(provider, anna)
    assert queries.card_of(acts.SUBJECT).id == second.id != first.id  # type: ignore[union-attr]
    assert second.customer == first.customer
    assert len(queries.cards_of(anna.id)) == 1


def test_too_small_for_a_card(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    assert acts.plan("authorize", anna, 49).code == "too_small"
    assert acts.asked("authorize", anna, 50).status == "succeeded"


def test_yen_have_no_cents(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 500, currency="JPY")
    acts.asked("capture", anna, 500, of=hold.id)
    (intent,) = provider.all("payment_intents")
    assert (intent["amount"], intent["currency"], provider.taken()) == (500, "jpy", {hold.key: 500})


def test_the_key_is_absent(app: Flask) -> None:
    anna = factories.resident("Anna")
    assert not queries.enabled()
    save = acts.asked("save", anna)
    assert (save.status, save.code) == ("declined", "at_the_counter")


def test_the_key_is_removed_and_comes_back(provider: Provider, anna: Resident, app_with: object) -> None:
    """What was begun with it waits; what was not yet asked is paid by hand."""
    acts.card(provider, anna)
    hold = acts.asked("authorize", anna, 700)
    provider.fault("unanswered", "/capture$")
    capture = acts.asked("capture", anna, 700, of=hold.id)
    bob = factories.resident("Bob")
    acts.card(provider, bob, subject="pledge:2")
    with app_with().app_context():  # type: ignore[operator]
        acts.run_jobs(minutes=1)
        assert acts.fresh(capture).status == "unknown"
        later = acts.asked("authorize", bob, 700, subject="pledge:2")
        assert (later.status, later.code) == ("declined", "at_the_counter")
    acts.run_jobs(hours=2)
    assert acts.fresh(capture).status == "succeeded"
    assert provider.taken() == {hold.key: 700}


def test_two_at_one_attempt_ask_once(provider: Provider, anna: Resident) -> None:
    """Who died with it in hand left a lease: others wait until it is over, then say the same words."""
    acts.card(provider, anna)
    hold = acts.plan("authorize", anna, 700)
    now = clock.now()
    assert carrying._take_in_hand(hold.id, now=now) is not None
    assert carrying.carry_out(hold.id, now=now) is None
    acts.run_jobs(minutes=2)
    assert acts.fresh(hold).status == "succeeded"


def test_the_provider_says_no_more_than_it_must(provider: Provider, anna: Resident) -> None:
    acts.card(provider, anna)
    (customer,) = provider.all("customers")
    assert (customer["email"], customer["name"], customer["metadata"]) == (
        None,
        None,
        {"resident": str(anna.id)},
    )
