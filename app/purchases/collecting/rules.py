"""What is true while cards are asked: how each pledge stands, what comes next, and how a campaign ends without some of its
pledges. Pure functions."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.purchases.rules import Bought, Goods, Increment, Outcome, Terms, bills, given

How = Literal["unasked", "asking", "secured", "refused", "waits"]
Step = Literal["ask", "wait", "succeed", "hold", "give_up", "without_them"]
CHOICES = ("cover", "offer", "remove", "cancel")

BY_HAND = frozenset({"at_the_counter", "too_small"})
"""Why a card cannot be used at all: such a pledge is paid at the counter, like any other there."""


@dataclass(frozen=True)
class Card:
    """How the card of one pledge stands. `attempt_id`: the last time it was asked."""

    pledge_id: int
    how: How
    attempt_id: int | None = None


def how(status: str | None, *, over: bool, newer_card: bool, enough: bool) -> How:
    """How a card stands that was last asked with this `status`. `over`: what was held is held no longer; `newer_card`:
    another one was left since; `enough`: what is held bears what is to be paid."""
    if status is None or (status == "succeeded" and over) or (status == "declined" and newer_card):
        return "unasked"
    if status == "succeeded":
        return "secured" if enough else "refused"
    if status == "declined":
        return "refused"
    return "waits" if status == "requires_action" else "asking"


def next_step(cards: Collection[Card], *, enough: bool, decide_by: datetime | None, now: datetime) -> Step:
    """What happens next. `enough`: whether what is secured reaches the minimum without those whose card was refused.

    Over time, whoever has not paid is left out where the others reach the minimum; where they do not, all are free."""
    states = {card.how for card in cards}
    over_time = decide_by is not None and now >= decide_by
    if states <= {"secured"}:
        return "succeed"
    if over_time:
        return "without_them" if enough else "give_up"
    if "unasked" in states:
        return "ask"
    return "wait" if "asking" in states else "hold"


def offered(
    terms: Terms,
    goods: Sequence[Goods],
    fixed: Mapping[int, tuple[int, int]],
    increments: Mapping[int, Sequence[Increment]],
    ceilings: Mapping[int, int],
    *,
    without: Collection[int],
) -> Outcome:
    """The units of those who are left out go to the others, as far as they would take more; the rest is the hub's.
    `fixed`: packs and price of each product, as they were decided. Nobody pays above her ceiling."""
    goods_cents: Counter[int] = Counter()
    weights: dict[int, int] = {pledge: 0 for pledge in ceilings if pledge not in without}
    bought = []
    for product in goods:
        packs, price = fixed[product.id]
        dated = [one for one in increments.get(product.id, ()) if one.pledge in weights]
        shared = given(packs * product.pack_size, dated, sharing=terms.sharing)
        bought.append(Bought(product, packs, price, shared))
        for pledge, count in shared.items():
            goods_cents[pledge] += count * price
            weights[pledge] += count * product.dearest
    return Outcome(
        bought=bought,
        bills=bills(goods_cents, weights, terms.shared_cents, ceilings),
        secured_cents=sum(one.secured_cents for one in bought),
        minimum_cents=terms.minimum_cents,
    )
