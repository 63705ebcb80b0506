"""What is true of money by hand: by what means it comes, how much at once, and until when a mistake is anybody's."""

from datetime import datetime, timedelta
from typing import Literal, get_args

from app.payments.ledger.rules import Account

Means = Literal["cash", "cheque", "transfer"]
MEANS: tuple[Means, ...] = get_args(Means)

MOST = 100_000_00
"""More cents than this nobody takes or gives by hand at once."""
MEND = timedelta(days=2)
"""So long a volunteer may reverse a receipt; later it is for the coordination."""


def till(means: str, hub_id: int) -> Account:
    """Where money that comes by these means lies."""
    return Account.cash(hub_id) if means == "cash" else Account.bank(hub_id)


def is_fresh(at: datetime, *, now: datetime) -> bool:
    """Whether a receipt of then may still be reversed by any volunteer."""
    return now - at < MEND
