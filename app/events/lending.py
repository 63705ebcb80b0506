"""What happens to loans. `line_id` is the line of the loan's history: what is done, undone and done again is told by
its own line each time."""

from dataclasses import dataclass
from datetime import date, datetime

from app.events.base import Event


@dataclass(frozen=True)
class LoanRequested(Event):
    """A neighbour's object was asked for; its owner has until `answer_by`."""

    loan_id: int
    answer_by: datetime


@dataclass(frozen=True)
class LoanReserved(Event):
    """The days are taken: at once at a hub, or because the owner said yes (`approved`)."""

    loan_id: int
    approved: bool


@dataclass(frozen=True)
class LoanDeclined(Event):
    """The owner said no, with a word or without."""

    loan_id: int
    why: str


@dataclass(frozen=True)
class LoanCancelled(Event):
    """One of the two, or the hub, called it off before the hand-over."""

    loan_id: int
    by_id: int


@dataclass(frozen=True)
class LoanExpired(Event):
    """Nobody answered (`unanswered`), or nobody came for it (`not_collected`), or it was not there (`not_in_house`), or
    it could not be mended (`not_mended`)."""

    loan_id: int
    why: str


@dataclass(frozen=True)
class LoanPickUpExtended(Event):
    """Not collected on its first day: kept until the end of `until`."""

    loan_id: int
    until: date


@dataclass(frozen=True)
class LoanCheckedOut(Event):
    """The object left in the borrower's hands."""

    loan_id: int
    line_id: int


@dataclass(frozen=True)
class LoanCheckOutUndone(Event):
    """It had not left after all: the line `line_id` no longer holds."""

    loan_id: int
    line_id: int


@dataclass(frozen=True)
class LoanReturned(Event):
    """The object is back. `days_late` in civil days, 0 when on time; `condition` as the volunteer saw it."""

    loan_id: int
    line_id: int
    days_late: int
    condition: str


@dataclass(frozen=True)
class LoanReturnUndone(Event):
    """It had not come back after all: the line `line_id` no longer holds."""

    loan_id: int
    line_id: int


@dataclass(frozen=True)
class LoanRenewed(Event):
    """Longer, until `due`."""

    loan_id: int
    line_id: int
    due: date


@dataclass(frozen=True)
class LoanDueMoved(Event):
    """The hub closes on the due day: it moves to `due`."""

    loan_id: int
    line_id: int
    due: date


@dataclass(frozen=True)
class LoanDaysChanged(Event):
    """What was asked for or reserved is wanted on other days; where the owner must agree, the loan waits for her."""

    loan_id: int
    line_id: int
    by_id: int


@dataclass(frozen=True)
class LoansMoved(Event):
    """The hub closes on days of these loans of one borrower: they have others now. `lines` are those of their
    histories that say so."""

    borrower_id: int
    hub_id: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class LoanGiven(Event):
    """One of two neighbours says that the object changed hands (`back`: that it was given back); without a word of
    the other one it counts at `counts_at`."""

    loan_id: int
    line_id: int
    back: bool
    counts_at: datetime


@dataclass(frozen=True)
class LoanGivingContested(Event):
    """The other neighbour has not received it (`back`: not got it back)."""

    loan_id: int
    line_id: int
    back: bool


@dataclass(frozen=True)
class LoanOverdue(Event):
    """The due day has passed and somebody may be waiting for what is next on its calendar."""

    loan_id: int


@dataclass(frozen=True)
class LoanLost(Event):
    """A coordinator decided, after 30 days, that it will not come back."""

    loan_id: int


@dataclass(frozen=True)
class RepairOpened(Event):
    """It came back damaged or incomplete."""

    ticket_id: int
    loan_id: int | None
    condition: str


@dataclass(frozen=True)
class RepairMoved(Event):
    """Something was done about it, written down in the step `step_id`; from then on it is in `state`."""

    ticket_id: int
    step_id: int
    state: str
