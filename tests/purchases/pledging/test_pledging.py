"""Pledging, changing, taking back: what is counted, what is refused, whom a card keeps waiting."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.payments.cards import queries as cards
from app.purchases.models import Product
from app.purchases.pledging import jobs, queries
from app.purchases.pledging.models import PledgeIncrement
from app.purchases.pledging.rules import HELD_FOR, Wish
from tests import factories
from tests.purchases.pledging.acts import (
    CLOSES,
    NOW,
    campaign,
    card_comes,
    cards_taken,
    deliver,
    events,
    fresh,
    pledge,
    told,
    wish,
    withdraw,
)


def test_a_pledge_counts_at_once_and_shows_its_ceiling(app: Flask) -> None:
    one = campaign(minimum_cents=80_000, transport_cents=2_400)
    oil, flour = factories.product(one, limit_units=60), factories.product(one, price_cents=680, pack_size=5)
    done = pledge(one, factories.resident(), wish(oil, 1, 1), wish(flour, 2))
    assert (done.pledge.status, done.pledge.payment, done.attempt_id) == ("live", "counter", None)
    assert done.pledge.ceiling_cents == 7240 + 218
    assert (fresh(oil).wanted, fresh(oil).tolerated, fresh(flour).wanted) == (1, 1, 2)
    assert (fresh(one).pledgers, fresh(one).pledged_cents, fresh(one).version) == (1, 0, 1)


def test_what_is_said_anew_replaces_the_whole_pledge(app: Flask) -> None:
    one = campaign()
    oil, flour = factories.product(one), factories.product(one, pack_size=1)
    who = factories.resident()
    pledge(one, who, wish(oil, 5, 2), wish(flour, 2))
    pledge(one, who, wish(oil, 6), now=NOW + timedelta(hours=1))
    mine = queries.pledge_of(one.id, who.id)
    assert queries.said_by(mine) == {oil.id: (6, 0)}
    rows = db.session.execute(
        select(PledgeIncrement.product_id, PledgeIncrement.want, PledgeIncrement.tolerance).order_by(
            PledgeIncrement.id
        )
    ).all()
    assert rows == [(oil.id, 5, 2), (flour.id, 2, 0), (oil.id, 1, -2), (flour.id, -2, 0)]
    assert (fresh(one).pledgers, fresh(one).pledged_cents) == (1, 6 * 2940)


def test_a_double_click_pledges_once(app: Flask) -> None:
    """The same form again changes nothing, not even after another one has."""
    one = campaign()
    oil = factories.product(one)
    who = factories.resident()
    first = pledge(one, who, wish(oil, 3), key="form-0001")
    assert not first.repeated
    pledge(one, who, wish(oil, 5), key="form-0002")
    late = pledge(one, who, wish(oil, 3), key="form-0001")
    assert late.repeated
    assert fresh(oil).wanted == 5
    assert db.session.scalar(select(func.count()).select_from(PledgeIncrement)) == 2


def test_withdrawing_frees_the_units_and_coming_back_is_last(app: Flask) -> None:
    one = campaign()
    oil = factories.product(one, pack_size=1, limit_units=3)
    anna, ben = factories.resident(), factories.resident()
    pledge(one, anna, wish(oil, 3))
    assert withdraw(one, anna).status == "withdrawn"
    assert withdraw(one, anna).status == "withdrawn"
    assert (fresh(oil).wanted, fresh(one).pledgers) == (0, 0)
    pledge(one, ben, wish(oil, 1))
    pledge(one, anna, wish(oil, 2))
    assert fresh(one).pledgers == 2
    assert withdraw(one, factories.resident()) is None


def test_the_last_units_go_to_one(app: Flask) -> None:
    one = campaign()
    oil = factories.product(one, pack_size=6, limit_units=6)
    pledge(one, factories.resident(), wish(oil, 4))
    who = factories.resident()
    with pytest.raises(Conflict) as refused:
        pledge(one, who, wish(oil, 3))
    assert refused.value.word == "sold_out"
    assert refused.value.params["left"] == 2
    assert fresh(oil).wanted == 4
    assert queries.pledge_of(one.id, who.id) is None
    pledge(one, who, wish(oil, 2, 6))  # tolerance is not counted in the limit


def test_the_database_itself_sells_no_more_than_there_is(app: Flask) -> None:
    oil = factories.product(campaign(), limit_units=6)
    with pytest.raises((Conflict, IntegrityError)), transaction() as session:
        session.execute(update(Product).where(Product.id == oil.id).values(wanted=7))


def test_a_second_after_the_closing_nothing_can_be_said(app: Flask) -> None:
    one = campaign()
    oil = factories.product(one)
    who = factories.resident()
    pledge(one, who, wish(oil, 1), now=CLOSES - timedelta(seconds=1))
    for late in (CLOSES, CLOSES + timedelta(seconds=1)):
        with pytest.raises(Conflict, match="campaign_closed"):
            pledge(one, who, wish(oil, 2), now=late)
        with pytest.raises(Conflict, match="campaign_closed"):
            withdraw(one, who, now=late)
    assert fresh(oil).wanted == 1


def test_closing_at_the_hour_that_is_there_twice(app: Flask) -> None:
    """In the night in which the clocks go back, half past two comes twice: the moment counts, not the clock."""
    first = NOW.replace(year=2027, month=10, day=31, hour=0, minute=30)  # 2:30 in summer time
    one = campaign(closes_at=first + timedelta(hours=1))  # 2:30 in winter time
    oil = factories.product(one)
    pledge(one, factories.resident(), wish(oil, 1), now=first)
    with pytest.raises(Conflict, match="campaign_closed"):
        pledge(one, factories.resident(), wish(oil, 1), now=first + timedelta(hours=1))


@pytest.mark.parametrize(
    "said",
    [(-1, 0), (0, 0), (1, -1), (10_000, 0), (1, 10_000), (0, 2), (9_999, 0)],
    ids=[
        "negative",
        "nothing",
        "negative_tolerance",
        "huge",
        "huge_tolerance",
        "tolerance_alone",
        "too_dear",
    ],
)
def test_what_cannot_be_wanted_is_refused(app: Flask, said: tuple[int, int]) -> None:
    one = campaign()
    oil = factories.product(one)
    with pytest.raises(Invalid):
        pledge(one, factories.resident(), wish(oil, *said))
    assert (fresh(oil).wanted, fresh(oil).tolerated, fresh(one).pledgers) == (0, 0, 0)


def test_a_product_of_another_campaign_or_named_twice_is_refused(app: Flask) -> None:
    one = campaign()
    oil, elsewhere = factories.product(one), factories.product(campaign())
    for wishes in ([wish(elsewhere, 1)], [wish(oil, 1), wish(oil, 1)], [Wish(999_999, 1)]):
        with pytest.raises(Invalid):
            pledge(one, factories.resident(), *wishes)


def test_who_has_not_confirmed_her_address_cannot_promise(app: Flask) -> None:
    one = campaign()
    oil = factories.product(one)
    with pytest.raises(Conflict, match="email_unconfirmed"):
        pledge(one, factories.resident(confirmed=False), wish(oil, 1))


def test_a_draft_is_not_there_and_a_closed_one_is_closed(app: Flask) -> None:
    for status, problem in (("draft", NotFound), ("closing", Conflict), ("failed", Conflict)):
        one = campaign(status=status)
        oil = factories.product(one)
        with pytest.raises(problem):
            pledge(one, factories.resident(), wish(oil, 1))


# --- how it is paid --------------------------------------------------------------------------------------------------


def test_a_means_that_is_not_there_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    counter, card, either = (campaign(payment=payment) for payment in ("counter", "card", "either"))
    who = factories.resident()
    with pytest.raises(Conflict, match="no_cards"):
        pledge(card, who, wish(factories.product(card), 1))
    with pytest.raises(Conflict, match="no_cards"):
        pledge(either, who, wish(factories.product(either), 1), payment="card")
    for one, payment in ((counter, "card"), (counter, "barter")):
        with pytest.raises(Invalid):
            pledge(one, who, wish(factories.product(one), 1), payment=payment)
    cards_taken(app, monkeypatch)
    with pytest.raises(Invalid):
        pledge(card, who, wish(factories.product(card), 1), payment="counter")


def test_units_are_held_half_an_hour_for_a_card(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cards_taken(app, monkeypatch)
    one = campaign(payment="either")
    oil = factories.product(one, pack_size=1, limit_units=3)
    anna, ben = factories.resident(), factories.resident()
    done = pledge(one, anna, wish(oil, 3), payment="card")
    assert (done.pledge.status, done.pledge.held_until) == ("holding", NOW + HELD_FOR)
    assert done.attempt_id is not None
    with pytest.raises(Conflict, match="sold_out"):
        pledge(one, ben, wish(oil, 1), now=NOW + timedelta(minutes=29))
    pledge(one, ben, wish(oil, 1), now=NOW + HELD_FOR)  # whoever comes then does not wait for the job
    mine = fresh(done.pledge)
    assert (mine.status, mine.held_until, mine.ceiling_cents) == ("lapsed", None, 0)
    assert (fresh(oil).wanted, fresh(one).pledgers) == (1, 1)
    assert jobs.lapse(now=NOW + timedelta(hours=1)) == 0
    deliver(now=NOW + timedelta(hours=1))
    assert len(told(anna, "pledging.lapsed")) == 1


def test_the_job_frees_what_nobody_paid_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cards_taken(app, monkeypatch)
    one = campaign(payment="card")
    oil = factories.product(one)
    done = pledge(one, factories.resident(), wish(oil, 3))
    assert jobs.lapse(now=NOW + timedelta(minutes=29)) == 0
    assert jobs.lapse(now=NOW + timedelta(hours=9)) == 1
    assert jobs.lapse(now=NOW + timedelta(hours=9)) == 0
    assert (fresh(done.pledge).status, fresh(oil).wanted) == ("lapsed", 0)
    assert events("PledgeLapsed") == 1


def test_a_card_that_came_makes_the_pledge_count_in_its_own_turn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She pledged before the other one; that her card took a while takes no turn from her."""
    cards_taken(app, monkeypatch)
    one = campaign(payment="either")
    oil = factories.product(one, pack_size=1)
    anna = factories.resident()
    done = pledge(one, anna, wish(oil, 2), payment="card")
    assert done.attempt_id is not None
    pledge(one, factories.resident(), wish(oil, 1), payment="counter")
    card_comes(done.attempt_id)
    assert fresh(done.pledge).status == "holding"
    deliver()
    assert (fresh(done.pledge).status, fresh(done.pledge).held_until) == ("live", None)
    again = pledge(one, anna, wish(oil, 3))
    assert (again.pledge.status, again.attempt_id) == ("live", None)  # the card that she left is asked once


