"""What happens around workshops. Moments tell apart what can happen twice."""

from dataclasses import dataclass
from datetime import datetime

from app.events.base import Event


@dataclass(frozen=True)
class WorkshopRegistered(Event):
    """Somebody comes (or waits for a place): by her own hand, or by a volunteer's."""

    attendee_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopLeft(Event):
    """She does not come after all; `by_id` says who wrote it down."""

    attendee_id: int
    by_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopPlaceOffered(Event):
    """A place has become free, and is hers until then."""

    attendee_id: int
    until: datetime


@dataclass(frozen=True)
class WorkshopPlaceAnswered(Event):
    """She took it or left it: nobody needs to be told of it any more."""

    attendee_id: int


@dataclass(frozen=True)
class WorkshopPlaceLapsed(Event):
    """She did not answer in time: it went to the next one."""

    attendee_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopPlaceTakenBack(Event):
    """Whoever had left came back at once: the place that was offered is hers again. The line stands as before."""

    attendee_id: int
    offered_at: datetime


@dataclass(frozen=True)
class WorkshopsChanged(Event):
    """Dates of one series that are held at another time, or by somebody else, since `at`."""

    workshop_ids: tuple[int, ...]
    by_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopsCancelled(Event):
    """These dates of one series are not held."""

    workshop_ids: tuple[int, ...]
    by_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopRestored(Event):
    """It is held after all."""

    workshop_id: int
    by_id: int
    at: datetime


@dataclass(frozen=True)
class FacilitatorNamed(Event):
    """Somebody was asked to hold this date and those that follow."""

    workshop_id: int
    facilitator_id: int
    by_id: int


@dataclass(frozen=True)
class WorkshopNeedAsked(Event):
    """A neighbour's object would be needed: she is asked."""

    need_id: int


@dataclass(frozen=True)
class WorkshopNeedAnswered(Event):
    """She said yes or no."""

    need_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopObjectMissing(Event):
    """On this date the object is somebody else's; the workshop is held all the same."""

    workshop_id: int
    item_id: int
    at: datetime


@dataclass(frozen=True)
class WorkshopAttended(Event):
    """A volunteer saw her there. `induction`: what she may use from now on because of it."""

    attendee_id: int
    induction: str | None


@dataclass(frozen=True)
class WorkshopAttendanceUndone(Event):
    """It was a wrong scan."""

    attendee_id: int


@dataclass(frozen=True)
class FacilitatorPaid(Event):
    """The hub paid hours for a date; what would pass the account's limit was not paid."""

    workshop_id: int
    minutes: int
    unpaid: int
