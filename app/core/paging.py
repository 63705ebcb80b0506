"""Going through a list page by page, by what the last line was (keyset), never by counting lines (offset)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.core.errors import Malformed

T = TypeVar("T")

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some lines of a list, and the cursor of the lines that follow (None at the end). `total` is None where
    counting would cost more than the page."""

    lines: Sequence[T]
    next: str | None = None
    total: int | None = None


def _signer(what: str) -> URLSafeSerializer:
    return _signer_of(what, str(current_app.secret_key))


@lru_cache(maxsize=64)
def _signer_of(what: str, secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"cursor:{what}")


def cursor(what: str, *values: Any) -> str:
    """An opaque cursor of the list `what` after the line with these plain values; signed, so that nobody forges one."""
    return str(_signer(what).dumps(values))


def after(what: str, text: str | None, *, length: int) -> tuple[Any, ...] | None:
    """The values that `cursor` hid; None for the first page. Raises `Malformed` for a cursor not made here for
    this list."""
    if not text:
        return None
    try:
        values = _signer(what).loads(text)
    except BadSignature as error:
        raise Malformed("core.bad_cursor") from error
    if not isinstance(values, list) or len(values) != length:
        raise Malformed("core.bad_cursor")
    return tuple(values)


def page_of(what: str, rows: Sequence[T], *, limit: int, key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """A page out of up to `limit + 1` rows: the one too many says that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(shown, cursor(what, *key(shown[-1])) if more else None)