def test_a_card_that_came_in_time_counts_though_nobody_was_told_in_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards_taken(app, monkeypatch)
    one = campaign(payment="card")
    oil = factories.product(one)
    done = pledge(one, factories.resident(), wish(oil, 3))
    assert done.attempt_id is not None
    card_comes(done.attempt_id, now=NOW + timedelta(minutes=29))
    assert jobs.lapse(now=NOW + timedelta(hours=1)) == 0
    assert (fresh(done.pledge).status, fresh(oil).wanted) == ("live", 3)


@pytest.mark.parametrize("leave", ["withdraw", "counter", "lapse"])
def test_a_card_that_nobody_needs_any_more_is_let_go(
    app: Flask, monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    """It was kept for this pledge alone; also where it comes after all."""
    cards_taken(app, monkeypatch)
    one = campaign(payment="either")
    oil = factories.product(one)
    who = factories.resident()
    done = pledge(one, who, wish(oil, 3), payment="card")
    assert done.attempt_id is not None
    if leave == "withdraw":
        withdraw(one, who)
    elif leave == "counter":
        assert pledge(one, who, wish(oil, 3), payment="counter").pledge.status == "live"
    else:
        jobs.lapse(now=NOW + HELD_FOR)
    card_comes(done.attempt_id, now=NOW + timedelta(hours=1))
    deliver(now=NOW + timedelta(hours=1))
    db.session.rollback()
    assert cards.card_of(done.pledge.subject) is None
    assert fresh(done.pledge).status == {"withdraw": "withdrawn", "counter": "live", "lapse": "lapsed"}[leave]


# --- the minimum -----------------------------------------------------------------------------------------------------


def test_everybody_is_told_once_that_the_minimum_is_reached(app: Flask) -> None:
    one = campaign(minimum_cents=17_640)
    oil = factories.product(one)
    anna, ben = factories.resident(), factories.resident()
    pledge(one, anna, wish(oil, 5))
    assert (fresh(one).pledged_cents, events("MinimumReached")) == (0, 0)
    pledge(one, ben, wish(oil, 1))
    assert (fresh(one).pledged_cents, events("MinimumReached")) == (17_640, 1)
    pledge(one, ben, wish(oil, 2))
    withdraw(one, ben)
    pledge(one, ben, wish(oil, 1))  # below, and reached again
    assert events("MinimumReached") == 2
    for again in (False, True):
        deliver(again=again)
        for who in (anna, ben, one.organizer):
            assert len(told(who, "pledging.minimum")) == 1
