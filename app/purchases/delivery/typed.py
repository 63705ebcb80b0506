"""What people type into the forms of delivery: sums of the campaign's currency, counts."""

from app.core.errors import Invalid
from app.core.text import whole
from app.purchases import typed


def cents(text: str | None, field: str, currency: str) -> int | None:
    """A sum, "40" or "3,50", in the least unit; None for nothing. `Invalid` for what is no sum."""
    try:
        return typed.cents(text, currency)
    except Invalid as invalid:
        raise Invalid({field: next(iter(invalid.errors.values()))}) from None


def count(text: str | None, field: str) -> int | None:
    """A whole number; None for nothing. `Invalid` for anything else."""
    clean = (text or "").strip()
    if not clean:
        return None
    number = whole(clean)
    if number is None:
        raise Invalid({field: "core.not_a_number"})
    return number
