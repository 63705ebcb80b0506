"""When a workshop is held: a rule, the wall clock of its hub, and how dates move when the rule changes. Pure functions on
plain values; a wall clock is a moment without a zone.

A rule is a small part of RRULE (RFC 5545): what neighbours repeat, and nothing that would hold a machine up.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

AHEAD: Final = timedelta(days=90)
"""How far a rule is made real."""
FARTHEST: Final = timedelta(days=731)
"""Later than so long after its first date nothing is planned: who still wants it then says so again."""
MOST_TIMES: Final = 400
LONGEST_TEXT: Final = 200
NEAR: Final = timedelta(days=3)
"""Where the rhythm itself changes, a date moves to another at most so far away."""

FREQUENCIES: Final[dict[str, Literal[1, 2, 3]]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
}
INTERVALS: Final = {"DAILY": 366, "WEEKLY": 52, "MONTHLY": 12}
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


class BadRule(Exception):
    """A rule that is not taken; `code` says why, as the rooms' sentences are named."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Rule:
    """How often. `days`: (which one of the month, weekday), the first empty for each; `until`: the last wall clock at
    which it may still be held."""

    frequency: str
    interval: int = 1
    days: tuple[tuple[int | None, int], ...] = ()
    position: int | None = None
    until: datetime | None = None

    @property
    def text(self) -> str:
        """As RRULE writes it."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.days:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{WEEKDAYS[day]}" for nth, day in self.days))
        if self.position is not None:
            parts.append(f"BYSETPOS={self.position}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%dT%H%M%S}")
        return ";".join(parts)

    @property
    def rhythm(self) -> tuple[str, int, int]:
        """Two rules with the same have their dates one for one."""
        return self.frequency, self.interval, max(1, len(self.days))


# -- reading a rule ---------------------------------------------------------------------------------------


def read(text: str, *, start: datetime, timezone: str) -> Rule:
    """The rule that a program sends, for a first date at the wall clock `start`; a number of times becomes the last of
    them. `BadRule` for what is not taken."""
    parts = _parts(text)
    rule = _rule(parts, timezone)
    if rule.until is not None and rule.until < start:
        raise BadRule("workshops.rule_ends_first")
    if next(iter(walls(rule, start, upto=start)), None) != start:
        raise BadRule("workshops.rule_starts_elsewhere")
    if "COUNT" in parts:
        times = list(islice(_endless(rule, start), _whole(parts["COUNT"], MOST_TIMES)))
        rule = replace(rule, until=times[-1])
    if rule.until is not None and rule.until > start + FARTHEST:
        raise BadRule("workshops.rule_too_long")
    return rule


def kept(text: str) -> Rule | None:
    """A rule that was taken before; None for a single date."""
    return _rule(_parts(text), "UTC") if text else None


def _parts(text: str) -> dict[str, str]:
    body = text.strip().upper().removeprefix("RRULE:")
    pairs = [part.partition("=") for part in body.split(";") if part]
    parts = {name: value for name, _, value in pairs}
    known = {"FREQ", "INTERVAL", "BYDAY", "BYSETPOS", "UNTIL", "COUNT"}
    if len(text) > LONGEST_TEXT or len(parts) != len(pairs) or not parts.keys() <= known:
        raise BadRule("workshops.rule_not_taken")
    if parts.get("FREQ") not in FREQUENCIES or {"UNTIL", "COUNT"} <= parts.keys():
        raise BadRule("workshops.rule_not_taken")
    return parts


def _rule(parts: dict[str, str], timezone: str) -> Rule:
    frequency = parts["FREQ"]
    interval = _whole(parts.get("INTERVAL", "1"), INTERVALS[frequency])
    days = tuple(_day(one) for one in parts["BYDAY"].split(",")) if "BYDAY" in parts else ()
    named = any(nth is not None for nth, _day_of_week in days)
    position = _position(parts["BYSETPOS"], len(days)) if "BYSETPOS" in parts else None
    if (
        len(set(days)) != len(days)
        or (named and frequency != "MONTHLY")
        or (days and frequency == "DAILY" and interval > 1)
        or (position is not None and (frequency != "MONTHLY" or named))
    ):
        raise BadRule("workshops.rule_not_taken")
    until = _until(parts["UNTIL"], timezone) if "UNTIL" in parts else None
    return Rule(frequency, interval, days, position, until)


def _whole(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise BadRule("workshops.rule_not_taken")
    if int(text) > most:
        raise BadRule("workshops.rule_too_long")
    return int(text)


def _day(text: str) -> tuple[int | None, int]:
    found = _DAY.fullmatch(text)
    if found is None:
        raise BadRule("workshops.rule_not_taken")
    return int(found[1]) if found[1] else None, WEEKDAYS.index(found[2])


def _position(text: str, days: int) -> int:
    """Each weekday comes four times in every month: within these the position is never empty."""
    if re.fullmatch(r"[+-]?\d{1,2}", text) is None or not 1 <= abs(int(text)) <= 4 * days:
        raise BadRule("workshops.rule_not_taken")
    return int(text)


def _until(text: str, timezone: str) -> datetime:
    found = _UNTIL.fullmatch(text)
    try:
        if found is None:
            raise BadRule("workshops.rule_not_taken")
        day = date.fromisoformat(found[1])
        at = time.fromisoformat(found[2]) if found[2] else time(23, 59, 59)
        end = datetime.combine(day, at)
        return wall(end.replace(tzinfo=UTC), timezone) if found[3] else end
    except (ValueError, OverflowError) as error:
        raise BadRule("workshops.rule_not_taken") from error


# -- dates ------------------------------------------------------------------------------------------------


def walls(
    rule: Rule | None, start: datetime, *, upto: datetime, after: datetime | None = None
) -> list[datetime]:
    """The wall clocks from `start` (or later than `after`) up to and with `upto`; without a rule, `start` alone, however
    far it is."""
    if rule is None:
        found = [start]
    else:
        end = min(upto, rule.until) if rule.until is not None else upto
        found = _dates(rule, start, until=end)
    return [at for at in found if after is None or at > after]


def _dates(rule: Rule, start: datetime, *, until: datetime) -> list[datetime]:
    return list(_recurring(rule, start, until)) if until >= start else []


def _endless(rule: Rule, start: datetime) -> "rrule.rrule":
    return _recurring(replace(rule, until=None), start, start + 40 * FARTHEST)


def _recurring(rule: Rule, start: datetime, until: datetime) -> "rrule.rrule":
    days = [rrule.weekday(day, nth) if nth else rrule.weekday(day) for nth, day in rule.days]
    return rrule.rrule(
        FREQUENCIES[rule.frequency],
        dtstart=start,
        interval=rule.interval,
        byweekday=days or None,
        bysetpos=rule.position,
        until=until,
    )


def instant(at: datetime, timezone: str) -> datetime:
    """The moment of a wall clock (UTC). One that is skipped when the clocks go forward is as much later; one that comes
    twice when they go back is the first of the two."""
    return at.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)


def wall(at: datetime, timezone: str) -> datetime:
    """What the clock on the wall shows at this moment, to the minute."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)


