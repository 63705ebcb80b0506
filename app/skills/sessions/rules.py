"""When a session may be, whose turn it is, what counts and when it ends by itself. Pure functions on plain values:
moments are aware, minutes whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Side = Literal["giver", "learner"]
Said = Literal["again", "waits", "agreed", "differs", "refused"]

STATUSES = (
    "asked",
    "accepted",
    "confirmed",
    "disputed",
    "declined",
    "cancelled",
    "expired",
    "lapsed",
    "dismissed",
)
OPEN = ("asked", "accepted", "disputed")
"""Statuses in which somebody still has something to do or to wait for."""
PLACES = ("hub", "home", "online")

SHORTEST, LONGEST = 5, 600
"""Minutes of one session."""
MOST_TIMES = 3
AHEAD = timedelta(days=180)
"""Further ahead nobody makes an appointment with a neighbour."""
ANSWER_WITHIN = timedelta(days=7)
FREE_UNTIL = timedelta(hours=24)
"""Called off later than this before it begins, it is written as late."""
SILENCE = timedelta(days=7)
"""After one has said how long it was, the other one's silence is a yes from then on."""
NOBODY = timedelta(days=14)
"""When neither says anything for so long after the end, it lapses."""


@dataclass(frozen=True)
class Standing:
    """A session, as the rules see it. `proposed_by_id`: whose times wait for an answer; `giver_minutes` and
    `learner_minutes`: how long it was, as each has said; `first_said_at`: when the first of them did."""

    giver_id: int
    learner_id: int
    status: str
    minutes: int
    proposed_by_id: int | None = None
    proposed_at: datetime | None = None
    times: tuple[datetime, ...] = ()
    starts_at: datetime | None = None
    agreed_at: datetime | None = None
    giver_minutes: int | None = None
    learner_minutes: int | None = None
    first_said_at: datetime | None = None
    moved: int | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it would be over."""
        return None if self.starts_at is None else self.starts_at + timedelta(minutes=self.minutes)

    def side(self, resident_id: int) -> Side | None:
        """Which of the two somebody is; None for everybody else."""
        if resident_id == self.giver_id:
            return "giver"
        return "learner" if resident_id == self.learner_id else None

    def other(self, resident_id: int) -> int:
        """The other one of the two."""
        return self.learner_id if resident_id == self.giver_id else self.giver_id

    def said_by(self, side: Side) -> int | None:
        """How long it was, as this one has said."""
        return self.giver_minutes if side == "giver" else self.learner_minutes

    @property
    def said(self) -> bool:
        """Whether one of them has said how long it was."""
        return self.giver_minutes is not None or self.learner_minutes is not None

    def begun(self, now: datetime) -> bool:
        """Whether its time has come."""
        return self.starts_at is not None and self.starts_at <= now

    def over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.ends_at is not None and self.ends_at <= now


def state(standing: Standing, now: datetime) -> str:
    """How it stands, in one word: what was accepted and whose time has passed was `held`, until they say how long."""
    return "held" if standing.status == "accepted" and standing.over(now) else standing.status


def waits_for(standing: Standing, now: datetime) -> tuple[int, ...]:
    """Who has something to do now: answer to times, or say how long it was."""
    if standing.status == "accepted" and standing.over(now):
        return tuple(
            person
            for person, said in (
                (standing.giver_id, standing.giver_minutes),
                (standing.learner_id, standing.learner_minutes),
            )
            if said is None
        )
    if answerable(standing, now):
        return (standing.other(standing.proposed_by_id or 0),)
    return ()


def answerable(standing: Standing, now: datetime) -> bool:
    """Whether times wait for an answer: of a request, or to move what was agreed while that has not begun."""
    if standing.proposed_by_id is None:
        return False
    return standing.status == "asked" or (standing.status == "accepted" and not standing.begun(now))


def closes_at(standing: Standing) -> datetime | None:
    """When it ends by itself: a request that nobody answers, a session of which only one or nobody says a word."""
    if standing.status == "asked" and standing.proposed_at is not None:
        return min([standing.proposed_at + ANSWER_WITHIN, *([max(standing.times)] if standing.times else [])])
    if standing.status != "accepted" or standing.ends_at is None:
        return None
    if standing.first_said_at is not None:
        return max(standing.first_said_at, standing.ends_at) + SILENCE
    return standing.ends_at + NOBODY


def counts_by_silence(standing: Standing) -> int | None:
    """The minutes that count when the other one says nothing: what one has said, at most what was agreed."""
    said = standing.giver_minutes if standing.giver_minutes is not None else standing.learner_minutes
    return None if said is None else min(said, standing.minutes)


def confirming(standing: Standing, side: Side, minutes: int) -> Said:
    """What it means when this one says that it was so long. `again`: as said before; `waits`: the other one has not
    said yet; `agreed`: both say the same; `differs`: they do not; `refused`: said otherwise before, or over."""
    own = standing.said_by(side)
    other = standing.said_by("learner" if side == "giver" else "giver")
    if standing.status == "confirmed":
        return "again" if minutes in (standing.moved, own) else "refused"
    if standing.status not in ("accepted", "disputed"):
        return "refused"
    if minutes == other:
        return "agreed"
    if own is not None:
        return "again" if minutes == own else "refused"
    return "waits" if other is None else "differs"


# -- times ------------------------------------------------------------------------------------------------


def moment_at(day: date, clock: time, zone: str) -> datetime | None:
    """This wall-clock time in this zone. None where the clock jumps over it; where it comes twice, the first one."""
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    there = moment.astimezone(ZoneInfo(zone))
    return moment if there.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def fault_of_time(start: datetime, *, now: datetime) -> str | None:
    """The code of what is wrong with a time, whoever proposes it."""
    if start <= now:
        return "sessions.past"
    return "sessions.too_far" if start - now > AHEAD else None


class Span(NamedTuple):
    """A stretch of time, its end not included."""

    starts_at: datetime
    ends_at: datetime


def overlaps(start: datetime, minutes: int, taken: Iterable[Span]) -> bool:
    """Whether a session from `start` on would meet one of these."""
    end = start + timedelta(minutes=minutes)
    return any(one.starts_at < end and start < one.ends_at for one in taken)


def late(standing: Standing, now: datetime) -> bool:
    """Whether calling it off now is late."""
    return (
        standing.status == "accepted"
        and standing.starts_at is not None
        and standing.starts_at - now < FREE_UNTIL
    )


# -- reminders --------------------------------------------------------------------------------------------


class Level(NamedTuple):
    """One moment at which somebody is reminded, and the word of what is said then."""

    name: str
    at: datetime


def levels(standing: Standing) -> list[Level]:
    """When the two are reminded, in order: to answer, that it is tomorrow, that it is soon, to say how long it was."""
    if standing.status == "asked" and standing.proposed_at is not None:
        return [Level("answer", standing.proposed_at + timedelta(hours=24))]
    if standing.status != "accepted" or standing.starts_at is None or standing.ends_at is None:
        return []
    found = [
        Level("tomorrow", standing.starts_at - timedelta(hours=24)),
        Level("soon", standing.starts_at - timedelta(hours=2)),
        Level("say", standing.ends_at),
        Level("say_still", standing.ends_at + timedelta(days=3)),
    ]
    return [level for level in found if standing.agreed_at is None or level.at > standing.agreed_at]


def next_level(found: Sequence[Level], now: datetime) -> datetime | None:
    """When the next reminder is due."""
    return next((level.at for level in found if level.at > now), None)


def due_level(found: Sequence[Level], now: datetime) -> Level | None:
    """The reminder that is due; of several that were missed, the last."""
    return next((level for level in reversed(found) if level.at <= now), None)
