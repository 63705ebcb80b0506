"""What happens to residents. A mailed link is told by its number; the mail itself signs it."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class SignedUp(Event):
    """Somebody made an account and must confirm the address."""

    resident_id: int
    link_id: int


@dataclass(frozen=True)
class SignUpRepeated(Event):
    """Somebody signed up with an address that has an account already; only that address is told."""

    resident_id: int
    link_id: int


@dataclass(frozen=True)
class ConfirmationAsked(Event):
    """The confirmation was asked for once more."""

    resident_id: int
    link_id: int


@dataclass(frozen=True)
class ResidentMade(Event):
    """A volunteer made an account at the counter for somebody who has an address, to choose a password by mail."""

    resident_id: int
    link_id: int
    hub_id: int


@dataclass(frozen=True)
class PasswordResetAsked(Event):
    """Somebody wants a new password. Both are None where the address is unknown: as much is written either way,
    so that the time it takes tells nothing."""

    resident_id: int | None
    link_id: int | None


@dataclass(frozen=True)
class PasswordChanged(Event):
    """There is a new password; every other browser and program was shown out."""

    resident_id: int


@dataclass(frozen=True)
class EmailConfirmed(Event):
    """The address answers to its resident."""

    resident_id: int


@dataclass(frozen=True)
class HomeMoved(Event):
    """Somebody lives elsewhere now, or has just said where."""

    resident_id: int
