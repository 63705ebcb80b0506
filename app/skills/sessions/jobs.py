"""What sessions do when time passes. Each job works in short transactions, can be killed between any two of them, and
may run twice at once."""

from datetime import datetime
from functools import partial

from app.core.jobs import in_one, keep_going, until_empty
from app.skills.sessions.services import passing

BATCH = 100


def close(*, now: datetime) -> int:
    """Requests that nobody answered end, silence becomes a yes, what nobody speaks of lapses; one after the other, for
    each holds two people and their accounts."""
    closed, last = 0, 0
    while keep_going() and (
        due := in_one(partial(passing.due_to_close, now=now, after_id=last, limit=BATCH))
    ):
        for session_id in due:
            if not keep_going():
                break
            closed += in_one(partial(passing.close, session_id, now=now))
        last = due[-1]
    return closed


def remind(*, now: datetime) -> int:
    """The two are told that it is tomorrow, soon, over."""
    return until_empty(lambda: passing.remind(now=now, limit=BATCH), BATCH)


def forget_words(*, now: datetime) -> int:
    """What was said, a year after the session."""
    return until_empty(lambda: passing.forget_words(now=now, limit=BATCH), BATCH)
