"""Languages: French is written in the code, English in `translations/en`; dates, money and distances by Babel.

A page says `_("C’est réservé.")`; a table of sentences says `_l`, which waits for the reader.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_time, get_timezone
from babel.numbers import format_currency, format_decimal, get_currency_precision
from flask import Flask, has_app_context, has_request_context, request
from flask_babel import Babel, LazyString, force_locale, gettext, ngettext
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

__all__ = ["LOCALES", "_", "_l", "ngettext", "sentence"]

LOCALES = ("fr", "en")
_BABEL_LOCALES = {"fr": "fr", "en": "en_GB"}
_parsed = {name: Locale.parse(full) for name, full in _BABEL_LOCALES.items()}

_writing: ContextVar[str | None] = ContextVar("writing", default=None)
"""The language that something is being written in for somebody else than the one who asked."""
_reading: ContextVar[str | None] = ContextVar("reading", default=None)
"""The language of the answer that is being made: a page asks for it a hundred times."""
_known: dict[tuple[str, str], str] = {}
"""What was translated once, by language and French text: a page says some eighty fixed sentences."""
_known_markup: dict[tuple[str, str], Markup] = {}


def _(text: str, **params: Any) -> str:
    """This sentence in the reader's language, with what stands in it by name."""
    found = translated(language(), text)
    return found % params if params else found


def _l(text: str, **params: Any) -> LazyString:
    """The same for tables of sentences: it waits for its reader."""
    return LazyString(_, text, **params)


def translated(name: str, text: str) -> str:
    """A sentence in this language ("fr" or "en"), which is the one that is being written now."""
    found = _known.get((name, text))
    if found is None:
        found = str(gettext(text))
        if has_app_context():
            _known[name, text] = found
    return found


@pass_eval_context
def _on_page(context: EvalContext, text: str, **params: Any) -> str:
    """`_` in a template. As with Jinja's own, a sentence is trusted as markup, and what stands in it is not."""
    if not context.autoescape:
        return translated(language(), text) % params
    name = language()
    found = _known_markup.get((name, text))
    if found is None:
        found = Markup(translated(name, text))  # noqa: S704 -- our own catalogue
        if has_app_context():
            _known_markup[name, text] = found
    return found % params


babel = Babel()

_SENTENCES: dict[str, LazyString] = {}


def describe(sentences: Mapping[str, LazyString]) -> None:
    """Take a room's table of sentences (`wording.py`): code of an error or a kind, then what the neighbour reads."""
    _SENTENCES.update(sentences)


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """What the neighbour reads for this code, in the reader's language; days and moments in `params` in words, and its
    `cents` (with their `currency`) as `%(sum)s`."""
    template = _SENTENCES.get(code)
    if template is None:
        return str(_SENTENCES["core.unknown"]) if not code.startswith("core.") else code
    words = {name: _in_words(value) for name, value in (params or {}).items()}
    if params and "cents" in params:
        words["sum"] = format_money(params["cents"], params.get("currency", "EUR"))
    return str(template) % words


