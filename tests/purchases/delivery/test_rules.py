"""What is true once goods have come: shortages, corrected prices, what is left, the balance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.purchases.delivery.rules import (
    Settlement,
    Standing,
    Turn,
    bill,
    handed,
    next_step,
    over_time,
    turns,
)
from app.purchases.rules import Increment

EXAMPLE = [Turn(1, 5), Turn(2, 3), Turn(3, 3), Turn(1, 1, spare=True)]
"""A 5+2, B 3+3, C 3+0 in packs of six: two packs, and A's tolerance fills the second."""


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (12, {1: 6, 2: 3, 3: 3}),
        (11, {1: 5, 2: 3, 3: 3}),
        (8, {1: 5, 2: 3, 3: 0}),
        (0, {1: 0, 2: 0, 3: 0}),
        (18, {1: 6, 2: 3, 3: 3}),
    ],
)
def test_a_shortage_takes_from_tolerance_first_then_from_the_last_who_pledged(
    received: int, expected: dict[int, int]
) -> None:
    assert handed(EXAMPLE, received, sharing="in_order") == expected


def test_a_shortage_can_leave_each_the_same_part_of_what_she_wanted() -> None:
    assert handed(EXAMPLE, 11, sharing="proportional") == {1: 5, 2: 3, 3: 3}
    assert handed(EXAMPLE, 8, sharing="proportional") == {1: 4, 2: 2, 3: 2}
    assert handed(EXAMPLE, 7, sharing="proportional") == {1: 3, 2: 2, 3: 2}


TURNS = st.lists(st.builds(Turn, st.integers(1, 5), st.integers(1, 9), st.booleans()), max_size=12).map(
    lambda served: sorted(served, key=lambda turn: turn.spare)
)


@given(TURNS, st.integers(0, 120), st.sampled_from(["in_order", "proportional"]))
def test_what_is_handed_out_is_what_came_and_nobody_gets_more_than_was_hers(
    served: list[Turn], received: int, sharing: str
) -> None:
    allotted: dict[int, int] = {}
    for turn in served:
        allotted[turn.pledge_id] = allotted.get(turn.pledge_id, 0) + turn.quantity
    shared = handed(served, received, sharing=sharing)
    assert sum(shared.values()) == min(received, sum(allotted.values()))
    assert all(0 <= units <= allotted[pledge_id] for pledge_id, units in shared.items())


def test_turns_are_cut_to_what_was_given_and_hold_what_was_taken_over_last() -> None:
    asked = [Increment(1, 5, 2), Increment(2, 3, 0)]
    assert turns(asked, {1: 6, 2: 4}) == [Turn(1, 5), Turn(2, 3), Turn(1, 1, True), Turn(2, 1, True)]
    assert turns(asked, {1: 0}) == []


def test_nobody_pays_above_the_ceiling_and_the_hub_bears_the_rest() -> None:
    dearer = bill(goods_cents=2100, share_cents=150, ceiling_cents=2200, quantity=6)
    assert (dearer.total_cents, dearer.waived_cents) == (2200, 50)
    cheaper = bill(goods_cents=1800, share_cents=150, ceiling_cents=2200, quantity=6)
    assert (cheaper.total_cents, cheaper.waived_cents) == (1950, 0)


def test_who_gets_nothing_pays_nothing() -> None:
    empty = bill(goods_cents=0, share_cents=150, ceiling_cents=2200, quantity=0)
    assert (empty.total_cents, empty.waived_cents) == (0, 150)


CENTS = st.integers(0, 10**7)


@given(st.builds(Settlement, CENTS, CENTS, CENTS, CENTS, CENTS))
def test_a_settlement_balances_to_the_cent(settled: Settlement) -> None:
    paid_by = settled.members_cents + settled.leftovers_cents + settled.hub_cents
    assert paid_by == settled.supplier_cents + settled.transport_cents + settled.fees_cents


@pytest.mark.parametrize(
    ("standing", "step"),
    [
        (Standing("draft"), "open"),
        (Standing("collecting"), "collect"),
        (Standing("succeeded"), "order"),
        (Standing("ordered"), "receive"),
        (Standing("delivered", waiting=2, unpaid=3, left_over=1), "hand_out"),
        (Standing("delivered", unpaid=3, left_over=1), "leftovers"),
        (Standing("delivered", unpaid=3), "collect_dues"),
        (Standing("delivered"), "invoice"),
        (Standing("delivered", invoiced=True), "settle"),
        (Standing("closed"), ""),
        (Standing("failed"), ""),
    ],
)
def test_there_is_one_next_step(standing: Standing, step: str) -> None:
    assert next_step(standing) == step


def test_pledges_add_up_over_time() -> None:
    first = datetime(2026, 11, 2, 9, tzinfo=UTC)
    later = first + timedelta(days=1)
    points = over_time([(later, -500), (first, 2000), (first, 1000)])
    assert [(point.at, point.cents) for point in points] == [(first, 3000), (later, 2500)]
