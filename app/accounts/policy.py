"""Who may act as a neighbour with an account of her own."""


def why_not_confirmed(*, email_confirmed: bool, verified_in_person: bool) -> list[str]:
    """Empty when the address answers or somebody was seen in person; else the reason."""
    return [] if email_confirmed or verified_in_person else ["accounts.email_unconfirmed"]
