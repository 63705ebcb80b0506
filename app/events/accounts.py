"""What happens to residents."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class EmailConfirmed(Event):
    """The address answers to its resident."""

    resident_id: int
