"""What happens to objects that go from hub to hub."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class TransferRequested(Event):
    """Somebody would like to have an object at another hub."""

    transfer_id: int


@dataclass(frozen=True)
class TransferSent(Event):
    """It has left; until it is received it is not free."""

    transfer_id: int


@dataclass(frozen=True)
class TransferReceived(Event):
    """It was scanned at the hub it went to."""

    transfer_id: int


@dataclass(frozen=True)
class TransferCancelled(Event):
    """It stays where it was, or came back (`called_back`) after it had left."""

    transfer_id: int
    by_id: int
    called_back: bool


@dataclass(frozen=True)
class ReservationMoved(Event):
    """A reservation goes along with its object: it is collected at another hub now."""

    loan_id: int
    line_id: int
