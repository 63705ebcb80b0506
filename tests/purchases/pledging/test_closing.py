"""The closing decides once, whoever says it and however late; what each gets and pays is fixed to the cent."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden
from app.payments.cards import queries as cards
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from app.purchases.pledging import closing, dues, jobs, queries
from app.purchases.pledging.models import Allotment, Pledge
from app.purchases.pledging.rules import HELD_FOR
from tests import factories
from tests.purchases.pledging.acts import (
    CLOSES,
    NOW,
    campaign,
    card_comes,
    cards_taken,
    close,
    deliver,
    events,
    fresh,
    given,
    pledge,
    told,
    totals,
    wish,
)
from tests.purchases.pledging.acts import (
    dues as dues_written,
)


def test_the_example_of_the_specification(app: Flask) -> None:
    """A 5+2, B 3+3, C 3+0 of packs of six: two packs, A 6, B 3, C 3; the tier that twelve reach is everybody's."""
    one = campaign(transport_cents=1000)
    box = factories.product(one, price_cents=1000, pack_size=6, tiers={12: 900})
    a, b, c = (factories.resident() for _ in range(3))
    for who, want, tolerance in ((a, 5, 2), (b, 3, 3), (c, 3, 0)):
        pledge(one, who, wish(box, want, tolerance))
    assert close(one).status == "succeeded"
    assert given(one) == {(a.id, box.id): 6, (b.id, box.id): 3, (c.id, box.id): 3}
    assert totals(one) == {a.id: 5400 + 500, b.id: 2700 + 250, c.id: 2700 + 250}
    box = fresh(box)
    assert (box.packs, box.final_price_cents) == (2, 900)
    assert -ledger.balance(Account.campaign(f"campaign:{one.id}")) == 12 * 900 + 1000
    assert ledger.balance(Account.member(a.id)) == 5900
    mine = queries.pledge_of(one.id, a.id)
    assert mine is not None
    assert ledger.owed(subject=mine.subject, resident_id=a.id) == 5900


def test_below_the_minimum_nobody_pays_anything(app: Flask) -> None:
    one = campaign(minimum_cents=20_000)
    oil = factories.product(one)
    who = factories.resident()
    pledge(one, who, wish(oil, 6))
    failed = close(one)
    assert (failed.status, failed.ended_at, failed.decided_at) == ("failed", CLOSES, CLOSES)
    assert (dues_written(), given(one), totals(one)) == (0, {}, {who.id: None})
    for again in (False, True):
        deliver(now=CLOSES, again=again)
        assert len(told(who, "pledging.failed")) == len(told(one.organizer, "pledging.failed")) == 1
    assert told(who, "pledging.failed")[0].params["cents"] == 20_000 - 6 * 2940


def test_without_a_whole_pack_nothing_is_bought(app: Flask) -> None:
    one = campaign()
    who = factories.resident()
    pledge(one, who, wish(factories.product(one), 5))
    assert close(one).status == "failed"
    deliver(now=CLOSES)
    assert len(told(who, "pledging.failed_packs")) == 1


def test_everybody_is_told_her_sum_once(app: Flask) -> None:
    one = campaign()
    oil = factories.product(one, pack_size=2)
    anna, ben = factories.resident(), factories.resident()
    pledge(one, anna, wish(oil, 2))
    pledge(one, ben, wish(oil, 1))
    close(one)
    for again in (False, True):
        deliver(now=CLOSES, again=again)
        [sum_] = told(anna, "pledging.succeeded")
        assert len(told(ben, "pledging.nothing")) == 1
    assert sum_.params["cents"] == 5880
    assert totals(one)[ben.id] == 0
    assert dues_written() == 1  # who gets nothing owes nothing


def test_two_closers_close_once(app: Flask) -> None:
    one = campaign()
    pledge(one, factories.resident(), wish(factories.product(one, pack_size=1), 2))
    first = close(one)
    second = close(one, now=CLOSES + timedelta(minutes=5), actor=one.organizer)
    assert (first.status, second.status, second.decided_at) == ("succeeded", "succeeded", CLOSES)
    assert jobs.close(now=CLOSES + timedelta(hours=1)) == 0
    assert (events("CampaignSucceeded"), dues_written()) == (1, 1)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=7), timedelta(days=40)])
def test_the_job_closes_whatever_is_overdue_however_late(app: Flask, late: timedelta) -> None:
    due = [campaign(), campaign(closes_at=CLOSES - timedelta(days=5))]
    later = campaign(closes_at=CLOSES + timedelta(days=60))
    for one in (*due, later):
        pledge(one, factories.resident(), wish(factories.product(one, pack_size=1), 1))
    assert jobs.close(now=CLOSES + late) == 2
    assert jobs.close(now=CLOSES + late) == 0
    assert [fresh(one).status for one in (*due, later)] == ["succeeded", "succeeded", "open"]


def test_one_that_cannot_be_closed_does_not_keep_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = campaign(), campaign(closes_at=CLOSES + timedelta(minutes=1))
    for one in (broken, whole):
        pledge(one, factories.resident(), wish(factories.product(one, pack_size=1), 1))
    decide = closing.decide

    def fails(one, *rest, **more) -> None:
        if one.id == broken.id:
            raise RuntimeError("no")
        decide(one, *rest, **more)

    monkeypatch.setattr(closing, "decide", fails)
    assert jobs.close(now=CLOSES + timedelta(hours=1)) == 1
    assert (fresh(broken).status, fresh(whole).status) == ("open", "succeeded")


