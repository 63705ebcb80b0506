"""Who leads: of all schedulers on one database, one works and the others wait for it to end.

Work is claimed row by row besides, so that a second leader, however it came to be, does no harm.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psycopg
import structlog
from sqlalchemy import make_url

from config import Config

log = structlog.get_logger()

LOCK = 7203452
"""The number of the advisory lock; any number will do, as long as all agree."""
LOCK_FILE = "scheduler.lock"


class Leadership(Protocol):
    """One seat."""

    def take(self) -> bool:
        """Sit down if the seat is free; whether it is ours."""
        ...

    def holds(self) -> bool:
        """Whether it still is."""
        ...

    def let_go(self) -> None:
        """Stand up."""
        ...


def leadership_for(config: Config) -> Leadership:
    """Several nodes meet at PostgreSQL; with SQLite there is one machine, and a file on it."""
    if config.database_url.startswith("sqlite"):
        return FileLeadership(config.folder / LOCK_FILE)
    return PostgresLeadership(config.database_url)


class FileLeadership:
    """A lock on a file, which the kernel lifts when its holder ends, however it ends."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.file: int | None = None

    def take(self) -> bool:
        if self.file is not None:
            return True
        self.place.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self.file = file
        return True

    def holds(self) -> bool:
        return self.file is not None

    def let_go(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None


class PostgresLeadership:
    """An advisory lock of one session, on a direct connection of its own: a pooler that lends sessions out by the
    transaction would give it to somebody else. The server lifts it when the connection ends."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection: psycopg.Connection | None = None
        self.away = False

    def take(self) -> bool:
        try:
            if self.connection is None:
                self.connection = self._connect()
            row = self.connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        except psycopg.Error as error:
            if not self.away:  # asked several times a second: said once
                log.warning("the database is away; waiting for it", error=type(error).__name__)
            self.away = True
            self.let_go()
            return False
        self.away = False
        return bool(row and row[0])

    def holds(self) -> bool:
        if self.connection is None:
            return False
        try:
            self.connection.execute("SELECT 1")
        except psycopg.Error:
            self.let_go()
            return False
        return True

    def let_go(self) -> None:
        if self.connection is None:
            return
        with suppress(psycopg.Error):
            self.connection.execute("SELECT pg_advisory_unlock_all()")  # at once, not when the server notices
        self.connection.close()
        self.connection = None

    def _connect(self) -> psycopg.Connection:
        # A line that fell silent is noticed within seconds at both ends, so that the seat does not stay empty.
        return psycopg.connect(
            self.url,
            autocommit=True,
            connect_timeout=5,
            application_name="movilab scheduler",
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
            options="-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
        )