def zoned(at: datetime, timezone: str) -> datetime:
    """The same moment with the offset of its place."""
    return at.astimezone(ZoneInfo(timezone))


# -- plain choices ----------------------------------------------------------------------------------------

CHOICES: Final = ("once", "weekly", "fortnightly", "monthly")


def of_choice(choice: str, start: datetime, *, last_day: date | None) -> Rule | None:
    """The rule of a plain choice for a first date; monthly is the same weekday of the same week of the month, in its
    last week the last one."""
    until = datetime.combine(last_day, time(23, 59, 59)) if last_day else None
    match choice:
        case "weekly":
            return Rule("WEEKLY", days=((None, start.weekday()),), until=until)
        case "fortnightly":
            return Rule("WEEKLY", 2, ((None, start.weekday()),), until=until)
        case "monthly":
            return Rule("MONTHLY", days=((nth_of_month(start), start.weekday()),), until=until)
    return None


def nth_of_month(day: datetime) -> int:
    """Which of its weekday in the month: 1 to 4, or -1 for a fifth."""
    nth = (day.day + 6) // 7
    return nth if nth < 5 else -1


def choice_of(rule: Rule | None) -> str:
    """The plain choice that this rule is; "other" for what only a program can say."""
    if rule is None:
        return "once"
    match rule.frequency, rule.interval, rule.days, rule.position:
        case "WEEKLY", 1, (() | ((None, _),)), None:
            return "weekly"
        case "WEEKLY", 2, (() | ((None, _),)), None:
            return "fortnightly"
        case "MONTHLY", 1, ((int(), _),), None:
            return "monthly"
    return "other"


