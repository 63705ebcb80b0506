"""A hundred neighbours want the last thirty at one moment, while somebody closes: never oversold, no pledge lost or
doubled, and the campaign closes once."""

import random
import threading
from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.outbox import StoredEvent
from app.payments.ledger import queries as ledger
from app.payments.ledger.models import MoneyTransaction
from app.payments.ledger.rules import Account
from app.purchases.models import Campaign, Product
from app.purchases.pledging import jobs
from app.purchases.pledging.models import Allotment, Pledge, PledgeIncrement
from tests import factories
from tests.concurrency.crowd import Answer, Call, all_at_once, codes, none_failed, post, statuses
from tests.harness.sizes import sized
from tests.harness.web import WebServer

CROWD = sized(100)
LAST = sized(30)
PRICE = 1_000


def _put(one: Campaign, oil: Product, headers: dict[str, str], quantity: int = 1) -> Call:
    lines = [{"product": str(oil.id), "quantity": quantity}]
    return Call("PUT", f"/api/v1/campaigns/{one.id}/pledge", headers, {"lines": lines})


def _last_units(**values: object) -> tuple[Campaign, Product]:
    one = factories.campaign(**values)
    return one, factories.product(one, price_cents=PRICE, pack_size=1, limit_units=LAST)


def _whole(one: Campaign, oil: Product, accepted: int) -> None:
    """What was answered is what stands: as many pledges as were accepted, a unit each, counted once everywhere."""
    db.session.rollback()
    assert accepted <= LAST
    units = db.session.execute(
        select(PledgeIncrement.pledge_id, func.sum(PledgeIncrement.want))
        .where(PledgeIncrement.product_id == oil.id)
        .group_by(PledgeIncrement.pledge_id)
    ).all()
    assert Counter(int(count) for _, count in units) == ({1: accepted} if accepted else {})
    stored, kept = db.session.get_one(Campaign, one.id), db.session.get_one(Product, oil.id)
    assert (stored.pledgers, stored.pledged_cents, kept.wanted) == (accepted, accepted * PRICE, accepted)


def test_a_hundred_pledge_for_the_last_thirty(app: Flask, server: WebServer) -> None:
    one, oil = _last_units()
    people = [factories.bearer(factories.resident()) for _ in range(CROWD)]
    answers = all_at_once(server, [_put(one, oil, who) for who in people])
    none_failed(answers)
    assert statuses(answers) == {200: LAST, 409: CROWD - LAST}
    assert codes(answers) == {"sold_out": CROWD - LAST}
    _whole(one, oil, LAST)


def test_who_changes_and_leaves_makes_room_for_as_many(app: Flask, server: WebServer) -> None:
    """All units are taken; some leave, some would have more, others come, each said twice at one moment."""
    one, oil = _last_units()
    inside = [factories.bearer(factories.resident()) for _ in range(LAST)]
    none_failed(all_at_once(server, [_put(one, oil, who) for who in inside]))
    outside = [factories.bearer(factories.resident()) for _ in range(LAST)]
    leave = [Call("DELETE", f"/api/v1/campaigns/{one.id}/pledge", who) for who in inside[::2]]
    more = [_put(one, oil, who, 2) for who in inside[1::2]]
    come = [_put(one, oil, who) for who in outside]
    calls = [*leave, *more, *come] * 2
    random.Random(6).shuffle(calls)
    none_failed(answers := all_at_once(server, calls))
    assert set(statuses(answers)) <= {200, 204, 409}
    assert set(codes(answers)) <= {"sold_out"}
    db.session.rollback()
    sums = db.session.scalars(
        select(func.sum(PledgeIncrement.want))
        .where(PledgeIncrement.product_id == oil.id)
        .group_by(PledgeIncrement.pledge_id)
    ).all()
    assert set(sums) <= {0, 1, 2}
    assert sum(sums) == db.session.get_one(Product, oil.id).wanted <= LAST


def test_a_hundred_pledge_while_it_closes(app: Flask, server: WebServer) -> None:
    """The closer runs all the time, two organizers close as well, and everybody pledges at that moment: who was
    accepted gets hers and owes for it, who was refused is nowhere, and it was closed once."""
    for round_ in range(3):
        one, oil = _last_units(closes_at=clock.now() + timedelta(milliseconds=300 * (round_ + 1)))
        people = [factories.bearer(factories.resident()) for _ in range(CROWD)]
        organizer = factories.bearer(one.organizer)
        calls = [_put(one, oil, who) for who in people]
        if round_ == 0:
            calls[CROWD // 2 : CROWD // 2] = [post(f"/campaigns/{one.id}/close", headers=organizer)] * 2
        answers = _with_closer(app, server, calls, one)
        none_failed(answers)
        accepted = _pledged(answers)
        assert set(codes(answers)) <= {"sold_out", "campaign_closed"}
        _whole(one, oil, accepted)
        _closed_once(one, oil, accepted)


def _pledged(answers: list[Answer]) -> int:
    return sum(answer.status == 200 and "ceiling_cents" in answer.body for answer in answers)


def _with_closer(app: Flask, server: WebServer, calls: list[Call], one: Campaign) -> list[Answer]:
    """Send all at once, while the job runs over and over beside them until it is decided."""
    over = threading.Event()

    def closer() -> None:
        with app.app_context():
            while not over.wait(0.02):
                jobs.close(now=clock.now())
            while db.session.get_one(Campaign, one.id, populate_existing=True).status == "open":
                jobs.close(now=clock.now())
            db.session.remove()

    beside = threading.Thread(target=closer)
    beside.start()
    try:
        return all_at_once(server, calls)
    finally:
        over.set()
        beside.join(timeout=30)
        assert not beside.is_alive()


def _closed_once(one: Campaign, oil: Product, accepted: int) -> None:
    db.session.rollback()
    ended = [
        stored.kind
        for stored in db.session.scalars(
            select(StoredEvent).where(StoredEvent.kind.in_(("CampaignSucceeded", "CampaignFailed")))
        )
        if stored.payload["campaign_id"] == one.id
    ]
    stored = db.session.get_one(Campaign, one.id)
    assert ended == ["CampaignSucceeded" if accepted else "CampaignFailed"]
    assert stored.status == ("succeeded" if accepted else "failed")
    given = select(Allotment.quantity).join(Pledge).where(Pledge.campaign_id == one.id)
    assert list(db.session.scalars(given)) == [1] * accepted
    subjects = [
        f"pledge:{number}"
        for number in db.session.scalars(select(Pledge.id).where(Pledge.campaign_id == one.id))
    ]
    dues = select(func.count()).where(MoneyTransaction.kind == "due", MoneyTransaction.source.in_(subjects))
    assert db.session.scalar(dues) == accepted
    assert -ledger.balance(Account.campaign(stored.subject)) == accepted * PRICE
