"""What lending does when time passes. Each job works in short transactions, can be killed between any two of them,
and may run twice at once."""

from datetime import datetime
from functools import partial

from app.core.jobs import in_one, keep_going, through, until_empty
from app.lending.services import chasing, passing, reminding

BATCH = 100
REMINDED_AT_ONCE = 500
"""Reminders told in one transaction: enough to be fast, few enough that nobody waits for it."""


def expire_requests(*, now: datetime) -> int:
    """Requests that nobody answered end."""
    return until_empty(lambda: passing.expire_requests(now=now, limit=BATCH), BATCH)


def remind_owners(*, now: datetime) -> int:
    """Owners are reminded of requests after a day."""
    return until_empty(lambda: passing.remind_owners(now=now, limit=BATCH), BATCH)


def turn_pick_up_clocks(*, now: datetime) -> int:
    """Reservations that nobody collected are kept another day, then lapse."""
    return through(lambda after: passing.turn_pick_up_clocks(now=now, after_id=after, limit=BATCH))


def push_uncertain_claims(*, now: datetime) -> int:
    """What is overdue or in repair holds its object for another day; buffer days that passed are given back."""
    return (
        through(lambda after: passing.push_overdue(now=now, after_id=after, limit=BATCH))
        + through(lambda after: passing.push_repairs(now=now, after_id=after, limit=BATCH))
        + until_empty(lambda: passing.end_passed_claims(now=now, limit=BATCH), BATCH)
    )


def send_reminders(*, now: datetime) -> int:
    """Borrowers are told what must come back, coordinators what does not."""
    return until_empty(lambda: reminding.remind(now=now, limit=REMINDED_AT_ONCE), REMINDED_AT_ONCE)


def suspend_late(*, now: datetime) -> int:
    """Where a hub's terms say so, who is very late borrows no more until the object is back; a transaction a hub."""
    hub_ids = in_one(chasing.hubs_that_suspend)
    return sum(
        in_one(partial(chasing.suspend_late, hub_id=hub_id, now=now)) for hub_id in hub_ids if keep_going()
    )


def count_one_sided_hand_overs(*, now: datetime) -> int:
    """What only the giver said counts after a day."""
    return until_empty(lambda: passing.count_one_sided(now=now, limit=BATCH), BATCH)