def _in_words(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_day_time(value)
    return format_day(value) if isinstance(value, date) else value


def has_sentence(code: str) -> bool:
    """Whether some room has words for this code."""
    return code in _SENTENCES


@contextmanager
def in_language(locale: str) -> Iterator[None]:
    """Write what follows in this language ("fr" or "en"), whoever asked: mails are in their reader's own."""
    name = locale if locale in LOCALES else "fr"
    before = _writing.set(name)
    try:
        with force_locale(_BABEL_LOCALES[name]):
            yield
    finally:
        _writing.reset(before)


def language() -> str:
    """The language that is being written now, "fr" or "en"."""
    return _writing.get() or current_locale()


def current_locale() -> str:
    """The language of this answer, "fr" or "en": the resident's own, else what was chosen on the site, else the
    browser's, else French."""
    chosen = _reading.get()
    if chosen is None:
        if not has_request_context():
            return "fr"
        chosen = _choose_locale()
        _reading.set(chosen)
    return chosen


def _forget_reader(_error: BaseException | None) -> None:
    _reading.set(None)


def _choose_locale() -> str:
    if not request.path.startswith("/api/"):
        own = getattr(current_user, "locale", None)
        if own in LOCALES:
            return str(own)
        cookie = request.cookies.get("locale")
        if cookie in LOCALES:
            return str(cookie)
    return request.accept_languages.best_match(LOCALES) or "fr"


def _babel_locale() -> str:
    return _BABEL_LOCALES[current_locale()]


def active_locale() -> Locale:
    """Babel's locale for the text being written now."""
    return _parsed[language()]


def init_app(app: Flask) -> None:
    """Hang the languages and the filters on the application."""
    app.config.update(BABEL_TRANSLATION_DIRECTORIES="../translations", BABEL_DEFAULT_LOCALE="fr")
    babel.init_app(app, locale_selector=_babel_locale)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(_=_on_page, gettext=_on_page)
    app.teardown_appcontext(_forget_reader)
    _known.clear()
    _known_markup.clear()
    app.jinja_env.filters.update(
        day=format_day,
        short_day=format_short_day,
        day_time=format_day_time,
        clock=format_clock,
        money=format_money,
        distance=format_distance,
        number=format_number,
        hours=format_hours,
        sentence=sentence,
    )


def format_day(day: date, *, year: bool = False) -> str:
    """A day in words: "vendredi 27 novembre" or "Friday 27 November"; with the year where it is not obvious."""
    name = language()
    text = _day_as(name, "EEEE d MMMM y" if year else "EEEE d MMMM", day)
    return text.replace(" 1 ", " 1er ") if name == "fr" else text


@lru_cache(maxsize=4096)
def _day_as(name: str, pattern: str, day: date) -> str:
    """A page of days says fifty of them, and the next one the same."""
    return str(format_date(day, pattern, locale=_parsed[name]))


def format_short_day(day: date) -> str:
    """A day in short: "27 nov.", "1er déc." or "27 Nov"."""
    text = _day_as(language(), "d MMM", day)
    return f"1er{text[1:]}" if language() == "fr" and day.day == 1 else text


def format_weekday(day: date) -> str:
    """A day of these weeks: "vendredi 27", "mardi 1er" or "Friday 27"."""
    text = _day_as(language(), "EEEE d", day)
    return f"{text}er" if language() == "fr" and day.day == 1 else text


def format_day_name(day: date) -> str:
    """The day of the week in short: "ven." or "Fri"."""
    return _day_as(language(), "EEE", day)


def format_clock(at: time | datetime, timezone: str = "Europe/Paris") -> str:
    """A time of day: "14 h 30" or "14:30"; a moment is told in `timezone`."""
    local = at.astimezone(ZoneInfo(timezone)).time() if isinstance(at, datetime) else at
    if active_locale().language == "fr":
        return f"{local.hour}\u00a0h" if local.minute == 0 else f"{local.hour}\u00a0h\u00a0{local.minute:02d}"
    return format_time(local, "HH:mm", locale=active_locale())


def format_day_time(at: datetime, timezone: str = "Europe/Paris", *, year: bool = False) -> str:
    """A moment in words: "vendredi 27 novembre à 14 h"; with the year where it is not obvious."""
    local = at.astimezone(get_timezone(timezone))
    return _(
        "%(day)s à %(clock)s", day=format_day(local.date(), year=year), clock=format_clock(local.timetz())
    )


def format_money(cents: int, currency: str = "EUR") -> str:
    """A sum in its least unit in words of money: "40 €", "3,50 €" · "€40", "€3.50"; 500 yen are "500 JP¥"."""
    digits = get_currency_precision(currency)
    whole = cents % 10**digits == 0
    amount = Decimal(cents).scaleb(-digits)
    return format_currency(
        amount,
        currency,
        locale=active_locale(),
        currency_digits=not whole,
        format=None if not whole else _whole(),
    )


def _whole() -> str:
    return "#,##0 ¤" if active_locale().language == "fr" else "¤#,##0"


def format_distance(metres: int | None) -> str:
    """How far, as exact as a walker needs: "350 m", "1,2 km". Empty where it is not known."""
    if metres is None:
        return ""
    if metres < 1000:
        return _("%(n)s m", n=max(50, round(metres / 50) * 50))
    km = metres / 1000
    return _("%(n)s km", n=format_number(round(km, 1) if km < 10 else round(km)))


def format_hours(minutes: int) -> str:
    """So many minutes as neighbours say them, in any language: "2 h", "1 h 30", "45 min", "−10 h"."""
    whole, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    if not whole:
        return f"{sign}{rest}\u00a0min" if rest else "0\u00a0h"
    return f"{sign}{whole}\u00a0h\u00a0{rest:02d}" if rest else f"{sign}{whole}\u00a0h"


def format_number(value: int | float) -> str:
    """A number with the reader's own separators."""
    return _number_as(language(), value)


@lru_cache(maxsize=4096)
def _number_as(name: str, value: int | float) -> str:
    """Twenty distances stand on a page, and the next one has much the same."""
    return str(format_decimal(value, locale=_parsed[name]))
