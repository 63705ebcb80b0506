"""The one base of all events, which also keeps the register that a stored event is revived from."""

from typing import Any

KINDS: dict[str, type["Event"]] = {}


class Event:
    """Something that happened. Subclasses are frozen dataclasses; their names are stored, so they never change."""

    def __init__(self, **_values: Any) -> None:
        raise TypeError("an event is a frozen dataclass of its own")

    def __init_subclass__(cls) -> None:
        KINDS[cls.__name__] = cls
