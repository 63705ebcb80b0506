"""The front door: who may come in without logging in, what every answer carries, how a problem is told on a page."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock, outbox
from app.core.db import RETRIES, Retry, db, told
from app.core.errors import (
    Blocked,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from app.core.i18n import sentence
from app.core.templates import Templates

PUBLIC_ENDPOINTS = frozenset(
    {
        "static",
        "home.index",
        "home.styleguide",
        "notifications.mailbox",
        "notifications.mailbox_message",
        "notifications.mailbox_html",
        "home.set_language",
        "calendar.feed",
        "accounts.log_in",
        "accounts.sign_up",
        "accounts.sign_up_done",
        "accounts.confirm",
        "accounts.forgot_password",
        "accounts.reset_password",
        "items.search",
        "items.keep_search",
        "items.filters",
        "items.points",
        "items.place",
        "items.show",
        "items.photo",
        "skills.search",
        "skills.filters",
        "skills.place",
        "skills.show",
        "skills.person",
        "hubs.index",
        "hubs.show",
        "workshops.index",
        "workshops.of_hub",
        "workshops.hub_calendar",
        "workshops.show",
        "workshops.ics_of_one",
        "purchases.index",
        "purchases.show",
        "cards.webhook",
        "counter.open_code",
        "offline.worker",
        "offline.shell",
        "operations.healthz",
        "operations.readyz",
        "operations.metrics",
    }
)
"""Pages that anybody may open. Everything else asks for a log-in first; the JSON API keeps its own list."""

SECRET_ADDRESSES = frozenset({"calendar.feed"})
"""Where whoever knows the address needs nothing else. What goes wrong there is said in one plain sentence, by no page
that would repeat the address, and nobody on the way keeps the answer."""

SIGNED_ENDPOINTS = frozenset({"cards.webhook"})
"""Where a program proves each request by a signature of its own: it has no session whose authority could be borrowed."""

API = "/api/"
log = structlog.get_logger()
csrf = CSRFProtect()


class RowId(IntegerConverter):
    """A row's number in an address, no longer than the databases' integers: more digits are simply not found."""

    regex = r"\d{1,9}"


class PlainJson(DefaultJSONProvider):
    """Days and moments as ISO 8601 says them, not as HTTP headers do."""

    @staticmethod
    def default(value: Any) -> Any:
        """What JSON has no form for."""
        return value.isoformat() if isinstance(value, date) else DefaultJSONProvider.default(value)


class Cookies(SecureCookieSessionInterface):
    """Flask's own, whose signer is made once for each application instead of with each request."""

    def __init__(self) -> None:
        self._signers: WeakKeyDictionary[Flask, Any] = WeakKeyDictionary()

    def get_signing_serializer(self, app: Flask) -> Any:
        if app not in self._signers:
            self._signers[app] = super().get_signing_serializer(app)
        return self._signers[app]


class MoviLab(Flask):
    """A Flask that tries a request again when two transactions met: a view parses, opens one transaction, answers,
    so that running it anew is safe once the transaction was undone."""

    json_provider_class = PlainJson
    jinja_environment = Templates
    session_interface = Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is asynchronous, and nobody has to look twenty times in each request."""
        return func

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """A script that another one imports is named without the mark of its content (core/assets.py), and asked for
        anew each time."""
        imported = (filename or "").endswith(".js") and "v" not in request.args
        return None if imported else super().get_send_file_max_age(filename)

    def dispatch_request(self) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return super().dispatch_request()
            except Retry:
                log.info("transactions met", attempt=attempt, endpoint=request.endpoint)
                for upload in request.files.values():
                    upload.stream.seek(0)
        raise Unavailable("core.busy")


def init_app(app: Flask, *, production: bool, tile_origin: str | None) -> None:
    """Hang the door on the application."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = 12 * 3600
    csrf.init_app(app)
    app.url_map.converters["int"] = RowId
    app.before_request(_open)
    app.after_request(_headers(production=production, tile_origin=tile_origin))
    app.after_request(_deliver)
    app.after_request(_write_line)
    app.register_error_handler(Problem, tell)
    app.register_error_handler(HTTPException, _tell_http)
    app.register_error_handler(DBAPIError, _tell_database)
    app.register_error_handler(Exception, _tell_unexpected)


