"""The ways a mail can leave: to a mail server, or into a folder where it can be read."""

import hashlib
import os
import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from app.core.tokens import new_token
from config import Config

SMTP_TIMEOUT = 10
"""Seconds that a mail server may take to answer."""
SEVEN_BIT = SMTP.clone(cte_type="7bit")
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


class SenderAway(Exception):
    """Nobody takes mail at all just now: what is wrong is not this mail."""


class Sender(Protocol):
    """Takes mails, one after the other, while it is open: `with sender: sender.send(message, key=key)`.

    What was sent under a key and is sent again is the same mail. Raises `SenderAway`, or what went wrong with
    this one mail. `noted_together`: after so many at most, `settle()` is called and they are noted as sent.
    """

    noted_together: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, message: EmailMessage, *, key: str) -> None: ...

    def settle(self) -> None:
        """What was sent stays sent, also after a power cut."""
        ...


def sender_for(config: Config) -> Sender:
    """A mail server where one is named, else files in the data folder."""
    return SmtpSender(config.smtp_url) if config.smtp_url else FileSender(config.folder / "mail")


class FileSender:
    """Each mail becomes one file, named by its key. The file appears whole or not at all, and once: a second
    sending finds it there; so several may be noted together. Its owner alone can read it."""

    noted_together = 20

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open."""

    def send(self, message: EmailMessage, *, key: str) -> None:
        place = self.folder / file_name(key)
        if place.exists():
            return
        begun = self.folder / f".{new_token()}.tmp"
        descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes(policy=SMTP))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(begun, place)
        finally:
            begun.unlink()

    def settle(self) -> None:
        """The bytes are on the disk since each was written; the names are from here on."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def file_name(key: str) -> str:
    """A name that says what the key says, and differs where the key differs."""
    readable = _ODD.sub("-", key).strip("-")[:100]
    return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:10]}.eml"


class SmtpSender:
    """A mail server, `smtp://user:password@host:port` (encrypted when the server offers it) or `smtps://…`. One
    connection serves all mails of one opening. At a crash the mail in flight may leave twice, as one Message-ID; that
    it is one at most, each is noted by itself."""

    noted_together = 1

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("MOVILAB_SMTP_URL must be smtp://… or smtps://…")
        self.encrypted = parts.scheme == "smtps"
        self.host = parts.hostname
        self.port = parts.port or (465 if self.encrypted else 587)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password or "")
        self.server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.server is None:
            return
        try:
            self.server.quit()
        except (smtplib.SMTPException, OSError):
            self.server.close()
        self.server = None

    def send(self, message: EmailMessage, *, key: str) -> None:  # noqa: ARG002 -- the Message-ID is made of it
        server = self._connected()
        eight_bit = server.has_extn("8bitmime")
        try:
            server.sendmail(
                parseaddr(str(message["From"]))[1],
                [parseaddr(str(message["To"]))[1]],
                message.as_bytes(policy=SMTP if eight_bit else SEVEN_BIT),
                mail_options=["BODY=8BITMIME"] if eight_bit else [],
            )
        except smtplib.SMTPException as error:
            if not isinstance(error, smtplib.SMTPServerDisconnected):
                raise
            self._let_go()
            raise SenderAway(type(error).__name__) from error
        except OSError as error:
            self._let_go()
            raise SenderAway(type(error).__name__) from error

    def settle(self) -> None:
        """The server has said that it has it."""

    def _connected(self) -> smtplib.SMTP:
        if self.server is not None:
            return self.server
        try:
            self.server = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            self._let_go()
            raise SenderAway(type(error).__name__) from error
        return self.server

    def _connect(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SMTP_TIMEOUT, context=trust)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SMTP_TIMEOUT)
        self.server = server
        server.ehlo()
        if not self.encrypted and server.has_extn("starttls"):
            server.starttls(context=trust)
            server.ehlo()
        if self.user is not None:
            server.login(self.user, self.password)
        return server

    def _let_go(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
