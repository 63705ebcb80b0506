"""The sentences of this room: what is said where a kind has no words of its own, and what a mail can end as."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import structlog

from app.core.i18n import _l, format_clock, format_day, format_day_time, has_sentence, sentence
from app.notifications.rules import told

log = structlog.get_logger()

SENTENCES = {
    "notifications.something_new": _l("Il y a du nouveau pour vous."),
}


def said(kind: str, params: Mapping[str, Any]) -> str:
    """What was told, as a sentence in the reader's language. `params` as the row keeps them; moments are said in
    the zone that stands beside them. A kind that lost its words says that there is news."""
    code = f"tell.{kind}"
    if has_sentence(code):
        revived = told(params)
        zone = str(revived.get("zone", "Europe/Paris"))
        try:
            return sentence(code, {name: _in_words(value, zone) for name, value in revived.items()})
        except (KeyError, TypeError, ValueError):
            log.warning("a sentence does not fit its parameters", kind=kind)
    return sentence("notifications.something_new")


def _in_words(value: Any, zone: str) -> Any:
    match value:
        case datetime():
            return format_day_time(value, zone)
        case date():
            return format_day(value)
        case time():
            return format_clock(value)
        case _:
            return value
