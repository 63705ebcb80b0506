"""What lending does when time passes. Each job works in short transactions, can be killed between any two of them,
and may run twice at once."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from app.core.db import retrying, transaction
from app.core.jobs import keep_going
from app.lending.services import chasing, passing, reminding

T = TypeVar("T")

BATCH = 100
REMINDED_AT_ONCE = 500
"""Reminders told in one transaction: enough to be fast, few enough that nobody waits for it."""


def expire_requests(*, now: datetime) -> int:
    """Requests that nobody answered end."""
    return _until_empty(lambda: passing.expire_requests(now=now, limit=BATCH), BATCH)


def remind_owners(*, now: datetime) -> int:
    """Owners are reminded of requests after a day."""
    return _until_empty(lambda: passing.remind_owners(now=now, limit=BATCH), BATCH)


def turn_pick_up_clocks(*, now: datetime) -> int:
    """Reservations that nobody collected are kept another day, then lapse."""
    return through(lambda after: passing.turn_pick_up_clocks(now=now, after_id=after, limit=BATCH))


def push_uncertain_claims(*, now: datetime) -> int:
    """What is overdue or in repair holds its object for another day; buffer days that passed are given back."""
    return (
        through(lambda after: passing.push_overdue(now=now, after_id=after, limit=BATCH))
        + through(lambda after: passing.push_repairs(now=now, after_id=after, limit=BATCH))
        + _until_empty(lambda: passing.end_passed_claims(now=now, limit=BATCH), BATCH)
    )


def send_reminders(*, now: datetime) -> int:
    """Borrowers are told what must come back, coordinators what does not."""
    return _until_empty(lambda: reminding.remind(now=now, limit=REMINDED_AT_ONCE), REMINDED_AT_ONCE)


def suspend_late(*, now: datetime) -> int:
    """Where a hub's terms say so, who is very late borrows no more until the object is back; a transaction a hub."""
    hub_ids = retrying(partial(_in_transaction, chasing.hubs_that_suspend))
    return sum(
        retrying(partial(_in_transaction, partial(chasing.suspend_late, hub_id=hub_id, now=now)))
        for hub_id in hub_ids
        if keep_going()
    )


def count_one_sided_hand_overs(*, now: datetime) -> int:
    """What only the giver said counts after a day."""
    return _until_empty(lambda: passing.count_one_sided(now=now, limit=BATCH), BATCH)


def _until_empty(batch: Callable[[], int], full: int) -> int:
    """Batch after batch, a transaction each, until one is not full; how many things were looked at."""
    total, count = 0, full
    while count >= full and keep_going():
        count = retrying(partial(_in_transaction, batch))
        total += count
    return total


def through(batch: Callable[[int], passing.Done]) -> int:
    """Batch after batch along the numbers, a transaction each; how many things were done."""
    total, after_id = 0, 0
    while keep_going():
        done = retrying(partial(_in_transaction, partial(batch, after_id)))
        total += done.count
        if done.after_id is None:
            break
        after_id = done.after_id
    return total


def _in_transaction(batch: Callable[[], T]) -> T:
    with transaction():
        return batch()
