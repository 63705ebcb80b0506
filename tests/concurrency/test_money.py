"""Volunteers at one moment: the same payment taken twice, more given back than is hers, a box counted while money comes in.
On both databases money moves once, and the ledger holds."""

from collections import Counter as Tally
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, retrying, transaction
from app.core.errors import Problem
from app.payments.cash import counting, services
from app.payments.cash.models import Receipt
from app.payments.differences.comparing import compare
from app.payments.ledger import queries
from app.payments.ledger.rules import Account
from app.purchases.delivery import services as delivery
from tests.concurrency.crowd import at_once
from tests.harness.sizes import FULL
from tests.payments.acts import NOW, post
from tests.payments.test_cash import Counter
from tests.purchases.delivery.scene import succeeded
from tests.purchases.delivery.test_services import EXAMPLE, by_organizer, received

PEOPLE = 24 if FULL else 8


def all_at_once(app: Flask, acts: list[Callable[[], object]]) -> Tally[str]:
    """Each in a thread with a session of its own, as an entry point does; what became of them."""

    def done(act: Callable[[], object]) -> str:
        def once() -> None:
            with transaction():
                act()

        with app.app_context():
            try:
                retrying(once)
            except Problem as problem:
                return problem.code
            finally:
                db.session.remove()
        return "done"

    db.session.rollback()
    return Tally(at_once([lambda act=act: done(act) for act in acts]))  # type: ignore[misc]


def _acts(counter: Counter, service: Any, keys: list[str], **values: Any) -> list[Callable[[], object]]:
    given = {
        "hub_id": counter.hub.id, "resident_id": counter.anna.id, "subject": "pledge:1", "means": "cash", "now": NOW,
    }  # fmt: skip
    volunteers = (counter.volunteer.id, counter.other.id)
    return [
        lambda key=key, actor=volunteers[at % 2]: service(key=key, actor_id=actor, **given, **values)  # type: ignore[misc]
        for at, key in enumerate(keys)
    ]


def test_the_same_payment_is_taken_once(app: Flask) -> None:
    counter = Counter()
    keys = [f"form-{at}" for at in range(PEOPLE)]
    found = all_at_once(app, _acts(counter, services.take, keys, cents=1250))
    assert found == {"done": 1, "payments.not_owed": PEOPLE - 1}
    assert queries.balance(Account.cash(counter.hub.id)) == 1250
    again = Counter(owed=0)
    post([(again.member, 1250), (Account.campaign("campaign:1"), -1250)], "pledge:2")
    assert all_at_once(app, _acts(again, services.take, ["pick-up:9"] * PEOPLE, cents=1250)) == {
        "done": PEOPLE
    }
    assert queries.balance(Account.cash(again.hub.id)) == 1250
    assert compare(since=None, now=NOW).faults == []


def test_refunds_at_once_are_never_above_what_is_hers(app: Flask) -> None:
    counter = Counter()
    counter.take()
    post([(counter.member, -1000), (Account.campaign("campaign:1"), 1000)], kind="correction")
    found = all_at_once(
        app, _acts(counter, services.pay_out, [f"back-{at}" for at in range(PEOPLE)], cents=300)
    )
    assert found == {"done": 3, "payments.not_hers": PEOPLE - 3}
    assert counter.owed == -100
    assert compare(since=None, now=NOW).faults == []


def test_a_box_is_counted_while_money_comes_in(app: Flask) -> None:
    counter = Counter(owed=100 * PEOPLE)
    about: dict[str, Any] = {"actor_id": counter.volunteer.id, "now": NOW}
    empty = {"hub_id": counter.hub.id, "counted_cents": 0, **about}
    with transaction():
        box_id = counting.open_box(**empty).id
    takes = _acts(counter, services.take, [f"form-{at}" for at in range(PEOPLE)], cents=100)
    close = lambda: counting.close_box(box_id=box_id, counted_cents=300, note="Compté", **about)  # noqa: E731
    opens = [lambda: counting.open_box(**empty)] * 2
    found = all_at_once(app, [*takes, close, *opens])
    assert sum(found.values()) == PEOPLE + 3
    assert set(found) <= {"done", "cash.open_already"}
    assert counter.owed == 0
    faults = compare(since=None, now=NOW).faults
    assert faults == []


def test_a_crate_is_handed_out_and_paid_once(app: Flask) -> None:
    """Several phones at the hub, one crate: one of them hands it out and takes the money, the others hear that it is done.
    A second payment of who was asked at two counters finds nothing owed."""
    scene = succeeded(EXAMPLE)
    by_organizer(scene, delivery.order)
    received(scene)
    said = {"campaign_id": scene.campaign.id, "actor_id": scene.volunteer.id, "now": clock.now()}
    one, other = (pledge.id for pledge in scene.pledges[:2])  # read here: a session is nobody else's
    owed, owed_by_other = scene.owed(0), scene.owed(1)
    handed: list[bool] = []
    acts: list[Callable[[], object]] = [
        lambda: handed.append(delivery.pick_up(pledge_id=one, means="cash", **said).repeated)
    ] * PEOPLE
    acts += [
        lambda at=at: delivery.pay(pledge_id=other, means="cash", once=f"phone-{at}", **said)  # type: ignore[misc]
        for at in range(PEOPLE)
    ]
    assert all_at_once(app, acts) == {"done": 2 * PEOPLE}
    assert sorted(handed[-PEOPLE:]) == [False] + [True] * (PEOPLE - 1)
    scene.fresh()
    assert (scene.owed(0), scene.owed(1)) == (0, 0)
    assert db.session.execute(select(func.count(Receipt.id), func.sum(Receipt.cents))).one() == (
        2,
        owed + owed_by_other,
    )
    assert compare(since=None, now=clock.now()).faults == []
