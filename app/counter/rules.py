"""What was scanned or typed at the counter. Pure: nothing here asks the database."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.core import codes

LONGEST = 300
"""Signs of what is read; a label's link is far shorter."""
SAME_SCAN = timedelta(minutes=10)
"""A second scan within it is the same gesture again, not another one."""

# Looks like a code that was half read: its letter and a hyphen, or its letter and a few signs with a digit among them.
_HALF_READ = re.compile(r"^[im](?:[-–—)6]\w{0,12}|(?=[a-z]{0,7}\d)[0-9a-z]{5,9})$", re.IGNORECASE)


# Two scanners that type at once: a run of signs with figures or dashes as nobody's name has them.
_TANGLED = re.compile(r"^(?=(?:\D*\d){3}|.*[-–—]{2})[\w()–—-]{10,40}$")
_HOST = re.compile(r"^https?://([^/]+)/", re.IGNORECASE)


@dataclass(frozen=True)
class Scan:
    """`kind`: an object's or a member's `code`, a code that was half read, `words` to look for, or nothing. `site`: the
    host of the link that held the code."""

    kind: Literal["item", "member", "half_read", "words", "nothing"]
    code: str = ""
    words: str = ""
    site: str = ""


def read(text: str) -> Scan:
    """What this is: a code or its link, else a name to look for. A half-read code is never taken for a name."""
    text = " ".join(text.split())[:LONGEST]
    code = codes.read(text)
    if code is not None:
        host = _HOST.match(text)
        kind: Literal["item", "member"] = "item" if code.kind == codes.ITEM else "member"
        return Scan(kind, code=str(code), site=host.group(1).lower() if host else "")
    if not text:
        return Scan("nothing")
    if "/c/" in text.lower() or "!c!" in text.lower() or _HALF_READ.match(text) or _TANGLED.match(text):
        return Scan("half_read", words=text)
    return Scan("words", words=text)


def means_return(checked_out_at: datetime | None, *, now: datetime) -> bool:
    """Whether scanning an object that the person at the counter has already means she brings it back: the scan that
    lent it is too long ago to be the same gesture."""
    return checked_out_at is not None and now - checked_out_at > SAME_SCAN


_SUM = re.compile(r"^(\d{1,5})(?:[.,](\d{1,2}))?\s*€?$")


def cents(text: str) -> int | None:
    """A sum as people write it, "40" or "3,50", in cents; None for what is no sum."""
    found = _SUM.match(text.strip().replace("\u00a0", " "))
    if found is None:
        return None
    return int(found.group(1)) * 100 + int((found.group(2) or "0").ljust(2, "0"))
