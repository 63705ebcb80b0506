"""The settings of one installation, read once from the environment.

Everything that differs between a laptop and a town's server is here; `.env.example` documents each
variable. The rest of the house receives a `Config` and never looks at the environment itself.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

Environment = Literal["demo", "production", "test"]
ENVIRONMENTS: tuple[Environment, ...] = ("demo", "production", "test")

PROJECT_ROOT = Path(__file__).resolve().parent
MARKER_NAME = "mode"
"""A file in the data folder that says in which mode it was begun, so that `flask` and `gunicorn`
started by hand agree with `make run`."""
SECRET_NAME = "secret_key"
SHORTEST_SECRET = 32
HOW_TO_MAKE_A_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
STRIPE_JS = "https://js.stripe.com/v3/"
WHERE_STRIPE_TELLS = "/payments/stripe/webhook"
GEOCODER = "https://data.geopf.fr/geocodage"
OUR_EXAMPLE = "change-me"
KNOWN_DEFAULTS = frozenset(
    ("changeme", "change_me", "default", "dev", "development", "movilab", "password", "secret", "test")
)


class ConfigError(Exception):
    """The environment cannot be used as it is; the message says what to change, one line for each fault."""


@dataclass(frozen=True, slots=True)
class StripeKeys:
    """What an installation needs that takes cards. `api_base` and `js_url` lead elsewhere in tests, never in production."""

    secret: str = field(repr=False)
    publishable: str
    webhook_secret: str = field(repr=False)
    js_url: str
    api_base: str | None


@dataclass(frozen=True, slots=True)
class Config:
    """What `create_app` needs to know. Secrets stay out of `repr()`, and so out of logs and tracebacks."""

    env: Environment
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    folder: Path
    site_url: str
    site_name: str
    timezone: str
    country: str
    rate_limits: bool
    smtp_url: str | None = field(repr=False)
    mail_from: str
    tile_url: str
    """Of map tiles, with {z}, {x} and {y}; empty for a map without any."""
    tile_credit: str
    """Whose tiles they are, as their makers ask to be named on the map."""
    geocoder_url: str | None
    """Who finds street addresses, as the Base Adresse Nationale does; None: nobody, communes and postcodes only."""
    source_url: str | None
    """Where visitors get the code of this very installation (AGPL, section 13)."""
    web_concurrency: int
    port: int
    log_level: str
    metrics_token: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    stripe: StripeKeys | None
    """None: nobody pays by card, everybody at the counter."""
    proxies: int
    """How many proxies in front add X-Forwarded-For and -Proto; 0: the visitor's own words are not believed."""

    @property
    def is_demo(self) -> bool:
        return self.env == "demo"

    @property
    def tile_origin(self) -> str | None:
        """The one foreign place that pages may load pictures from; None without tiles, or with one's own."""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read every setting; raise `ConfigError` with all that is wrong at once.

        In demo and test mode a missing secret is made and kept in the data folder. Production never
        makes one: it refuses to start, so that two nodes cannot end up with two secrets unnoticed.
        """
        read = _Reader(environ)
        folder = data_folder(environ)
        env = _environment(environ, folder)
        port = read.whole("PORT", 8000, least=1, most=65535)
        site_name = read.text("MOVILAB_SITE_NAME", "MoviLab")
        site_url = read.http_url("MOVILAB_SITE_URL", f"http://127.0.0.1:{port}").rstrip("/")
        database_url = read.text("DATABASE_URL", f"sqlite:///{folder / 'movilab.sqlite3'}")
        smtp_url = read.smtp_url("MOVILAB_SMTP_URL")
        source_url = read.http_url("MOVILAB_SOURCE_URL", "") or None
        metrics_token = read.optional("MOVILAB_METRICS_TOKEN")
        redis_url = read.optional("MOVILAB_REDIS_URL")
        secret_key = read.optional("MOVILAB_SECRET_KEY")
        timezone = read.zone("MOVILAB_TIMEZONE", "Europe/Paris")
        rate_limits = read.switch("MOVILAB_RATE_LIMITS", default=True)
        proxies = read.whole("MOVILAB_PROXIES", 0, least=0, most=5)
        web_concurrency = read.whole("WEB_CONCURRENCY", 2, least=1, most=64)
        log_level = read.one_of("MOVILAB_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
        country = read.text("MOVILAB_COUNTRY", "FR").upper()
        tile_url = read.tiles("MOVILAB_TILE_URL", "https://tile.openstreetmap.org/{z}/{x}/{y}.png")
        tile_credit = read.text("MOVILAB_TILE_CREDIT", "© OpenStreetMap")
        geocoder_url = read.http_url_or_off("MOVILAB_GEOCODER", "off" if env == "test" else GEOCODER)
        stripe = read.stripe(production=env == "production")
        host = urlsplit(site_url).hostname or "localhost"
        mail_from = read.text("MOVILAB_MAIL_FROM", f"{site_name} <ne-pas-repondre@{host}>")
        database_url = _database_url(database_url, read.faults)
        if env == "production":
            read.faults += _secret_faults(
                secret_key=secret_key,
                metrics_token=metrics_token,
                urls={
                    "DATABASE_URL": database_url,
                    "MOVILAB_SMTP_URL": smtp_url,
                    "MOVILAB_REDIS_URL": redis_url,
                },
            )
        if read.faults:
            raise ConfigError(f"MoviLab does not start ({env} mode):\n- " + "\n- ".join(read.faults))
        return cls(
            env=env,
            secret_key=secret_key or kept_secret(folder),
            database_url=database_url,
            folder=folder,
            site_url=site_url,
            site_name=site_name,
            timezone=timezone,
            country=country,
            rate_limits=rate_limits or env == "production",
            smtp_url=smtp_url,
            mail_from=mail_from,
            tile_url=tile_url,
            tile_credit=tile_credit,
            geocoder_url=geocoder_url,
            source_url=source_url,
            web_concurrency=web_concurrency,
            port=port,
            log_level=log_level,
            metrics_token=metrics_token,
            redis_url=redis_url,
            stripe=stripe,
            proxies=proxies,
        )


def data_folder(environ: Mapping[str, str]) -> Path:
    """Where this installation keeps its database, photos and mail files; absolute, maybe not made yet."""
    return (PROJECT_ROOT / Path(environ.get("MOVILAB_DATA", "").strip() or "var").expanduser()).resolve()


def marked_environment(folder: Path) -> Environment | None:
    """The mode written into the data folder, or None when nobody wrote one."""
    try:
        marked = (folder / MARKER_NAME).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    for known in ENVIRONMENTS:
        if marked == known:
            return known
    raise ConfigError(f"{folder / MARKER_NAME} says {marked!r}; it must be one of {', '.join(ENVIRONMENTS)}.")


def kept_secret(folder: Path) -> str:
    """The secret of a demo, made at the first start and read ever after; only its owner can read the file.

    Several processes may start at the same moment: the link succeeds for one, the others read its secret.
    """
    kept = folder / SECRET_NAME
    folder.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        fresh = folder / f".{SECRET_NAME}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, kept)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="utf-8").strip()


def _environment(environ: Mapping[str, str], folder: Path) -> Environment:
    """`MOVILAB_ENV`, else the data folder's marker, else production: what nobody declared is never a demo."""
    asked = environ.get("MOVILAB_ENV", "").strip()
    if not asked:
        return marked_environment(folder) or "production"
    for known in ENVIRONMENTS:
        if asked == known:
            return known
    raise ConfigError(f"MOVILAB_ENV is {asked!r}; it must be one of {', '.join(ENVIRONMENTS)}.")


