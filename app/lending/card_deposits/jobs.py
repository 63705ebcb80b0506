"""What time does to deposits by card: holds begin and end, answers run out, cards are given back."""

from datetime import datetime
from functools import partial

from app.core.db import db
from app.core.jobs import in_one, keep_going
from app.lending.card_deposits import services
from app.lending.card_deposits.standing import live_ids, standing_of

BATCH = 200


def keep_deposits(*, now: datetime) -> int:
    """Take the next step of each that has one: found without holding anything, taken in a transaction of its own; how
    many."""
    done, after_id = 0, 0
    while keep_going() and (ids := live_ids(after_id=after_id, limit=BATCH)):
        waiting = [found.loan.id for found in standing_of(ids) if found.step(now=now) != "nothing"]
        db.session.rollback()
        for loan_id in waiting:
            if keep_going():
                done += in_one(partial(services.keep, loan_id=loan_id, now=now)) != "nothing"
        after_id = ids[-1]
    return done
