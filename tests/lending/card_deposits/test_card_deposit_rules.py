"""What is done with a deposit by card, and when: one table."""

from datetime import UTC, datetime, timedelta

import pytest

from app.lending.card_deposits.rules import (
    ANSWER_WITHIN,
    CLAIM_WITHIN,
    Borrowed,
    Card,
    Damage,
    next_step,
    secures,
)

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

RESERVED = Borrowed("reserved", True, NOW + 20 * HOUR)
LATER = Borrowed("reserved", True, NOW + 25 * HOUR)
LONG = Borrowed("reserved", False, NOW)
OUT = Borrowed("checked_out", True, NOW - DAY)
BACK = Borrowed("returned", True, NOW - DAY, NOW - 11 * timedelta(minutes=1))
JUST_BACK = Borrowed("returned", True, NOW - DAY, NOW - 9 * timedelta(minutes=1))
BROKEN = Borrowed("returned", True, NOW - DAY, NOW - DAY, broken=True)
LOST = Borrowed("lost", False, NOW - 50 * DAY, NOW - DAY)
KEPT, GONE = Card(True), Card(False)
REFUSED = Card(True, may_hold=False)
HELD = Card(True, may_hold=False, held_until=NOW + 2 * DAY)
ENDS = Card(True, may_hold=False, held_until=NOW + 23 * HOUR)
LAPSED = Card(True, may_hold=False, lapsed=True)
OPEN, SILENT = Damage("open", NOW + HOUR), Damage("open", NOW)
CONTESTED = Damage("contested", NOW, NOW - DAY)
FORGOTTEN = Damage("contested", NOW, NOW - 31 * DAY)
DUE = Damage("due", NOW, NOW)
OLD_DUE = Damage("due", NOW, NOW - ANSWER_WITHIN)
PAID = Damage("due", NOW, NOW, owed=False)
DROPPED = Damage("dropped", NOW)


def taking(how: str) -> Card:
    return Card(True, may_hold=False, taking=how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loan", "card", "damage", "step"),
    [
        (RESERVED, KEPT, None, "hold"),
        (RESERVED, GONE, None, "nothing"),
        (RESERVED, REFUSED, None, "nothing"),
        (RESERVED, HELD, None, "nothing"),
        (LATER, KEPT, None, "nothing"),
        (LONG, KEPT, None, "nothing"),
        (OUT, KEPT, None, "hold"),
        (OUT, HELD, None, "nothing"),
        (OUT, ENDS, None, "let_go"),
        (OUT, LAPSED, None, "let_go"),
        (Borrowed("checked_out", True, NOW, cash=True), HELD, None, "give_back"),
        (JUST_BACK, HELD, None, "nothing"),
        (BACK, HELD, None, "give_back"),
        (BACK, GONE, None, "give_back"),
        (BROKEN, HELD, None, "nothing"),
        (BROKEN, ENDS, None, "let_go"),
        (Borrowed("returned", True, NOW, NOW - CLAIM_WITHIN, broken=True), HELD, None, "give_back"),
        (LOST, KEPT, None, "nothing"),
        (Borrowed("lost", False, NOW, NOW - CLAIM_WITHIN), KEPT, None, "give_back"),
        *(
            (Borrowed(word, True, NOW), KEPT, None, "give_back")
            for word in ("cancelled", "expired", "declined")
        ),
        (BROKEN, HELD, OPEN, "nothing"),
        (BROKEN, ENDS, OPEN, "let_go"),
        (BROKEN, HELD, SILENT, "fall_due"),
        (BROKEN, HELD, CONTESTED, "nothing"),
        (BROKEN, HELD, FORGOTTEN, "drop"),
        (BROKEN, HELD, DROPPED, "give_back"),
        (BROKEN, HELD, DUE, "take"),
        (BROKEN, ENDS, DUE, "take"),
        (BROKEN, GONE, DUE, "take"),
        (BROKEN, taking("asking"), DUE, "nothing"),
        (BROKEN, taking("asking"), PAID, "nothing"),
        (BROKEN, taking("waits"), DUE, "nothing"),
        (BROKEN, taking("waits"), OLD_DUE, "stop"),
        (BROKEN, taking("waits"), PAID, "end"),
        (BROKEN, taking("paid"), PAID, "end"),
        (BROKEN, taking("refused"), DUE, "end"),
        (BROKEN, HELD, PAID, "end"),
    ],
)
def test_the_next_step(loan: Borrowed, card: Card, damage: Damage | None, step: str) -> None:
    assert next_step(loan, card, damage, now=NOW) == step


@pytest.mark.parametrize(
    ("short", "kept", "held", "let_go", "enough"),
    [
        (True, True, False, False, False),
        (True, True, True, False, True),
        (True, False, True, False, True),
        (True, True, False, True, True),
        (False, True, False, False, True),
        (False, False, False, False, False),
        (False, False, False, True, False),
    ],
)
def test_what_stands_in_for_cash(short: bool, kept: bool, held: bool, let_go: bool, enough: bool) -> None:
    assert secures(short=short, kept=kept, held=held, let_go=let_go) is enough
