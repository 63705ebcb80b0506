"""What is true of scans that come late. Pure."""

from datetime import datetime

from app.lending.rules import CLOCKS_DIFFER_BY, SCANS_KEPT_FOR


def can_be_dated(at: datetime, *, now: datetime) -> bool:
    """Whether the counter takes a scan of this moment: not from the future, not too old."""
    return now - SCANS_KEPT_FOR <= at <= now + CLOCKS_DIFFER_BY
