"""Whole packs, who gets what, which price, what each pays: the examples of the specification, then any campaign."""

import pytest
from hypothesis import given as random
from hypothesis import settings
from hypothesis import strategies as st

from app.purchases.rules import (
    Goods,
    Increment,
    Outcome,
    Terms,
    Tier,
    bills,
    ceiling,
    given,
    largest_remainder,
    missing_for,
    missing_to_next_pack,
    outcome,
    own_cents,
    packs_of,
)

A, B, C = 1, 2, 3
THREE = [Increment(A, 5, 2), Increment(B, 3, 3), Increment(C, 3)]
BOX = Goods(1, price_cents=1000, pack_size=6)


@pytest.mark.parametrize(
    ("want", "tolerance", "packs"),
    [(0, 0, 0), (0, 50, 0), (6, 50, 1), (7, 0, 1), (7, 4, 1), (7, 5, 2), (11, 5, 2), (12, 0, 2), (13, 60, 3)],
)
def test_a_begun_pack_is_bought_only_where_tolerance_fills_it(want: int, tolerance: int, packs: int) -> None:
    assert packs_of(BOX, want=want, tolerance=tolerance) == packs


def test_no_more_packs_than_the_limit_holds() -> None:
    few = Goods(1, 1000, pack_size=6, limit=17)
    assert packs_of(few, want=17, tolerance=6) == 2
    assert missing_to_next_pack(few, want=11, tolerance=1) is None
    assert missing_to_next_pack(few, want=11, tolerance=0) == 1


def test_wants_are_served_first_then_tolerance_in_the_order_of_pledging() -> None:
    assert packs_of(BOX, want=11, tolerance=5) == 2
    assert given(12, THREE) == {A: 6, B: 3, C: 3}


def test_what_did_not_come_is_missing_to_those_who_came_last() -> None:
    assert given(8, THREE) == {A: 5, B: 3}


def test_what_came_besides_is_nobodys() -> None:
    assert given(20, THREE) == {A: 7, B: 6, C: 3}


def test_a_decrease_gives_up_the_newest_units_first() -> None:
    dated = [Increment(A, 2), Increment(B, 4), Increment(A, 4), Increment(C, 3), Increment(A, -3)]
    assert given(6, dated) == {A: 2, B: 4}  # what A keeps of her second line comes after B
    assert given(7, dated) == {A: 3, B: 4}


def test_who_leaves_and_comes_back_is_last() -> None:
    dated = [Increment(A, 5, 1), Increment(B, 5), Increment(A, -5, -1), Increment(A, 5)]
    assert given(6, dated) == {B: 5, A: 1}


def test_units_can_be_shared_in_proportion() -> None:
    dated = [Increment(A, 6), Increment(B, 3), Increment(C, 3)]
    assert given(8, dated, sharing="proportional") == {A: 4, B: 2, C: 2}
    assert given(7, dated, sharing="proportional") == {
        A: 3,
        B: 2,
        C: 2,
    }  # A was cut by a half, they by three quarters
    assert given(1, dated, sharing="proportional") == {A: 1}


def test_tolerance_goes_round_by_turns_where_units_are_shared_in_proportion() -> None:
    dated = [Increment(A, 1, 4), Increment(B, 1, 1), Increment(C, 1, 4)]
    assert given(7, dated, sharing="proportional") == {A: 3, B: 2, C: 2}
    assert given(12, dated, sharing="proportional") == {A: 5, B: 2, C: 5}


def test_a_price_for_everybody_by_what_is_bought_together() -> None:
    oil = Goods(1, 2940, pack_size=6, tiers=[Tier(40, 2650), Tier(20, 2790)])
    assert [oil.price_at(units) for units in (0, 19, 20, 39, 40, 400)] == [2940, 2940, 2790, 2790, 2650, 2650]
    assert oil.dearest == 2940
    assert oil.next_tier(18) == Tier(20, 2790)
    assert oil.next_tier(40) is None
    assert missing_for(20, oil, want=17, tolerance=0) == 7  # four boxes, whatever the twenty
    assert missing_for(20, oil, want=17, tolerance=4) == 3  # tolerance fills the fourth


def test_ten_euros_among_three_are_ten_euros() -> None:
    assert largest_remainder(1000, [1, 1, 1]) == [334, 333, 333]
    assert largest_remainder(1, [5, 7]) == [0, 1]
    assert largest_remainder(1000, [0, 0]) == [0, 0]
    assert largest_remainder(0, [3]) == [0]


