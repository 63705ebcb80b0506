"""What is true of attempts with a card: their states, which only go forward, and when they are tried again."""

from datetime import datetime, timedelta

KINDS = ("save", "authorize", "charge", "capture", "release", "refund", "forget")
STATUSES = ("planned", "unknown", "processing", "requires_action", "succeeded", "declined")
ENDED = ("succeeded", "declined")
TAKING = ("authorize", "charge")
"""What asks a card for money of its own accord; captures and the rest stand on one of these."""

_RANK = {"planned": 0, "unknown": 1, "processing": 2, "requires_action": 2, "succeeded": 3, "declined": 3}

LEASE = timedelta(seconds=90)
"""Longer than the provider is waited for; who died with an attempt in hand is followed after it."""
BLIND = timedelta(hours=23)
"""The provider remembers a key for a day: so long the same words may be said again without looking first."""
SOONEST = timedelta(seconds=5)
LATEST = timedelta(hours=1)
LOOKS = timedelta(minutes=15)
"""How soon one looks for what only the member or her bank can go on with; their word usually comes first."""
LOOKS_AT_LEAST = timedelta(hours=3)
CARD_AWAITED = timedelta(days=1)
CARD_KEPT = timedelta(days=4, hours=12)
"""How long an authorisation holds where the provider does not say: some banks let go after less than five days."""


def goes_forward(before: str, after: str) -> bool:
    """Whether a state may follow: what has ended stays so, and what is known is not forgotten."""
    return before not in ENDED and after != before and _RANK[after] >= _RANK[before]


def next_try(status: str, tries: int, *, now: datetime) -> datetime | None:
    """When an attempt is looked at again: soon at first, then less and less often; None when it has ended."""
    if status in ENDED:
        return None
    if status == "requires_action":
        return now + min(LOOKS * (1 << min(tries, 5)), LOOKS_AT_LEAST)
    return now + min(SOONEST * (1 << min(tries, 12)), LATEST)


def look_first(first_sent_at: datetime | None, *, now: datetime) -> bool:
    """Whether the provider may have forgotten the key: then one asks what became of it before saying it again."""
    return first_sent_at is not None and now - first_sent_at >= BLIND


def abandoned(kind: str, outcome: str, since: datetime, *, now: datetime) -> bool:
    """Whether nobody will give the card any more that was to be kept."""
    return kind == "save" and outcome == "requires_action" and now - since >= CARD_AWAITED


def left_to_refund(captured: int, refunds: list[int]) -> int:
    """What of a captured sum has not gone back and is not on its way back."""
    return captured - sum(refunds)
