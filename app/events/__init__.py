"""What happens in the house, told in the past tense: frozen dataclasses of ids and plain values.

A room records an event with the change itself; `app/wiring.py` says which rooms care.
"""

from app.events.base import KINDS, Event

__all__ = ["KINDS", "Event"]
