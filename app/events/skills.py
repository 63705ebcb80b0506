"""What happens to what neighbours teach and want to learn."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class SkillPosted(Event):
    """Somebody has said what she can teach or wants to learn, or said it again."""

    skill_id: int
    resident_id: int


@dataclass(frozen=True)
class RingProposed(Event):
    """Two or three neighbours could go round; nobody has been asked for more than an answer."""

    ring_id: int


@dataclass(frozen=True)
class RingAgreed(Event):
    """All of them said yes."""

    ring_id: int


@dataclass(frozen=True)
class RingEnded(Event):
    """Not all of them would, or not in time."""

    ring_id: int
