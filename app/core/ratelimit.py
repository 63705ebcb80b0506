"""How often one address, or one account, may try. Counted in memory, or in Redis where several nodes share it."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, headers_enabled=False, strategy="moving-window")


def init_app(app: Flask, *, enabled: bool, redis_url: str | None) -> None:
    """Hang the limits on the application."""
    app.config.update(
        RATELIMIT_ENABLED=enabled,
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        # Flask-Limiter answers 500 when Redis is away unless told, as a string, to count in memory meanwhile.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(redis_url),
        RATELIMIT_IN_MEMORY_FALLBACK="200 per minute",
    )
    limiter.init_app(app)