def test_the_ceiling_is_the_dearest_price_and_the_share_at_the_minimum() -> None:
    terms = Terms(minimum_cents=80_000, shared_cents=2_400)
    own = own_cents([(Goods(1, 2940, 6), 1, 1), (Goods(2, 680, 5), 2, 0)])
    assert own == 7240
    assert ceiling(own, terms) == 7240 + 218  # 217.2 cents, rounded up
    assert ceiling(90_000, terms) == 92_400
    assert ceiling(0, terms) == 0
    assert ceiling(500, Terms(0, 300)) == 800


def test_nobody_pays_above_the_ceiling_and_the_hub_bears_the_rest() -> None:
    paid = bills({A: 900, B: 1000}, {A: 1000, B: 1000}, 301, {A: 1000, B: 1500})
    assert [(bill.total_cents, bill.waived_cents) for bill in paid.values()] == [(1000, 51), (1150, 0)]
    dearer = bills({A: 1200}, {A: 1000}, 0, {A: 1000})
    assert dearer[A].total_cents == 1000


def test_one_more_who_brings_a_cheaper_price_does_not_bring_the_campaign_below_its_minimum() -> None:
    goods = Goods(1, 1000, tiers=[Tier(10, 800)])
    terms = Terms(minimum_cents=9_000, shared_cents=0)
    nine, ten = (outcome(terms, [goods], {1: [Increment(A, units)]}, {A: units * 1000}) for units in (9, 10))
    assert nine.reached
    assert ten.reached
    assert (nine.bills[A].total_cents, ten.bills[A].total_cents) == (9_000, 8_000)


def test_the_minimum_is_measured_in_whole_packs() -> None:
    terms = Terms(minimum_cents=11_000, shared_cents=0)
    ends = outcome(terms, [BOX], {1: [Increment(A, 11)]}, {A: 11_000})
    assert (ends.secured_cents, ends.missing_cents, ends.reached) == (6_000, 5_000, False)


def test_nothing_bought_is_no_success() -> None:
    assert not outcome(Terms(0, 500), [BOX], {}, {}).reached


def test_tiny_sums_and_coins_without_cents_add_up() -> None:
    """A yen has no cents: the smallest coin is the unit, and one of it goes to one."""
    goods = Goods(1, 1)
    dated = [Increment(A, 1), Increment(B, 1), Increment(C, 1)]
    ends = outcome(
        Terms(3, 1), [goods], {1: dated}, {pledge: ceiling(1, Terms(3, 1)) for pledge in (A, B, C)}
    )
    assert [bill.total_cents for bill in ends.bills.values()] == [2, 1, 1]
    assert ends.hub_cents == 0


# --- any campaign ----------------------------------------------------------------------------------------------------

SMALL = settings(max_examples=150, deadline=None)


@st.composite
def any_goods(draw: st.DrawFn, number: int = 1) -> Goods:
    price = draw(st.integers(1, 5_000))
    prices = sorted(draw(st.lists(st.integers(0, price), max_size=3)), reverse=True)
    starts = sorted(
        draw(st.lists(st.integers(1, 60), min_size=len(prices), max_size=len(prices), unique=True))
    )
    tiers = [Tier(start, cheaper) for start, cheaper in zip(starts, prices, strict=True)]
    return Goods(number, price, draw(st.integers(1, 12)), draw(st.none() | st.integers(0, 60)), tiers)


@st.composite
def any_increments(draw: st.DrawFn, most: int | None = None) -> list[Increment]:
    """What some pledge, change and give up, one after the other; never more wanted than there is."""
    want, tolerance = dict.fromkeys(range(6), 0), dict.fromkeys(range(6), 0)
    dated = []
    for pledge, units, more in draw(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 8)), max_size=12)
    ):
        others = sum(want.values()) - want[pledge]
        if most is not None and others + units > most:
            continue
        dated.append(Increment(pledge, units - want[pledge], more - tolerance[pledge]))
        want[pledge], tolerance[pledge] = units, more
    return dated


def _sums(dated: list[Increment]) -> dict[int, tuple[int, int]]:
    pledges = {one.pledge for one in dated}
    return {
        pledge: (
            sum(one.want for one in dated if one.pledge == pledge),
            sum(one.tolerance for one in dated if one.pledge == pledge),
        )
        for pledge in pledges
    }


