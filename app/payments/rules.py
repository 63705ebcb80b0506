"""What is true of sums: how many digits a currency has, and below what nobody charges a card."""

from decimal import Decimal

NO_CENTS = frozenset({"JPY", "KRW", "VND", "XAF", "XOF", "XPF", "CLP", "PYG", "RWF", "UGX"})
"""Currencies whose least unit is the whole one: "cents" of them are what they are."""

LEAST = {
    "EUR": 50, "CHF": 50, "USD": 50, "CAD": 50, "GBP": 30, "DKK": 250, "NOK": 300, "SEK": 300, "PLN": 200,
    "CZK": 1500, "HUF": 17500, "RON": 200, "BGN": 100, "JPY": 50,
}  # fmt: skip
"""The least sum that Stripe takes, in the least unit; of a currency that is not named, as many as of a euro."""


def exponent(currency: str) -> int:
    """Digits behind the point: EUR 2, JPY 0."""
    return 0 if currency in NO_CENTS else 2


def whole(cents: int, currency: str) -> Decimal:
    """A sum in its least unit as one says it: 1234 is 12.34 EUR, and 1234 JPY."""
    return Decimal(cents).scaleb(-exponent(currency))


def least(currency: str) -> int:
    """Below this a card is not charged."""
    return LEAST.get(currency, LEAST["EUR"])


def chargeable(cents: int, currency: str) -> bool:
    """Whether a card can be asked for this sum."""
    return cents >= least(currency)
