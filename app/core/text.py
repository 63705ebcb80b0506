"""What people type, made clean once and for all: no NUL, no control characters, one form of each accent."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from app.core.errors import Invalid

P = ParamSpec("P")
T = TypeVar("T")

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
# Marks that reverse or embed text direction can make a title read as something else, so they are dropped;
# right-to-left letters themselves stay.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def whole(text: str | None) -> int | None:
    """The number that an address or a header carries: plain figures, nine at most, so that every database holds it;
    None for anything else ("²" is a figure to Python, and no number)."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def one_line(text: str | None) -> str:
    """Text of one line: spaces folded, no controls, no direction marks, NFC."""
    return " ".join(several_lines(text).split())


def several_lines(text: str | None) -> str:
    """Text of several lines, clean, at most one empty line in a row, no space around."""
    clean = _DIRECTION.sub("", _CONTROLS.sub("", unicodedata.normalize("NFC", text or "")))
    clean = clean.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(c for c in clean if not 0xD800 <= ord(c) <= 0xDFFF)
    return re.sub(r"\n{3,}", "\n\n", clean).strip()


def folded(text: str) -> str:
    """The text as it is compared: no accents, no case, hyphens and apostrophes as spaces."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[-’'_/]", " ", plain).split())


def checked(field: str, text: str | None, *, longest: int, shortest: int = 0, lines: bool = False) -> str:
    """The clean text of a field; raises `Invalid` for that field when it is missing, too short or too long."""
    clean = several_lines(text) if lines else one_line(text)
    if shortest and not clean:
        raise Invalid({field: "core.required"})
    if len(clean) < shortest:
        raise Invalid({field: ("core.too_short", {"min": shortest})})
    if len(clean) > longest:
        raise Invalid({field: ("core.too_long", {"max": longest})})
    return clean


class Checks:
    """Several fields checked one after another, all faults told at once: `checks(checked, "name", text, ...)`,
    then `checks.done()`, which raises `Invalid` for all of them."""

    def __init__(self) -> None:
        self.faults: dict[str, str | tuple[str, dict[str, Any]]] = {}

    def __call__(self, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `check` answers. Where it found a fault there is no answer: it must not be used before `done`."""
        try:
            return check(*args, **kwargs)
        except Invalid as invalid:
            self.faults.update(invalid.errors)
            return cast(T, None)

    def fault(self, field: str, code: str, **params: Any) -> None:
        """Something else that is wrong with a field; the first fault of a field is the one told."""
        self.faults.setdefault(field, (code, params))

    def done(self) -> None:
        """Go on only when all was well."""
        if self.faults:
            raise Invalid(self.faults)