@SMALL
@random(any_goods(), st.data(), st.sampled_from(["in_order", "proportional"]))
def test_units_given_are_units_bought_and_nobody_gets_more_than_they_said(goods, data, sharing) -> None:
    dated = data.draw(any_increments(goods.limit))
    sums = _sums(dated)
    want, tolerance = (sum(one[place] for one in sums.values()) for place in (0, 1))
    units = packs_of(goods, want=want, tolerance=tolerance) * goods.pack_size
    shared = given(units, dated, sharing=sharing)
    assert sum(shared.values()) == units
    assert all(count <= sum(sums[pledge]) for pledge, count in shared.items())
    if units >= want:
        assert all(shared.get(pledge, 0) >= own for pledge, (own, _) in sums.items())
    else:
        assert all(count <= sums[pledge][0] for pledge, count in shared.items())
    came = data.draw(
        st.integers(0, 2 * units + 5)
    )  # a delivery may be short, or bring more than was asked for
    assert sum(given(came, dated, sharing=sharing).values()) == min(came, want + tolerance)


@SMALL
@random(any_goods(), st.integers(0, 80), st.integers(0, 20))
def test_what_is_said_to_be_missing_is_what_is_missing(goods: Goods, want: int, tolerance: int) -> None:
    packs = packs_of(goods, want=want, tolerance=tolerance)
    missing = missing_to_next_pack(goods, want=want, tolerance=tolerance)
    if missing is None:
        assert packs == goods.most_packs
        return
    assert missing > 0
    assert packs_of(goods, want=want + missing, tolerance=tolerance) == packs + 1
    assert packs_of(goods, want=want + missing - 1, tolerance=tolerance) == packs


@SMALL
@random(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_shares_sum_to_the_cent(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)
    assert sum(shares) == (total if sum(weights) else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert not sum(weights) or abs(share - total * weight / sum(weights)) < 1


def any_campaign(
    draw: st.DataObject,
) -> tuple[Outcome, list[Goods], dict[int, list[Increment]], dict[int, int]]:
    goods = [draw.draw(any_goods(number)) for number in range(draw.draw(st.integers(1, 3)))]
    dated = {product.id: draw.draw(any_increments(product.limit)) for product in goods}
    terms = Terms(
        draw.draw(st.integers(0, 60_000)),
        draw.draw(st.integers(0, 9_000)),
        draw.draw(st.sampled_from(["in_order", "proportional"])),
    )
    sums = {number: _sums(increments) for number, increments in dated.items()}
    ceilings = {
        pledge: ceiling(own_cents((one, *sums[one.id].get(pledge, (0, 0))) for one in goods), terms)
        for pledge in range(6)
    }
    return outcome(terms, goods, dated, ceilings), goods, dated, ceilings


@SMALL
@random(st.data())
def test_who_pays_bears_everything_to_the_cent_and_never_more_than_the_ceiling(data) -> None:
    ends, _, _, ceilings = any_campaign(data)
    for bought in ends.bought:
        assert sum(bought.given.values()) == bought.units
    supplier = sum(bought.units * bought.price_cents for bought in ends.bought)
    common = sum(bill.share_cents for bill in ends.bills.values())
    paid = sum(bill.total_cents for bill in ends.bills.values())
    assert paid + ends.hub_cents == supplier + common
    assert all(bill.total_cents <= ceilings[pledge] for pledge, bill in ends.bills.items())
    if ends.reached:
        assert ends.hub_cents == 0  # at the closing itself the ceilings leave nothing uncovered


@SMALL
@random(st.data(), st.sets(st.integers(0, 5), max_size=3))
def test_who_leaves_after_the_closing_makes_nobody_pay_above_the_ceiling(data, gone: set[int]) -> None:
    _, goods, dated, ceilings = any_campaign(data)
    terms = Terms(data.draw(st.integers(0, 60_000)), data.draw(st.integers(0, 9_000)))
    ends = outcome(terms, goods, dated, ceilings, without=gone)
    assert not gone & set(ends.bills)
    assert all(bill.total_cents <= ceilings[pledge] for pledge, bill in ends.bills.items())
    paid = sum(bill.total_cents for bill in ends.bills.values())
    assert paid + ends.hub_cents == sum(bill.goods_cents + bill.share_cents for bill in ends.bills.values())


@SMALL
@random(st.data())
def test_one_more_unit_never_brings_a_campaign_below_its_minimum(data) -> None:
    ends, goods, dated, ceilings = any_campaign(data)
    chosen = data.draw(st.sampled_from(goods))
    want = sum(one.want for one in dated[chosen.id])
    if chosen.limit is not None and want >= chosen.limit:
        return
    more = dict(dated) | {chosen.id: [*dated[chosen.id], Increment(0, 1)]}
    after = outcome(Terms(ends.minimum_cents, 0), goods, more, ceilings)
    assert after.secured_cents >= ends.secured_cents
