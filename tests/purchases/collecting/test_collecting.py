"""After the closing: cards are asked, nothing is taken before it is enough, and the organizer decides what cards do not."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden
from app.payments.cards import carrying
from app.payments.cards import queries as cards
from app.payments.cards import services as card_services
from app.purchases.collecting import services
from app.purchases.pledging.services import attempt_waiting
from tests import factories
from tests.harness.provider import ASKS_OWNER, GOOD, REFUSED_LATER, Provider
from tests.purchases.collecting.scene import CHEAPER, Scene
from tests.purchases.pledging import acts

pytestmark = pytest.mark.by_turns


def decide(scene: Scene, choice: str, **more: object) -> None:
    with transaction():
        services.decide(
            campaign_id=scene.campaign.id,
            choice=choice,
            actor_id=scene.organizer.id,
            now=clock.now(),
            **more,  # type: ignore[arg-type]
        )


def test_all_are_held_then_each_pays_her_sum(card_app: Flask, provider: Provider) -> None:
    """Held is what each was told that she pays at most; taken, since the price fell, is less."""
    scene = Scene(provider, [GOOD] * 4)
    by_hand = scene.joins(None)
    scene.close()
    assert scene.status == "collecting"
    assert acts.dues() == 0
    scene.time_passes()
    assert scene.status == "succeeded"
    assert scene.totals() == [2 * CHEAPER + 120] * 4
    assert [intent["amount"] for intent in provider.all("payment_intents")] == [
        scene.pledge_of(who).ceiling_cents for who in scene.people
    ]
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())
    assert set(scene.owed().values()) == {0}
    assert acts.events("CampaignSucceeded") == 1
    assert acts.told(by_hand, "pledging.succeeded")
    assert cards.cards_of(scene.people[0].id) == []


@pytest.mark.parametrize("path", ["/payment_intents$", "/capture$"])
def test_one_times_out_after_it_worked(card_app: Flask, provider: Provider, path: str) -> None:
    scene = Scene(provider, [GOOD, GOOD])
    scene.close()
    provider.fault("unanswered", path)
    scene.time_passes()
    scene.time_passes(minutes=5)
    assert scene.status == "succeeded"
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())
    assert len(provider.all("payment_intents")) == 2


def test_many_declines_below_the_minimum(card_app: Flask, provider: Provider) -> None:
    """It is held, the organizer is asked once, nothing is taken; without an answer all are free after three days."""
    scene = Scene(provider, [GOOD, REFUSED_LATER, REFUSED_LATER], minimum=5000)
    scene.close()
    scene.time_passes(times=10)
    assert (scene.status, scene.in_ledger(), acts.dues()) == ("collecting", 0, 0)
    assert scene.held_there() == ["requires_capture", "requires_payment_method", "requires_payment_method"]
    assert len(acts.told(scene.organizer, "collecting.refused")) == 1
    assert len(acts.told(scene.people[1], "collecting.declined")) == 1
    scene.time_passes(hours=73)
    assert scene.status == "failed"
    assert "requires_capture" not in scene.held_there()
    assert (scene.at_provider(), acts.dues(), acts.events("CampaignFailed")) == (0, 0, 1)
    assert acts.told(scene.people[0], "pledging.failed")


@pytest.mark.parametrize("choice", ["cover", "offer", "remove"])
def test_the_organizer_goes_on_without_a_declined_card(
    card_app: Flask, provider: Provider, choice: str
) -> None:
    scene = Scene(provider, [GOOD, GOOD, REFUSED_LATER, GOOD, GOOD])
    scene.close()
    before = scene.totals()
    scene.time_passes()
    assert (scene.status, scene.at_provider()) == ("collecting", 0)
    decide(scene, choice)
    scene.time_passes()
    after = scene.totals()
    units = [
        sum(n for (who, _), n in acts.given(scene.campaign).items() if who == p.id) for p in scene.people
    ]
    packs, price = (getattr(acts.fresh(scene.box), name) for name in ("packs", "final_price_cents"))
    assert scene.status == "succeeded"
    assert (units[2], after[2], scene.pledge_of(scene.people[2]).status) == (0, 0, "removed")
    if choice == "cover":
        assert (units, packs, price) == ([2, 2, 0, 2, 2], 5, 900)
        assert after == [before[0], before[1], 0, before[3], before[4]]
    elif choice == "offer":
        assert (units, packs, price) == ([4, 2, 0, 2, 2], 5, 900)
    else:
        assert (units, packs, price) == ([2, 2, 0, 2, 2], 4, 1000)
        assert sum(after) == 8 * 1000 + 600
    assert scene.at_provider() == scene.in_ledger() == sum(after)
    assert set(scene.owed().values()) == {0}
    assert all(
        scene.pledge_of(who).ceiling_cents >= paid for who, paid in zip(scene.people, after, strict=True)
    )
    assert acts.told(scene.people[2], "collecting.left_out")


def test_nobody_orders_by_itself_and_nobody_else_decides(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, REFUSED_LATER], minimum=4000)
    scene.close()
    with pytest.raises(Conflict, match="still_asking"):
        decide(scene, "cover")
    scene.time_passes()
    stranger = factories.resident()
    with pytest.raises(Forbidden), transaction():
        services.decide(campaign_id=scene.campaign.id, choice="cover", actor_id=stranger.id, now=clock.now())
    decide(scene, "cover")
    with pytest.raises(Conflict, match="decided"):
        decide(scene, "cover")
    scene.time_passes()
    assert scene.at_provider() == scene.totals()[0]


def test_a_program_reads_how_cards_stand_and_chooses(card_app: Flask, provider: Provider) -> None:
    """What it reads is what the page shows; it chooses once, and a refused choice says why."""
    scene = Scene(provider, [GOOD, GOOD, GOOD, REFUSED_LATER])
    path = f"/api/v1/campaigns/{scene.campaign.id}/cards"
    program = card_app.test_client()
    hers, anothers = factories.bearer(scene.organizer), factories.bearer(scene.people[0])
    early = program.post(path, json={"choice": "cover"}, headers=hers)
    assert (early.status_code, early.get_json()["code"]) == (409, "decided")
    scene.close()
    scene.time_passes()
    assert program.get(path, headers=anothers).status_code == 403
    stands = program.get(path, headers=hers)
    assert stands.headers["Cache-Control"] == "private, no-store"
    shown = stands.get_json()
    assert (shown["status"], shown["decide_by"] is not None) == ("collecting", True)
    assert sorted(card["card"] for card in shown["cards"]) == ["refused", "secured", "secured", "secured"]
    assert [way["choice"] for way in shown["choices"]] == ["cover", "offer", "remove"]
    assert shown["choices"][0]["hub_cents"] == scene.totals()[3]
    nonsense = program.post(path, json={"choice": "shrug"}, headers=hers)
    assert nonsense.status_code == 422
    silent = program.post(path, json={"choice": "cancel"}, headers=hers)
    assert (silent.status_code, "why" in silent.get_json()["errors"]) == (422, True)
    assert program.post(path, json={"choice": "cover"}, headers=anothers).status_code == 403
    chosen = program.post(path, json={"choice": "cover"}, headers=hers)
    assert (chosen.status_code, chosen.get_json()["status"], chosen.get_json()["choices"]) == (
        200,
        "succeeded",
        [],
    )
    again = program.post(path, json={"choice": "remove"}, headers=hers)
    assert (again.status_code, again.get_json()["code"]) == (409, "decided")


def test_a_word_that_is_too_long_is_kept_on_the_page(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, REFUSED_LATER])
    scene.close()
    scene.time_passes()
    office = factories.log_in(card_app.test_client(), scene.organizer)
    why = "Le camion est en panne. " * 30
    answer = office.post(f"/purchases/{scene.campaign.id}/cards", data={"choice": "cancel", "why": why})
    assert answer.status_code == 422
    assert f'value="{why}"' in answer.text
    assert 'role="alert"' in answer.text
    assert scene.status == "collecting"


def test_nobody_is_left(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [REFUSED_LATER, REFUSED_LATER])
    scene.close()
    scene.time_passes()
    with pytest.raises(Conflict, match="nobody_left"):
        decide(scene, "remove")


def test_the_bank_is_answered_late(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, ASKS_OWNER])
    scene.close()
    scene.time_passes()
    assert (scene.status, scene.held_there()) == ("collecting", ["requires_action", "requires_capture"])
    assert acts.told(scene.people[1], "collecting.action")
    waiting = cards.latest(scene.pledge_of(scene.people[1]).subject, "authorize")
    assert waiting is not None
    assert waiting.reference is not None
    provider.answer_bank(waiting.reference)
    scene.time_passes(hours=20)
    assert scene.status == "succeeded"
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())


def test_the_bank_is_never_answered_and_the_others_are_enough(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, GOOD, ASKS_OWNER])
    scene.close()
    scene.time_passes()
    scene.time_passes(hours=73)
    assert (scene.status, scene.held_there()) == ("succeeded", ["canceled", "succeeded", "succeeded"])
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())


def test_another_card_is_asked_in_place_of_the_refused_one(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, REFUSED_LATER])
    scene.close()
    scene.time_passes()
    who = scene.people[1]
    with transaction():
        save = card_services.plan(
            kind="save", subject=scene.pledge_of(who).subject, resident_id=who.id, cents=0, now=clock.now()
        )
    scene.leave_card(save.id)
    scene.time_passes()
    assert scene.status == "succeeded"
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())


def test_a_card_that_was_removed_before_the_closing_counts_as_refused(
    card_app: Flask, provider: Provider
) -> None:
    """She is told at once; at the closing nothing is asked of it, and her pledge says what it waits for."""
    scene = Scene(provider, [GOOD, GOOD, GOOD])
    who = scene.people[1]
    (card,) = cards.cards_of(who.id)
    with transaction():
        card_services.remove_card(card_id=card.id, actor_id=who.id, now=clock.now())
    scene.time_passes()
    assert len(acts.told(who, "collecting.removed_card")) == 1
    scene.close()
    scene.time_passes()
    assert (scene.status, scene.held_there()) == ("collecting", ["requires_capture"] * 2)
    assert len(acts.told(who, "collecting.declined")) == 1
    asked = cards.latest(scene.pledge_of(who).subject, "authorize")
    assert asked is not None
    assert (asked.code, attempt_waiting(scene.pledge_of(who))) == ("no_card", asked.id)
    with transaction():
        save = card_services.another_card(attempt_id=asked.id, actor_id=who.id, now=clock.now())
    scene.leave_card(save.id)
    scene.time_passes()
    assert scene.status == "succeeded"
    assert attempt_waiting(scene.pledge_of(who)) is None
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())


def test_cancelling_while_cards_are_asked(card_app: Flask, provider: Provider) -> None:
    """Two are held, one is in flight: its answer comes after everything was called off."""
    scene = Scene(provider, [GOOD] * 3)
    scene.close()
    provider.fault("unanswered", "/payment_intents$")
    scene.time_passes(times=1)
    decide(scene, "cancel", why="Le camion est en panne")
    assert scene.status == "cancelled"
    scene.time_passes()
    scene.time_passes(minutes=5)
    assert scene.held_there() == ["canceled"] * 3
    assert (scene.at_provider(), scene.in_ledger(), set(scene.owed().values())) == (0, 0, {0})


def test_cancelling_while_cards_are_charged(card_app: Flask, provider: Provider) -> None:
    """It had succeeded; one has paid, the other's payment is in flight: both get it back, and owe nothing."""
    scene = Scene(provider, [GOOD] * 2)
    scene.close()
    provider.fault("unanswered", "/capture$")
    scene.time_passes(times=4)
    assert scene.status == "succeeded"
    decide(scene, "cancel", why="Le fournisseur ferme")
    scene.time_passes(minutes=5, times=12)
    assert (scene.at_provider(), scene.in_ledger(), set(scene.owed().values())) == (0, 0, {0})
    assert acts.told(scene.people[0], "payments.refunded")


