"""Who may look at reports and settle them: reasons why not; empty means yes."""

from collections.abc import Collection


def why_not_handle(roles_held: Collection[str], *, is_steward: bool, concerned: bool = False) -> list[str]:
    """Empty for the coordinators of the place (`roles_held` there) and the stewards; never for whoever is reported
    themselves: they neither read who reported them nor close it."""
    if concerned:
        return ["reports.concerns_you"]
    return [] if is_steward or "coordinator" in roles_held else ["hubs.not_coordinator"]
