"""What happens to objects."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class ItemRetired(Event):
    """Its owner does not offer it any more."""

    item_id: int
