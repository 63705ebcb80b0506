"""Who may do what at a hub, in roles held there. A coordinator is a volunteer and an organizer too."""

from collections.abc import Collection
from typing import Literal

Role = Literal["volunteer", "organizer", "coordinator"]
ROLES: tuple[Role, ...] = ("volunteer", "organizer", "coordinator")


def why_not_act_as(role: Role, roles_held: Collection[str]) -> list[str]:
    """Empty when the role is held at this hub; else the reason."""
    return [] if role in roles_held else [f"hubs.not_{role}"]


def why_not_look_after(roles_held: Collection[str], *, is_steward: bool) -> list[str]:
    """Empty for the hub's coordinators and the installation's stewards: hours, terms, roles, suspensions."""
    return [] if is_steward else why_not_act_as("coordinator", roles_held)


def why_not_see_members(roles_held: Collection[str], *, is_steward: bool) -> list[str]:
    """Empty for the hub's volunteers and the installation's stewards."""
    return [] if is_steward else why_not_act_as("volunteer", roles_held)


def why_not_verify(roles_held: Collection[str], *, oneself: bool) -> list[str]:
    """Empty for a volunteer of the hub who has somebody else standing before her."""
    return [*why_not_act_as("volunteer", roles_held), *(["hubs.not_oneself"] if oneself else [])]


def why_not_suspend(roles_held: Collection[str], *, is_steward: bool, oneself: bool) -> list[str]:
    """Empty for a coordinator, about somebody else."""
    reasons = why_not_look_after(roles_held, is_steward=is_steward)
    return [*reasons, *(["hubs.not_oneself"] if oneself else [])]
