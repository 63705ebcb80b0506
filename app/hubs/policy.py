"""Who may do what at a hub, in roles held there. A coordinator is a volunteer and an organizer too."""

from collections.abc import Collection
from typing import Literal

Role = Literal["volunteer", "organizer", "coordinator"]


def why_not_act_as(role: Role, roles_held: Collection[str]) -> list[str]:
    """Empty when the role is held at this hub; else the reason."""
    return [] if role in roles_held else [f"hubs.not_{role}"]
