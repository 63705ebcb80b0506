"""Writing a mail: when it leaves, in its reader's language, as text and as HTML.

The words stand in `templates/mail/<kind with dashes>/{subject.txt,body.txt,body.html}`, else in the folder of its room,
else in `plain`. They know every parameter of the telling by its name, `kind`, `sentence` (as on the site), `reader`
(a name), `link` (where it is settled), `zone`, `site_name` and `site_url`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup

from app.core.i18n import in_language
from app.core.text import one_line, several_lines
from app.core.tokens import link_token
from app.notifications.rules import told
from app.notifications.wording import said
from config import Config

SUBJECT_LONGEST = 150
AS_IT_STANDS = SMTP.clone(max_line_length=980)
"""Text goes as it is written unless a line is longer than mail allows, so that a link stays in one piece."""


@dataclass(frozen=True)
class Letter:
    """One mail that is due, and whom it is for."""

    id: int
    key: str
    kind: str
    params: Mapping[str, Any]
    path: str
    attempts: int
    name: str
    locale: str
    address: str


def written(letter: Letter, *, now: datetime) -> EmailMessage:
    """The mail, whole. The same letter has the same Message-ID whenever it is written."""
    config: Config = current_app.extensions["movilab.config"]
    with in_language(letter.locale):
        words = _words(letter, config)
        subject = one_line(_render(letter, "subject.txt", words))[:SUBJECT_LONGEST]
        text = several_lines(_render(letter, "body.txt", words)) + "\n"
        html = _render(letter, "body.html", {**words, "subject": subject, "sheet": _sheet()})
    return _message(letter, config, subject=subject, text=text, html=html, now=now)


def message_id(key: str, site_url: str) -> str:
    """Made from the key, so that a mail that leaves twice is known as one; the key itself is not shown."""
    host = urlsplit(site_url).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def _words(letter: Letter, config: Config) -> dict[str, Any]:
    params = told(letter.params)
    link = config.site_url + letter.path
    match params.pop("link", None):
        case {"purpose": str(purpose), "id": int(number)}:
            link += link_token(purpose, number)
    return {
        **params,
        "kind": letter.kind,
        "reader": one_line(letter.name),
        "locale": letter.locale,
        "link": link,
        "sentence": said(letter.kind, letter.params),
        "site_name": config.site_name,
        "site_url": config.site_url,
    }


def _render(letter: Letter, part: str, words: Mapping[str, Any]) -> str:
    own, room = letter.kind.replace(".", "-"), letter.kind.partition(".")[0]
    known = [f"mail/{folder}/{part}" for folder in (own, room, "plain")]
    return current_app.jinja_env.select_template(known).render(**words)


def _message(
    letter: Letter, config: Config, *, subject: str, text: str, html: str, now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=AS_IT_STANDS)
    sender_name, sender = parseaddr(config.mail_from)
    message["From"] = Address(one_line(sender_name), addr_spec=sender)
    message["To"] = Address(one_line(letter.name), addr_spec=letter.address)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(letter.key, config.site_url)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = letter.locale  # after the content, which begins its own headers anew
    return message


@cache
def _sheet() -> Markup:
    """The look of a mail, written into each: mail programs fetch nothing."""
    sheet = Path(current_app.root_path).parent / "templates" / "mail" / "layout.css"
    return Markup(f"<style>{sheet.read_text(encoding='utf-8')}</style>")  # noqa: S704 -- our own file