def _database_url(url: str, faults: list[str]) -> str:
    """SQLite as it is; PostgreSQL in any of its usual spellings, always through psycopg 3."""
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and separator:
        return url
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and separator:
        return f"postgresql+psycopg://{rest}"
    faults.append("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return url


def _secret_faults(
    *, secret_key: str | None, metrics_token: str | None, urls: Mapping[str, str | None]
) -> list[str]:
    faults = []
    why_not = "is missing" if secret_key is None else _weakness(secret_key, SHORTEST_SECRET)
    if why_not:
        faults.append(f"MOVILAB_SECRET_KEY {why_not}. Make one: {HOW_TO_MAKE_A_SECRET}")
    why_not = _weakness(metrics_token, SHORTEST_SECRET // 2) if metrics_token else None
    if why_not:
        faults.append(f"MOVILAB_METRICS_TOKEN {why_not}. Make one: {HOW_TO_MAKE_A_SECRET}")
    for name, url in urls.items():
        password = urlsplit(url).password if url else None
        if password is not None and unquote(password).lower().startswith(OUR_EXAMPLE):
            faults.append(f"The password in {name} is the one of .env.example. Give that account its own.")
    return faults


def _weakness(secret: str, shortest: int) -> str | None:
    plain = secret.lower()
    if plain in KNOWN_DEFAULTS or plain.startswith(OUR_EXAMPLE) or len(set(plain)) < 4:
        return "is a default that everybody knows"
    if len(secret) < shortest:
        return f"is shorter than {shortest} characters"
    return None


class _Reader:
    """Reads single variables and gathers what is wrong, so that one start tells everything."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def optional(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        given = self.optional(name)
        if given is None:
            return default
        if given.isascii() and given.isdigit() and least <= int(given) <= most:
            return int(given)
        self.faults.append(f"{name} is {given!r}; it must be a whole number from {least} to {most}.")
        return default

    def switch(self, name: str, *, default: bool) -> bool:
        given = self.text(name, "on" if default else "off").lower()
        if given not in ("on", "off"):
            self.faults.append(f"{name} is {given!r}; it must be on or off.")
        return given != "off"

    def one_of(self, name: str, default: str, known: tuple[str, ...]) -> str:
        given = self.text(name, default).upper()
        if given in known:
            return given
        self.faults.append(f"{name} is {given!r}; it must be one of {', '.join(known)}.")
        return default

    def zone(self, name: str, default: str) -> str:
        given = self.text(name, default)
        try:
            ZoneInfo(given)
        except (KeyError, ValueError, OSError):
            self.faults.append(f"{name} is {given!r}; it must be a time zone such as Europe/Paris.")
        return given

    def smtp_url(self, name: str) -> str | None:
        """The address holds a password: a fault does not repeat it."""
        given = self.optional(name)
        if given is None:
            return None
        parts = urlsplit(given)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            self.faults.append(f"{name} must look like smtp://user:password@host:587 (or smtps://…:465).")
        return given

    def stripe(self, *, production: bool) -> StripeKeys | None:
        """Cards, where there is a secret key. What is missing beside it is said with the way to make it."""
        secret = self.optional("STRIPE_SECRET_KEY")
        publishable = self.optional("STRIPE_PUBLISHABLE_KEY") or ""
        webhook_secret = self.optional("STRIPE_WEBHOOK_SECRET") or ""
        if secret is None:
            return None
        if production:
            self._stripe_faults(publishable, webhook_secret)
        elsewhere = None if production else self.optional("STRIPE_API_BASE")
        script = STRIPE_JS if production else self.http_url("STRIPE_JS_URL", STRIPE_JS)
        return StripeKeys(secret, publishable, webhook_secret, script, elsewhere)

    def _stripe_faults(self, publishable: str, webhook_secret: str) -> None:
        if not webhook_secret:
            self.faults.append(
                "STRIPE_WEBHOOK_SECRET is missing beside STRIPE_SECRET_KEY. Make one: in Stripe's dashboard, under "
                f"Developers, Webhooks, add an endpoint at this site's {WHERE_STRIPE_TELLS}; it begins with whsec_."
            )
        if not publishable:
            self.faults.append(
                "STRIPE_PUBLISHABLE_KEY is missing beside STRIPE_SECRET_KEY. It stands beside it in Stripe's dashboard, "
                "under Developers, API keys, and begins with pk_."
            )

    def tiles(self, name: str, default: str) -> str:
        """A pattern of addresses, of this site or of another; "none" for no tiles at all."""
        given = self.text(name, default)
        if given.lower() == "none":
            return ""
        parts = urlsplit(given)
        ours = given.startswith("/") and not given.startswith("//")
        other = parts.scheme in ("http", "https") and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
        if not (ours or other) or not all(part in given for part in ("{z}", "{x}", "{y}")):
            self.faults.append(
                f"{name} is {given!r}; it must be an address such as "
                "https://tile.example.org/{z}/{x}/{y}.png, or none."
            )
        return given

    def http_url_or_off(self, name: str, default: str) -> str | None:
        return None if self.text(name, default).lower() == "off" else self.http_url(name, default)

    def http_url(self, name: str, default: str) -> str:
        given = self.text(name, default)
        if not given:
            return given
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.faults.append(f"{name} is {given!r}; it must be an address such as https://example.org.")
        return given
