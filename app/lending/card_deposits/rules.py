"""What is true of a deposit by card: whether it stands in for cash, and what is to be done with it now. Pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SHORT_DAYS = 5
"""From the first to the due day: a bank holds a sum so long and hardly longer."""
HELD_BEFORE = timedelta(hours=24)
"""So long before its first day the sum of a short loan is held."""
LAPSES_SOON = timedelta(hours=24)
"""A bank that would take back what it holds within this time is not waited for."""
UNDO_FOR = timedelta(minutes=10)
"""A return can be undone at the desk for so long: only then is the card given back."""
CLAIM_WITHIN = timedelta(days=30)
"""A card is kept so long after a return with damage, or a loss, for somebody to say what it comes to."""
ANSWER_WITHIN = timedelta(hours=72)
"""The borrower has so long to accept or contest; her bank, so long to hear from her."""
SETTLE_WITHIN = timedelta(days=30)
"""What was contested and nobody settles is dropped."""

CLAIM_STATES = ("open", "contested", "due", "dropped")

Taking = Literal["unasked", "asking", "waits", "paid", "refused"]
Step = Literal["hold", "let_go", "fall_due", "take", "stop", "end", "drop", "give_back", "nothing"]


@dataclass(frozen=True)
class Borrowed:
    """The loan. `starts_at`: when its first day begins; `ended_at`: when it came back, or was given up; `broken`: so that
    it needs mending; `cash`: the deposit was left at the counter after all."""

    status: str
    short: bool
    starts_at: datetime
    ended_at: datetime | None = None
    broken: bool = False
    cash: bool = False


@dataclass(frozen=True)
class Card:
    """What stands with the provider. `held_until`: a sum is held, and lapses then; `lapsed`: it has lapsed by itself, and
    nobody was told; `may_hold`: this card was not asked yet; `taking`: how it stands with what damage came to."""

    kept: bool
    may_hold: bool = True
    held_until: datetime | None = None
    lapsed: bool = False
    taking: Taking = "unasked"


@dataclass(frozen=True)
class Damage:
    """What is said to have been broken. `since`: when it was contested, or fell due; `owed`: it is not paid yet."""

    state: str
    answer_by: datetime
    since: datetime | None = None
    owed: bool = True


def is_short(days: int) -> bool:
    """Whether a loan of so many days, from the first to the due one, is one for a hold."""
    return days <= SHORT_DAYS


def secures(*, short: bool, kept: bool, held: bool, let_go: bool) -> bool:
    """Whether the card stands in for cash at the counter: a short loan's by a sum that is held, until that had to be let
    go; a longer one's by being kept."""
    return held or (kept and (not short or let_go))


def next_step(loan: Borrowed, card: Card, damage: Damage | None, *, now: datetime) -> Step:
    """What is to be done now; each step leads to a state in which it is not to be done again."""
    if damage is not None and damage.state == "due":
        return _of_what_is_due(card, damage, now=now)
    if damage is None or damage.state == "dropped":
        if damage is not None or _is_free(loan, now=now):
            return "give_back"
    elif damage.state == "open" and now >= damage.answer_by:
        return "fall_due"
    elif damage.state == "contested" and damage.since is not None and now >= damage.since + SETTLE_WITHIN:
        return "drop"
    if card.lapsed or (card.held_until is not None and card.held_until - now <= LAPSES_SOON):
        return "let_go"
    wanted = loan.status in ("reserved", "checked_out") and loan.short and not loan.cash
    if wanted and card.kept and card.may_hold and now >= loan.starts_at - HELD_BEFORE:
        return "hold"
    return "nothing"


def _of_what_is_due(card: Card, damage: Damage, *, now: datetime) -> Step:
    if card.taking == "asking":
        return "nothing"
    if card.taking == "waits" and damage.owed:
        over_time = damage.since is not None and now >= damage.since + ANSWER_WITHIN
        return "stop" if over_time else "nothing"
    if card.taking == "unasked" and damage.owed:
        return "take"
    return "end"


def _is_free(loan: Borrowed, *, now: datetime) -> bool:
    """Whether nothing is to be feared for the object any more, or cash stands in."""
    if loan.cash or loan.status in ("declined", "cancelled", "expired"):
        return True
    if loan.status not in ("returned", "lost") or loan.ended_at is None:
        return False
    in_order = loan.status == "returned" and not loan.broken
    return now >= loan.ended_at + (UNDO_FOR if in_order else CLAIM_WITHIN)
