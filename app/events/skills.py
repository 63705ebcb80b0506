"""What happens to what neighbours teach and want to learn."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class RingProposed(Event):
    """Two or three neighbours could go round; nobody has been asked for more than an answer."""

    ring_id: int


@dataclass(frozen=True)
class RingAgreed(Event):
    """All of them said yes."""

    ring_id: int
