"""What happens to loans."""

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
    """Nobody answered (`unanswered`), or nobody came for it (`not_collected`), or it was not there (`not_in_house`)."""

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


@dataclass(frozen=True)
class LoanCheckOutUndone(Event):
    """It had not left after all."""

    loan_id: int


@dataclass(frozen=True)
class LoanReturned(Event):
    """The object is back. `days_late` in civil days, 0 when on time; `condition` as the volunteer saw it."""

    loan_id: int
    days_late: int
    condition: str


@dataclass(frozen=True)
class LoanReturnUndone(Event):
    """It had not come back after all."""

    loan_id: int


@dataclass(frozen=True)
class LoanRenewed(Event):
    """Longer, until `due`."""

    loan_id: int
    due: date


@dataclass(frozen=True)
class LoanDueMoved(Event):
    """The hub closes on the due day: it moves to `due`."""

    loan_id: int
    due: date


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
