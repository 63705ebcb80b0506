"""The demo's mailbox: mails that were written into files, read as anybody would read them."""

import heapq
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from markupsafe import Markup, escape

NEWEST = 50
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*\.eml$")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Written:
    """One mail as its reader sees it; `text` holds its links as links."""

    name: str
    subject: str
    sender: str
    reader: str
    at: datetime
    text: Markup
    html: str


def newest(folder: Path) -> list[Written]:
    """The mails that left last, the newest first."""
    places = heapq.nlargest(NEWEST, _places(folder))
    return [mail for _at, name in places if (mail := read(folder, name)) is not None]


def read(folder: Path, name: str) -> Written | None:
    """One mail by the name of its file; None where there is none, or the name is no mail's."""
    if not _NAME.match(name):
        return None
    place = folder / name
    if not place.is_file():
        return None
    raw = place.read_bytes()
    message = message_from_bytes(raw, policy=modern)
    return Written(
        name=name,
        subject=str(message["Subject"] or ""),
        sender=_person(message, "From"),
        reader=_person(message, "To"),
        at=parsedate_to_datetime(str(message["Date"])),
        text=_linked(_part(message, "plain")),
        html=_part(message, "html"),
    )


def _places(folder: Path) -> Iterator[tuple[float, str]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _NAME.match(entry.name):
                    yield entry.stat().st_mtime, entry.name
    except FileNotFoundError:
        return


def _person(message: EmailMessage, header: str) -> str:
    name, address = parseaddr(str(message[header] or ""))
    return f"{name} · {address}" if name else address


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _linked(text: str) -> Markup:
    """The text, escaped, with its addresses as links."""
    shown, end = Markup(), 0
    for link in _LINK.finditer(text):
        shown += escape(text[end : link.start()]) + Markup('<a href="{0}">{0}</a>').format(link.group())
        end = link.end()
    return shown + escape(text[end:])
