"""What is true of an object that changes hubs. Pure functions on plain values."""

from datetime import date

from app.hubs.rules import OpenDays

WAITS = ("requested", "sent")
"""The statuses of a transfer that is not over."""


def misfits(days: OpenDays, *, first_day: date, due: date, member: bool) -> list[str]:
    """What a person has to decide about a reservation at its new place: days on which it is closed there, a borrower
    who does not belong there yet. Empty where it simply goes along."""
    found = []
    if not days.is_open(first_day):
        found.append("closed_first")
    if due != first_day and not days.is_open(due):
        found.append("closed_due")
    if not member:
        found.append("not_member")
    return found