def is_api() -> bool:
    """Whether the answer is read by a program."""
    return request.path.startswith(API)


def has_bearer() -> bool:
    """Whether the request carries a token of its own, and therefore no ambient authority that could be forged."""
    return request.headers.get("Authorization", "").startswith("Bearer ")


def _open() -> AnyResponse | None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or secrets.token_hex(8)
    g.now = clock.now()
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if "\x00" in request.path or b"%00" in request.query_string:
        raise Malformed("core.malformed")
    if is_api():
        return None  # the API asks in its own words, see app/core/jsonapi.py
    if (
        request.endpoint is not None
        and request.endpoint not in PUBLIC_ENDPOINTS
        and not current_user.is_authenticated
    ):
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")))
        raise Unauthenticated("core.log_in_first")
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.endpoint not in SIGNED_ENDPOINTS:
        csrf.protect()
    return None


def let_in(**sources: str) -> None:
    """Let this one answer load from foreign places too: `let_in(script_src="https://js.stripe.com")`."""
    g.let_in = sources


def _headers(*, production: bool, tile_origin: str | None) -> Any:
    images = " ".join(filter(None, ("'self'", "data:", "blob:", tile_origin)))
    ours = {
        "default-src": "'self'",
        "img-src": images,
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    policy = _policy(ours)

    always = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
    if production:
        always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))

    def add(response: Response) -> Response:
        more = {name.replace("_", "-"): foreign for name, foreign in g.get("let_in", {}).items()}
        wider = {name: f"{ours.get(name, ours['default-src'])} {foreign}" for name, foreign in more.items()}
        response.headers.setdefault("Content-Security-Policy", _policy(ours | wider) if wider else policy)
        response.headers.extend([*always, ("X-Request-Id", g.get("request_id", ""))])
        if request.endpoint != "static" and "Cache-Control" not in response.headers:
            secret = request.endpoint in SECRET_ADDRESSES
            response.headers["Cache-Control"] = "no-store" if secret else "private, no-cache"
        return response

    return add


def _policy(sources: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {where}" for name, where in sources.items())


def _deliver(response: Response) -> Response:
    if g.get("to_deliver"):
        outbox.deliver_after_request(now=clock.now())
    return response


def _write_line(response: Response) -> Response:
    """One line per request: the route, never the address itself (it may hold a token, and its query a place)."""
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        )
    return response


def tell(problem: Problem) -> AnyResponse | tuple[Any, int] | tuple[Any, int, dict[str, str]]:
    """Say what went wrong: as a page, or as `application/problem+json` (RFC 9457) to a program."""
    db.session.rollback()
    if is_api():
        return problem_json(problem)
    headers = {"Retry-After": str(problem.retry_after)} if isinstance(problem, Unavailable) else {}
    status = problem.status
    if request.endpoint in SECRET_ADDRESSES | SIGNED_ENDPOINTS:
        return spoken(problem), status, {**headers, "Content-Type": "text/plain; charset=utf-8"}
    try:
        page = render_template("errors/error.html", status=status, problem=problem, detail=spoken(problem))
    except DBAPIError as error:  # every page says who is logged in
        return _tell_database(error)
    return page, status, headers


def spoken(problem: Problem) -> str:
    """The sentence of a problem, in the reader's language."""
    return sentence(problem.code, problem.params)


def all_said(problem: Problem) -> list[str]:
    """All that a problem says, each sentence once: the fault of each field, each blocker, else its one sentence."""
    if isinstance(problem, Invalid) and problem.errors:
        said = [sentence(code, params) for code, params in problem.errors.values()]
    elif isinstance(problem, Blocked):
        said = [blocker.detail for blocker in problem.blockers]
    else:
        said = [spoken(problem)]
    return list(dict.fromkeys(said))


