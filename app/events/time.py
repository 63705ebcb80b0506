"""What happens to the minutes of neighbours and hubs."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class MinutesMoved(Event):
    """Minutes went from one account to another, for good."""

    transfer_id: int


@dataclass(frozen=True)
class MinutesReversed(Event):
    """A mistake was put right: `transfer_id` is the contrary of the one that was wrong."""

    transfer_id: int


@dataclass(frozen=True)
class TimeLimitNear(Event):
    """An account has come near a limit of its own; `side`: paying, or receiving."""

    account_id: int
    side: str
