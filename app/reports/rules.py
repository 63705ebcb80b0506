"""What can be reported, and how often: plain values."""

import re
from datetime import timedelta

REASONS = ("unsafe", "not_as_described", "offensive", "forbidden", "scam", "other")
TEXT_LONGEST = 2000
NOTE = (3, 1000)
MOST_A_DAY = 10
DAY = timedelta(days=1)
_SUBJECT = re.compile(r"(?:item:|/?items/)([0-9]{1,9})")


def item_named(subject: str) -> int | None:
    """The number of the object that "item:12", or the path of its page, names; None for anything else."""
    found = _SUBJECT.fullmatch(subject.strip())
    return int(found[1]) if found else None


def needs_words(reason: str) -> bool:
    """Whether the reason alone says too little."""
    return reason == "other"
