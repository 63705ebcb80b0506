"""What happens to sessions between two neighbours. `line_id`: the line of the session's history, so that the same thing
happening twice is told twice."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class SessionAsked(Event):
    """Somebody asks for a session."""

    session_id: int
    line_id: int


@dataclass(frozen=True)
class SessionTimesProposed(Event):
    """One of the two would rather have it at another time."""

    session_id: int
    line_id: int
    by_id: int


@dataclass(frozen=True)
class SessionAccepted(Event):
    """A time is agreed, by the one who had to answer."""

    session_id: int
    line_id: int
    by_id: int


@dataclass(frozen=True)
class SessionDeclined(Event):
    """No to a request; or to other times (`kept`), and what was agreed stands."""

    session_id: int
    line_id: int
    by_id: int
    kept: bool


@dataclass(frozen=True)
class SessionCancelled(Event):
    """One of the two called it off; `late`: less than a day before it was to begin."""

    session_id: int
    line_id: int
    by_id: int
    late: bool


@dataclass(frozen=True)
class SessionSaid(Event):
    """One has said how long it was; the other one has not yet."""

    session_id: int
    line_id: int
    by_id: int


@dataclass(frozen=True)
class SessionConfirmed(Event):
    """The minutes have moved. `by_id` is empty where silence was the yes."""

    session_id: int
    line_id: int
    by_id: int | None


@dataclass(frozen=True)
class SessionDisputed(Event):
    """They do not agree; nothing moves until it is settled."""

    session_id: int
    line_id: int
    by_id: int


@dataclass(frozen=True)
class SessionEnded(Event):
    """It is over and nothing moved: `status` is expired (no answer), lapsed (nobody said how long it was) or dismissed
    (settled with nothing)."""

    session_id: int
    line_id: int
    status: str
