"""Whose turn it is, until when it is kept, and when it may be back. Pure functions on plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.items.rules import Taken
from app.lending.rules import ONE_DAY, Terms

LAPSES_ALLOWED = 1
"""How often nobody may come for what was kept aside; the next time the place is lost."""
MAY_PASS = ("lending.overdue_elsewhere", "lending.too_many", "lending.queue")
"""Blockers that can be settled before one's turn comes: they do not keep anybody from waiting."""
PAST_LOANS = 20
"""The latest loans of an object that tell how long it is usually away."""
FEWEST_PAST = 3
"""With fewer loans behind it, nobody can say what is usual."""
MOSTLY = 0.8
"""The share of past loans that were back by the day that is named."""
FORESEEN = timedelta(days=120)
"""Further ahead nothing is named: it would be a guess."""


@dataclass(frozen=True)
class Standing:
    """One place, as the line sees it. `skipped`: suspended where the object is kept."""

    id: int
    resident_id: int
    turn: int
    ready: bool = False
    passed_at: datetime | None = None
    skipped: bool = False

    def sleeps(self, in_house_since: datetime | None) -> bool:
        """Whether this turn was left to others, and the object has not been away since."""
        return self.passed_at is not None and in_house_since is not None and self.passed_at >= in_house_since


def awake(line: Sequence[Standing], *, in_house_since: datetime | None) -> list[Standing]:
    """Those who wait now, in order: neither suspended, nor asleep. `in_house_since`: None while it is away."""
    return [one for one in line if not one.skipped and not one.sleeps(in_house_since)]


def before(line: Sequence[Standing], resident_id: int, *, in_house_since: datetime | None) -> int:
    """How many wait before this resident, who may not stand in the line at all; nobody is before whom it is kept for."""
    own = next((one for one in line if one.resident_id == resident_id), None)
    if own is not None and own.ready:
        return 0
    return sum(
        own is None or one.turn < own.turn
        for one in awake(line, in_house_since=in_house_since)
        if one.resident_id != resident_id
    )


def kept_until(terms: Terms, taken: Sequence[Taken], *, today: date) -> date | None:
    """The last day on which it is kept aside from today on: some days, to an open one, or up to the next dated claim
    where enough days fit before it. None where it cannot be kept now."""
    if any(one.first_day <= today for one in taken):
        return None
    last = today + timedelta(days=terms.policy.ready_days)
    last = terms.days.next_open(last) or last
    following = min((one.first_day for one in taken), default=None)
    if following is None or following > last:
        return last
    if (following - today).days < terms.policy.min_days_before_claim:
        return None
    return terms.days.last_open(following - ONE_DAY, not_before=today)


# -- when it may be back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Away:
    """What is known of an object that is out. `due`: when it should be back."""

    out_since: date
    due: date


@dataclass(frozen=True)
class Likely:
    """The day by which it is mostly free for somebody. `usual`: told by past loans; else only by the day it is due."""

    day: date
    usual: bool


def likely(
    terms: Terms,
    taken: Sequence[Taken],
    *,
    past: Sequence[int],
    away: Away | None,
    ahead: int,
    today: date,
) -> Likely | None:
    """By when it is mostly there for somebody with `ahead` people before; None where nobody can say: it is late, its
    end is uncertain, or the day is too far. `past`: for how many days its latest loans took it."""
    known = len(past) >= FEWEST_PAST
    usual = sorted(past)[min(len(past) - 1, int(len(past) * MOSTLY))] if known else terms.usual_days
    start = today
    if away is not None:
        if away.due < today:
            return None
        mostly_back = away.out_since + timedelta(days=usual)
        start = mostly_back if known and today < mostly_back < away.due else away.due
    elif any(one.uncertain and one.first_day <= today for one in taken):
        return None
    coming = [one for one in taken if away is None or one.first_day > today]
    day = _room_from(terms, coming, start)
    for _ in range(ahead):
        day = _room_from(terms, coming, day + timedelta(days=usual) + terms.margin)
    return Likely(day, known) if day - today <= FORESEEN else None


def _room_from(terms: Terms, coming: Sequence[Taken], day: date) -> date:
    """The first day from `day` on with enough free days behind it."""
    for one in sorted(coming, key=lambda claim: claim.first_day):
        if one.end_day > day and (one.first_day - day).days < terms.policy.min_days_before_claim:
            day = one.end_day
    return day