def in_one_breath(problem: Problem) -> str:
    """The same, where there is one place for it."""
    return " ".join(all_said(problem))


def problem_body(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 says it; `alternatives`, `blockers` and `errors` stand beside."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": sentence(f"core.status_{problem.status}"),
        "status": problem.status,
        "detail": spoken(problem),
        "code": problem.word,
    }
    errors = getattr(problem, "errors", None)
    if errors:
        body["errors"] = {field: [sentence(code, params)] for field, (code, params) in errors.items()}
    body.update({name: value for name, value in problem.params.items() if name in JSON_PARAMS})
    blockers = getattr(problem, "blockers", None)
    if blockers is not None:
        body["blockers"] = [blocker.as_json() for blocker in blockers]
    return body


def problem_json(problem: Problem) -> AnyResponse:
    """The problem as the answer to a program."""
    response = jsonify(problem_body(problem))
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    retry_after = getattr(problem, "retry_after", None) or problem.params.get("retry_after")
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


JSON_PARAMS = frozenset(
    {
        "offset",
        "alternatives",
        "similar",
        "latest",
        "loan",
        "to_tick",
        "holder",
        "until",
        "reservations",
        "needs",
        "offers",
    }
)
"""Parameters of a problem that a program gets beside the sentence."""


def _tell_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, CSRFError):
        return tell(Malformed("core.csrf"))
    known: dict[int, Problem] = {
        400: Malformed("core.malformed"),
        404: NotFound(),
        413: TooLarge("core.too_large"),
        429: TooMany("core.too_many", retry_after=60),
    }
    if error.code == 422 and hasattr(error, "data"):
        return _tell_fields(error.data.get("messages", {}))
    problem = known.get(error.code)
    if problem is None:
        problem = Problem(f"core.status_{error.code}")
        problem.status = error.code
    return tell(problem)


def _tell_fields(messages: dict[str, Any]) -> AnyResponse:
    """What marshmallow found wrong in a program's request; its sentences are already in the reader's language."""
    response = problem_json(Invalid({}))
    body = response.get_json() | {"errors": field_errors(messages)}
    response.set_data(json.dumps(body, ensure_ascii=False))
    return response


def field_errors(messages: Any) -> dict[str, list[str]]:
    """marshmallow's nested messages as `{field: [sentence]}`; where it came from (json, query) is left out."""
    flat: dict[str, list[str]] = {}

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if isinstance(node, dict):
            for name, below in node.items():
                walk(below, path if name == "_schema" else (*path, str(name)))
        elif isinstance(node, list | tuple):
            for below in node:
                walk(below, path)
        else:
            flat.setdefault(".".join(path) or "_", []).append(str(node))

    for where, below in messages.items():
        walk(
            below,
            () if where in ("json", "query", "form", "files", "headers", "json_or_form") else (str(where),),
        )
    return flat


def _tell_database(error: DBAPIError) -> AnyResponse | tuple[Any, int] | tuple[Any, int, dict[str, str]]:
    """A read that the database did not answer. When it is away, nobody asks it who is logged in to say so."""
    problem = told(error)
    if isinstance(problem, Retry):
        problem = Unavailable("core.busy")
    if isinstance(problem, Malformed):
        return tell(problem)
    if not isinstance(problem, Unavailable):
        return _tell_unexpected(error)
    log.error("database away", error=type(error.orig).__name__, endpoint=request.endpoint)
    if "_login_user" not in g:  # where flask-login keeps who is there
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # flask-login hangs it there
    return tell(problem)


def _tell_unexpected(error: Exception) -> AnyResponse | tuple[Any, int] | tuple[Any, int, dict[str, str]]:
    log.error("unexpected", error=type(error).__name__, endpoint=request.endpoint, exc_info=error)
    problem = Problem("core.unknown")
    return tell(problem)


def safe_next(target: str | None) -> str | None:
    """A path on this site to go on to, or None: never another site's address."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
