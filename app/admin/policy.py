"""Who may look after the installation."""


def why_not_look_after(*, is_steward: bool) -> list[str]:
    """Empty for a steward; else the reason."""
    return [] if is_steward else ["admin.not_steward"]