def test_closing_early_is_for_those_who_look_after_it(app: Flask) -> None:
    one = campaign()
    pledge(one, factories.resident(), wish(factories.product(one, pack_size=1), 1))
    for who in (factories.resident(), factories.volunteer(one.hub)):
        with pytest.raises(Forbidden, match="not_yours"):
            close(one, now=NOW, actor=who)
    assert close(one, now=NOW).status == "open"  # by itself it closes when its time has come
    assert close(one, now=NOW, actor=one.organizer).status == "succeeded"
    with pytest.raises(Conflict, match="not_open"):
        close(campaign(status="cancelled"))


def test_the_closing_waits_for_a_card_half_an_hour_at_most(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pledge is judged by its own time: hers came a minute before the closing, her card after it."""
    cards_taken(app, monkeypatch)
    one = campaign(payment="either")
    oil = factories.product(one, pack_size=1)
    anna, ben = factories.resident(), factories.resident()
    saved, never = (
        pledge(one, who, wish(oil, 1), payment="card", now=CLOSES - timedelta(minutes=1))
        for who in (anna, ben)
    )
    assert close(one).status == "closing"
    with pytest.raises(Conflict, match="campaign_closed"):
        pledge(one, factories.resident(), wish(oil, 1), payment="counter", now=CLOSES)
    assert saved.attempt_id is not None
    card_comes(saved.attempt_id, now=CLOSES + timedelta(minutes=2))
    deliver(now=CLOSES + timedelta(minutes=2))
    assert jobs.close(now=CLOSES + timedelta(minutes=3)) == 0
    assert jobs.close(now=CLOSES - timedelta(minutes=1) + HELD_FOR) == 1
    one = fresh(one)
    assert (one.status, one.decide_by) == ("collecting", one.decided_at + timedelta(hours=72))
    assert (fresh(saved.pledge).total_cents, fresh(never.pledge).status) == (2940, "lapsed")
    assert (events("CampaignCollecting"), dues_written()) == (1, 0)


def test_a_card_kept_for_what_failed_is_let_go(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cards_taken(app, monkeypatch)
    one = campaign(payment="card", minimum_cents=100_000)
    done = pledge(one, factories.resident(), wish(factories.product(one), 6))
    assert done.attempt_id is not None
    card_comes(done.attempt_id)
    deliver()
    assert close(one).status == "failed"
    assert cards.card_of(done.pledge.subject) is None


def test_pledges_stay_though_cards_are_not_taken_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key was removed with pledges alive: they count, and it is collected once there is one again."""
    cards_taken(app, monkeypatch)
    one = campaign(payment="card")
    done = pledge(one, factories.resident(), wish(factories.product(one, pack_size=1), 1))
    assert done.attempt_id is not None
    card_comes(done.attempt_id)
    deliver()
    cards_taken(app, monkeypatch, taken=False)
    assert close(one).status == "collecting"


def test_fixing_again_without_some_replaces_what_was_fixed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a declined card: the others pay no more than their ceilings, and the hub bears what is left."""
    one = campaign(transport_cents=900)
    box = factories.product(one, price_cents=100, pack_size=1, tiers={3: 80})
    a, b, c = (factories.resident() for _ in range(3))
    done = [pledge(one, who, wish(box, 1)) for who in (a, b, c)]
    with transaction():
        held = fresh(one)
        ends = queries.standing(held).outcome(without={done[2].pledge.id})
        db.session.get_one(Pledge, done[2].pledge.id).status = "removed"
        db.session.flush()
        closing.fix(held, ends)
        again = closing.fix(held, ends)
        dues.post(held, again, now=CLOSES)
        dues.post(held, again, now=CLOSES)
    assert ends.hub_cents == 0
    assert totals(one) == {a.id: 550, b.id: 550, c.id: None}
    assert given(one) == {(a.id, box.id): 1, (b.id, box.id): 1}
    assert dues_written() == 2


def test_a_tier_above_the_ceiling_is_never_paid(app: Flask) -> None:
    """Fees that grew after she pledged, or a dearer price, are the hub's: the database itself refuses more."""
    one = campaign(fees_cents=100)
    oil = factories.product(one, pack_size=1)
    who = factories.resident()
    done = pledge(one, who, wish(oil, 1))
    factories.changed(one, fees_cents=900)
    forecast = queries.forecast(fresh(one))
    assert forecast.hub_cents == 800
    close(one)
    assert (totals(one)[who.id], fresh(done.pledge).waived_cents) == (2940 + 100, 800)
    with pytest.raises((Conflict, IntegrityError)), transaction() as session:
        session.execute(
            update(Pledge)
            .where(Pledge.id == done.pledge.id)
            .values(total_cents=done.pledge.ceiling_cents + 1)
        )


def test_yen_have_no_cents(app: Flask) -> None:
    one = campaign(currency="JPY", fees_cents=1)
    tea = factories.product(one, price_cents=1, pack_size=1)
    a, b = factories.resident(), factories.resident()
    for who in (a, b):
        pledge(one, who, wish(tea, 1))
    close(one)
    assert totals(one) == {a.id: 2, b.id: 1}
    assert ledger.balance(Account.member(a.id), "JPY") == 2


def test_nothing_is_allotted_where_nothing_was_pledged(app: Flask) -> None:
    one = campaign()
    factories.product(one)
    assert close(one).status == "failed"
    assert db.session.scalar(select(func.count()).select_from(Allotment)) == 0
