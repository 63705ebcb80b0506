"""Short codes of objects and member cards, made to be scanned, read aloud and typed.

A code is a kind (`I-` object, `M-` member), six Crockford base-32 characters and one Luhn mod 32 check
character, so that one wrong or two swapped characters are refused and never taken for another's.
Crockford's alphabet: https://www.crockford.com/base32.html
"""

import re
import secrets
from dataclasses import dataclass
from typing import Literal, cast

from stdnum import luhn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Kind = Literal["I", "M"]
ITEM: Kind = "I"
MEMBER: Kind = "M"

_LOOKALIKES = str.maketrans("OIL", "011")
# What the keys of a US-layout scanner become on an AZERTY computer (left), and what was meant (right).
_AZERTY = str.maketrans("&é\"'(-è_çà)" + "qawzQAWZ" + ",?mM:!;", "1234567890-" + "aqzwAQZW" + "mM;:./,")
_SHAPE = re.compile(r"^([IM])[- ]?([0-9A-Z]{4})[- ]?([0-9A-Z]{3})$")
_LINK = re.compile(r"/c/([^/?#]+)(?:[?#].*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """A code that was read whole: its kind and its seven characters."""

    kind: Kind
    body: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.body}"


_KEPT_FOR_STICKERS = 28 * 32**5
"""From here on (the first sign W, X, Y or Z) codes are for blank stickers alone."""


def new(kind: Kind) -> Code:
    """A fresh code; the caller's unique constraint refuses the rare double (one in a thousand million). Never one of
    a blank sticker: those are drawn from numbers of their own."""
    return numbered(kind, secrets.randbelow(_KEPT_FOR_STICKERS))


def new_blank() -> Code:
    """A fresh code for a sticker that no object wears yet."""
    return numbered(ITEM, _KEPT_FOR_STICKERS + secrets.randbelow(32**6 - _KEPT_FOR_STICKERS))


def numbered(kind: Kind, number: int) -> Code:
    """The code of a whole number from 0 to 32**6 - 1, for rows made in order from a seed."""
    payload = "".join(ALPHABET[(number >> shift) & 31] for shift in range(25, -1, -5))
    return Code(kind, payload + luhn.calc_check_digit(payload, ALPHABET))


def read(text: str) -> Code | None:
    """The code in what was scanned or typed: bare or in its link, any case, O for 0, I or L for 1, also through
    a US-layout scanner on an AZERTY computer. None for anything half-read or mistyped: never somebody else's.
    """
    text = text.strip()[:300]
    # Through the wrong layout the dash becomes another key too; without this, the dash itself would count as a 6.
    typed = text.translate(_AZERTY)
    return _read_plain(text) or (_read_plain(typed) if "-" in typed else None)


def _read_plain(text: str) -> Code | None:
    link = _LINK.search(text)
    shape = _SHAPE.match((link.group(1) if link else text).strip().upper())
    if shape is None:
        return None
    body = (shape.group(2) + shape.group(3)).translate(_LOOKALIKES)
    if not luhn.is_valid(body, ALPHABET):
        return None
    return Code(cast(Kind, shape.group(1)), body)
