"""What a card paid too much, because some did not come or cost less, goes back to it: once, and never more."""

import pytest
from flask import Flask

from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict
from app.payments.cards import carrying
from app.purchases.delivery import services
from app.purchases.delivery.weighing import Counted
from tests.harness.provider import Provider
from tests.payments.cards import acts
from tests.purchases.delivery.scene import Scene, succeeded


def give_back(scene: Scene) -> int:
    with transaction():
        return services.give_back(
            campaign_id=scene.campaign.id,
            pledge_id=scene.pledges[0].id,
            actor_id=scene.organizer.id,
            now=clock.now(),
        ).id


def test_a_price_corrected_after_the_charge_goes_back_to_the_card_once(
    card_app: Flask, provider: Provider
) -> None:
    scene = succeeded([{"Huile": (6, 0)}], payment="card")
    pledge = scene.pledges[0]
    person, subject = pledge.resident, pledge.subject
    acts.card(provider, person, subject=subject)
    charged = acts.asked("charge", person, 6000, subject=subject)
    assert (charged.status, scene.owed(0)) == ("succeeded", 0)
    for do, said in ((services.order, {}), (services.receive, {"lines": {}})):
        with transaction():
            do(campaign_id=scene.campaign.id, actor_id=scene.organizer.id, now=clock.now(), **said)
    with pytest.raises(Conflict, match="nothing_to_give_back"):
        give_back(scene)
    lines = {scene.products["Huile"].id: Counted(received=5, price_cents=900)}
    with transaction():
        services.receive(
            campaign_id=scene.campaign.id, lines=lines, actor_id=scene.organizer.id, now=clock.now()
        )
    assert scene.owed(0) == -1500
    attempt = give_back(scene)
    with pytest.raises(Conflict, match="nothing_to_give_back"):
        give_back(scene)  # it is on its way already
    carrying.carry_out(attempt, now=clock.now())
    scene.fresh()
    assert (scene.owed(0), provider.taken()) == (0, {charged.key: 4500})
    with pytest.raises(Conflict, match="nothing_to_give_back"):
        give_back(scene)
