"""When a mail may leave, how long a sender waits before it tries again, and what of a telling is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

QUIET_FROM = time(20)
QUIET_UNTIL = time(9)
"""Mail does not disturb the evening: local times of the hub."""

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
    timedelta(hours=6),
)
TRIES = 8
"""After so many refusals a mail waits for a steward."""


@dataclass(frozen=True)
class Telling:
    """One thing to tell one resident, once per `key`.

    `kind` ("lending.reserved") names the sentence `tell.<kind>` and the folder of its mail; `params` are plain
    values, days and moments included; `path` is where it is settled ("/loans/12"). `not_before` holds the mail
    back, `timezone` is the hub's (the installation's where None), `urgent` ignores its quiet hours: what is due
    the same day, and answers to one's own act.
    """

    resident_id: int
    kind: str
    params: Mapping[str, Any]
    path: str
    key: str
    not_before: datetime | None = None
    mail: bool = True
    urgent: bool = False
    timezone: str | None = None


def out_of_quiet_hours(moment: datetime, timezone: str) -> datetime:
    """`moment` itself where the day is awake in `timezone`, else the morning that follows."""
    here = moment.astimezone(ZoneInfo(timezone))
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return moment
    morning = here.date() + timedelta(days=1 if here.time() >= QUIET_FROM else 0)
    return datetime.combine(morning, QUIET_UNTIL, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def next_try(attempts: int, *, now: datetime) -> datetime | None:
    """When a mail that was refused for the `attempts`-th time leaves again; None where it is given up."""
    if attempts >= TRIES:
        return None
    return now + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]


_PLAIN = frozenset({str, int, float, bool, type(None)})


def kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` as JSON keeps them; days, moments and times of day are marked, so that `told` finds them again."""
    return {name: value if type(value) in _PLAIN else _kept(value) for name, value in params.items()}


def told(params: Mapping[str, Any]) -> dict[str, Any]:
    """What `kept` was given."""
    return {name: _told(value) for name, value in params.items()}


def _kept(value: Any) -> Any:
    match value:
        case str() | int() | float() | None:
            return value
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case Mapping():
            return kept(value)
        case list() | tuple():
            return [_kept(entry) for entry in value]
        case _:
            return str(value)  # a sentence that waits for its language (LazyString) is written as it stands


def _told(value: Any) -> Any:
    match value:
        case {"moment": str(moment), **rest} if not rest:
            return datetime.fromisoformat(moment)
        case {"day": str(day), **rest} if not rest:
            return date.fromisoformat(day)
        case {"time": str(clock), **rest} if not rest:
            return time.fromisoformat(clock)
        case Mapping():
            return told(value)
        case list():
            return [_told(entry) for entry in value]
        case _:
            return value