def test_a_hold_that_lapsed_leaves_a_debt_and_says_so(card_app: Flask, provider: Provider) -> None:
    scene = Scene(provider, [GOOD, GOOD])
    scene.close()
    scene.time_passes(times=1)
    assert scene.status == "succeeded"
    first = cards.latest(scene.pledge_of(scene.people[0]).subject, "authorize")
    assert first is not None
    assert first.reference is not None
    provider.let_go(first.reference)
    scene.time_passes(minutes=5)
    total, other = scene.totals()
    assert list(scene.owed().values()) == [total, 0]
    assert scene.at_provider() == scene.in_ledger() == other
    assert acts.told(scene.people[0], "collecting.not_captured")


def test_the_key_is_removed_with_pledges_alive(
    card_app: Flask, provider: Provider, app_with: Callable[..., Flask]
) -> None:
    """Who pledged by card pays at the counter, as anybody does there; the campaign goes its way."""
    scene = Scene(provider, [GOOD, GOOD])
    with app_with().app_context():
        scene.close()
        scene.time_passes()
        assert scene.status == "succeeded"
        assert list(scene.owed().values()) == scene.totals()
        assert scene.pledge_of(scene.people[0]).payment == "counter"
    assert provider.all("payment_intents") == []


def test_said_twice_it_happens_once(card_app: Flask, provider: Provider) -> None:
    """Every event is told again, every step taken again: as after a crash between the act and its note."""
    scene = Scene(provider, [GOOD, GOOD])
    scene.close()
    scene.time_passes()
    acts.deliver(again=True, now=clock.now())
    with transaction():
        assert services.advance(campaign_id=scene.campaign.id, now=clock.now()) is None
    for attempt in cards.latest_of(
        [scene.pledge_of(who).subject for who in scene.people], "capture"
    ).values():
        assert carrying.carry_out(attempt.id, now=clock.now()) is None
    assert scene.at_provider() == scene.in_ledger() == sum(scene.totals())
