"""What people type into the forms of delivery: sums, counts, the form's own key."""

import re

from app.core.errors import Invalid
from app.core.text import whole

_SUM = re.compile(r"^(\d{1,6})(?:[.,](\d{1,2}))?\s*€?$")


def cents(text: str | None, field: str) -> int | None:
    """A sum, "40" or "3,50", in cents; None for nothing. `Invalid` for what is no sum."""
    clean = (text or "").strip().replace("\u00a0", " ").replace("\u202f", "")
    if not clean:
        return None
    found = _SUM.match(clean)
    if found is None:
        raise Invalid({field: "delivery.not_a_sum"})
    return int(found.group(1)) * 100 + int((found.group(2) or "0").ljust(2, "0"))


def count(text: str | None, field: str) -> int | None:
    """A whole number; None for nothing. `Invalid` for anything else."""
    clean = (text or "").strip()
    if not clean:
        return None
    number = whole(clean)
    if number is None:
        raise Invalid({field: "core.not_a_number"})
    return number


def plain(cents_given: int | None) -> str:
    """A sum as it stands in a field: "3,50"."""
    return "" if cents_given is None else f"{cents_given // 100},{cents_given % 100:02}"
