"""How often one address, or one account, may try. Counted in memory, or in Redis where several nodes share it."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address


def address() -> str:
    """Where the request comes from; of an IPv6 address its /64, because a household has as many as it likes."""
    text = str(get_remote_address())
    try:
        found = ip_address(text)
    except ValueError:
        return text
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else text


COUNTED_READS = frozenset({"calendar.feed"})
"""What is read without logging in by programs, again and again, and costs more than a look."""

limiter = Limiter(address, headers_enabled=False, strategy="moving-window")


@limiter.request_filter
def _no_limits_here() -> bool:
    """Asked of each application: the limiter itself is one for the whole process, and so would be its switch. Nobody
    is refused a page to read, so that for those it need not look up what limits there are."""
    reads = request.method in ("GET", "HEAD") and request.endpoint not in COUNTED_READS
    return reads or not current_app.config["RATE_LIMITS_HOLD"]


def init_app(app: Flask, *, enabled: bool, redis_url: str | None) -> None:
    """Hang the limits on the application."""
    app.config.update(
        RATE_LIMITS_HOLD=enabled,
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        # Flask-Limiter answers 500 when Redis is away unless told, as a string, to count in memory meanwhile.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(redis_url),
        RATELIMIT_IN_MEMORY_FALLBACK="200 per minute",
    )
    limiter.init_app(app)