def moved(rule: Rule | None, was: datetime, start: datetime) -> Rule | None:
    """The same rhythm for dates of which the first moves from `was` to `start`: on other days where it names them."""
    if rule is None or was.date() == start.date():
        return rule
    choice = choice_of(rule)
    if choice != "other":
        return of_choice(choice, start, last_day=rule.until.date() if rule.until is not None else None)
    if rule.days:
        raise BadRule("workshops.rule_starts_elsewhere")
    return rule


def ending(rule: Rule, last: datetime) -> Rule:
    """The same rule up to this wall clock at most."""
    return replace(rule, until=last if rule.until is None else min(last, rule.until))


# -- dates that move --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moves:
    """What becomes of the dates of a series: `stay` maps old wall clocks to new ones, `fall_out` are those that the rule
    has no more, `new` are to be made."""

    stay: dict[datetime, datetime]
    fall_out: tuple[datetime, ...]
    new: tuple[datetime, ...]

    @property
    def in_order(self) -> list[tuple[datetime, datetime]]:
        """Old and new, one after another, so that none is moved to where another one still stands."""
        later = sorted(((old, new) for old, new in self.stay.items() if new > old), reverse=True)
        return later + sorted((old, new) for old, new in self.stay.items() if new < old)


def moves(
    old: Sequence[datetime],
    *,
    rule: Rule | None,
    start: datetime,
    upto: datetime,
    same_rhythm: bool,
) -> Moves:
    """Where these dates go when from `start` on another rule holds. With the same rhythm the first goes to the first, and
    so on, so that everybody keeps her turn; else each to the same day, or to the nearest that is free."""
    olds = sorted(old)
    news = _enough(rule, start, upto, len(olds) if same_rhythm else 0)
    stay = dict(zip(olds, news, strict=False)) if same_rhythm else _nearest(olds, news)
    return Moves(
        stay,
        tuple(one for one in olds if one not in stay),
        tuple(one for one in news if one not in set(stay.values())),
    )


def _enough(rule: Rule | None, start: datetime, upto: datetime, least: int) -> list[datetime]:
    """The dates up to `upto`, and beyond it while old ones are left to move there."""
    found = walls(rule, start, upto=upto)
    if rule is None or len(found) >= least:
        return found
    end = min(start + FARTHEST, rule.until) if rule.until is not None else start + FARTHEST
    return list(islice(_dates(rule, start, until=end), least))


def _nearest(olds: Sequence[datetime], news: Sequence[datetime]) -> dict[datetime, datetime]:
    """The first goes to the first; then each new date takes the old one of its day, else the nearest one that no other
    has a better right to; none crosses another."""
    days = {new.date() for new in news[1:]}
    stay = dict(zip(olds[:1], news[:1], strict=True)) if olds and news else {}
    left = list(olds[1:])
    for new in news[1:]:
        found = _closest(left, new, days)
        if found is not None:
            stay[left[found]] = new
            del left[: found + 1]
    return stay


def _closest(left: Sequence[datetime], new: datetime, days: Collection[date]) -> int | None:
    best: int | None = None
    for number, old in enumerate(left):
        if old.date() == new.date():
            return number
        if old.date() in days or old.date() > new.date() + NEAR:
            break
        if abs(old.date() - new.date()) <= NEAR and (best is None or abs(old - new) < abs(left[best] - new)):
            best = number
    return best
