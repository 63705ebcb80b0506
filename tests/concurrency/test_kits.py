"""A kit and its objects are wanted by different people at one moment: through HTTP, against four workers, on each
database. Never a thing in two hands."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.items.models import ItemClaim
from tests import factories
from tests.concurrency.crowd import Call, all_at_once, none_failed, post
from tests.harness.sizes import FULL
from tests.harness.web import WebServer

ROUNDS = 500 if FULL else 50


def test_a_kit_and_its_objects_at_once(app: Flask, server: WebServer) -> None:
    hub = factories.hub(policy={"max_loans": 15, "ahead_days": 365})
    grill, bowl, pot = (factories.item(title, hub=hub) for title in ("Gril", "Saladier", "Caquelon"))
    kit = factories.kit(of=(grill, bowl, pot))
    today = clock.day_at(clock.now(), "Europe/Paris")
    people = [factories.bearer(factories.verified_member(hub)) for _ in range(4)]
    for number in range(ROUNDS):
        first = today + timedelta(days=7 + 2 * (number % 150))
        wanted = [kit.id, grill.id, pot.id, kit.id]
        answers = all_at_once(
            server, [_reserve(item_id, first, who) for item_id, who in zip(wanted, people, strict=True)]
        )
        none_failed(answers)
        kits_won = [answers[at].status == 201 for at in (0, 3)]
        objects_won = [answers[at].status == 201 for at in (1, 2)]
        assert sum(kits_won) <= 1, f"round {number}: two have the kit"
        assert not (any(kits_won) and any(objects_won)), f"round {number}: the kit without its objects"
        assert any(kits_won) or any(objects_won), f"round {number}: nobody has anything"
        _claims_follow(kit.id, [grill.id, bowl.id, pot.id], first, any(kits_won))
        for answer, who in zip(answers, people, strict=True):
            if answer.status == 201:
                none_failed(all_at_once(server, [post(f"/loans/{answer.body['id']}/cancel", headers=who)]))


def _reserve(item_id: int, first: date, who: dict[str, str]) -> Call:
    days = {"from": first.isoformat(), "to": (first + timedelta(days=1)).isoformat()}
    return post(f"/items/{item_id}/loans", days, headers=who)


def _claims_follow(kit_id: int, objects: list[int], first: date, kit_won: bool) -> None:
    """One live claim for the kit and one for each object, or none of them."""
    db.session.rollback()
    live = select(ItemClaim).where(ItemClaim.live, ItemClaim.first_day == first)
    taken = db.session.scalars(live).all()
    assert len({claim.item_id for claim in taken}) == len(taken)
    following = {claim.item_id for claim in taken if claim.kit_claim_id is not None}
    assert following == (set(objects) if kit_won else set())
    assert (kit_id in {claim.item_id for claim in taken}) == kit_won
