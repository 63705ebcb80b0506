"""MoviLab: neighbours change how they live by doing it together."""

from pathlib import Path

import structlog
from flask import Flask, request
from flask_login import LoginManager, current_user
from flask_migrate import Migrate

from app import wiring
from app.accounts.rules import REMEMBERED
from app.core import clock, http, i18n, ratelimit
from app.core.assets import static_url
from app.core.db import db
from app.geo import addresses
from app.geo.places import CREDITS
from app.home import viewer as viewers
from app.payments.gateways import choosing as gateways
from config import Config

__version__ = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent


def create_app(config: Config) -> Flask:
    """The application for these settings. Nothing is read from the environment here."""
    app = http.MoviLab(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    clock.set_home_zone(config.timezone)
    addresses.use(config.geocoder_url)
    _settings(app, config)
    _logs(config)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True, render_as_batch=False)
    i18n.init_app(app)
    ratelimit.init_app(app, enabled=config.rate_limits, redis_url=config.redis_url)
    _log_ins(app)
    http.init_app(app, production=config.is_production, tile_origin=config.tile_origin)
    _templates(app, config)
    for sentences in wiring.WORDING:
        i18n.describe(sentences)
    app.extensions["movilab.config"] = config
    gateways.init_app(app, config)
    app.extensions["movilab.handlers"] = wiring.HANDLERS
    app.extensions["movilab.timetable"] = wiring.TIMETABLE
    app.extensions["movilab.calendars"] = wiring.CALENDARS
    app.extensions["movilab.subjects"] = wiring.SUBJECTS
    for blueprint in wiring.BLUEPRINTS:
        app.register_blueprint(blueprint)
    for start in wiring.STARTS:
        start(app)
    return app


def _settings(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_production,
        SESSION_COOKIE_NAME="movilab",
        # As long as the browser session on the server, from the log-in on: no cookie with every page.
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=REMEMBERED,
        PREFERRED_URL_SCHEME="https" if config.is_production else "http",
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False


def _engine_options(config: Config) -> dict[str, object]:
    """A server that is away may never answer: that is found out before a neighbour's request stands on it."""
    if config.database_url.startswith("sqlite") or "connect_timeout" in config.database_url:
        return {}
    return {"connect_args": {"connect_timeout": 5}}


_LOG_LINE: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(ensure_ascii=False),
]
"""One list for the whole process: a logger keeps the one that stood when it first wrote, and whoever listens to the log
changes the list in place."""


def _logs(config: Config) -> None:
    structlog.configure(
        processors=_LOG_LINE,
        wrapper_class=structlog.make_filtering_bound_logger(config.log_level.lower()),
        cache_logger_on_first_use=True,
    )


def _log_ins(app: Flask) -> None:
    manager = LoginManager(app)
    manager.anonymous_user = viewers.Stranger
    manager.session_protection = None  # the browser session is a row of its own, ended on the server
    manager.user_loader(lambda token: viewers.by_browser(token, now=clock.now()))

    @manager.request_loader  # type: ignore[untyped-decorator]  # flask-login has no types
    def by_token(_request: object) -> viewers.Viewer | None:
        if not http.is_api() or not http.has_bearer():
            return None
        return viewers.by_api_token(
            request.headers["Authorization"].removeprefix("Bearer ").strip(), now=clock.now()
        )


def _templates(app: Flask, config: Config) -> None:
    app.jinja_env.globals.update(
        static_url=static_url,
        demo_mode=config.is_demo,
        site_name=config.site_name,
        source_url=config.source_url,
        place_credits=CREDITS,
    )

    @app.context_processor
    def layout() -> dict[str, object]:
        return {"viewer": current_user._get_current_object(), "current_locale": i18n.current_locale()}
