"""What happens at hubs."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class MembershipAsked(Event):
    """Somebody wants to join."""

    resident_id: int
    hub_id: int


@dataclass(frozen=True)
class MembershipVerified(Event):
    """A volunteer saw the proof at the counter."""

    resident_id: int
    hub_id: int


@dataclass(frozen=True)
class MembershipSuspended(Event):
    """Somebody's loans were stopped by a coordinator, or by the terms until what is late is back (`until_back`)."""

    resident_id: int
    hub_id: int
    until_back: bool = False


@dataclass(frozen=True)
class MembershipLifted(Event):
    """A suspension ended."""

    resident_id: int
    hub_id: int


@dataclass(frozen=True)
class OpeningDaysChanged(Event):
    """Hours or closures changed: days that were open may not be any more."""

    hub_id: int
