"""What happens in the lines of objects. Who became first twice is told twice, each time by its own moment."""

from dataclasses import dataclass
from datetime import date, datetime

from app.events.base import Event


@dataclass(frozen=True)
class PlaceReady(Event):
    """The object is kept aside for whoever holds this place, up to and with the day `until`."""

    place_id: int
    until: date


@dataclass(frozen=True)
class PlaceStoodBack(Event):
    """It was ready and is not any more: the object is not there after all. The place is first again. `ready_at`: since
    when it had been kept aside."""

    place_id: int
    ready_at: datetime


@dataclass(frozen=True)
class PlaceLapsed(Event):
    """Nobody came for it in time: the place went to the end of the line, or is lost (`lost`)."""

    place_id: int
    until: date
    lost: bool


@dataclass(frozen=True)
class PlaceEnded(Event):
    """There is nothing left to wait for: the object was withdrawn or is lost."""

    place_id: int


@dataclass(frozen=True)
class PlaceAnswered(Event):
    """What was kept aside was taken, passed on or left: nobody needs to be told of it any more."""

    place_id: int
