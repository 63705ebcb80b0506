"""Sums as people write them, in the least unit of their currency and back."""

import re
from decimal import Decimal, InvalidOperation

from app.core.errors import Invalid
from app.payments import rules as money

LARGEST = Decimal(10) ** 9


def cents(typed: str | None, currency: str) -> int | None:
    """A sum as people write it ("29,40", "1 200 €"), in the smallest unit of its currency; None where nothing was."""
    plain = re.sub(r"[\s€$£¥]", "", typed or "").replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain).scaleb(money.exponent(currency))
    except InvalidOperation:
        raise Invalid({"": "purchases.not_a_sum"}) from None
    if not found.is_finite() or abs(found) >= LARGEST:
        raise Invalid({"": "purchases.not_a_sum"})
    if found != found.to_integral_value():
        raise Invalid({"": ("purchases.too_fine" if money.exponent(currency) else "purchases.no_cents", {})})
    return int(found)


def sum_typed(amount: int | None, currency: str) -> str:
    """A sum as one types it: "29,40", "800"."""
    if amount is None:
        return ""
    whole = money.whole(amount, currency)
    return str(int(whole)) if whole == whole.to_integral_value() else f"{whole:.2f}".replace(".", ",")
