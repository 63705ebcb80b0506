"""A PostgreSQL server of our own for one test process: in a temporary folder, on a unix socket, gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from scripts.processes import end_with_parent, wait_until

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are; the newest of Debian's versions, else whatever the path offers."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """One running server; `create(name)` gives the URL of a new and empty database on it. `settings`: PostgreSQL's own,
    where they differ from those of the tests."""

    def __init__(self, bin_folder: Path, **settings: str) -> None:
        self.settings = {**SETTINGS, **settings}
        self.folder = Path(tempfile.mkdtemp(prefix="movilab-pg-", dir="/tmp"))
        self.owner = _owner()
        self.bin_folder = bin_folder
        if self.owner:
            shutil.chown(self.folder, self.owner, self.owner)
        self.server: subprocess.Popen[bytes] | None = None
        try:
            self._make_cluster()
            self.begin()
        except BaseException:
            self.stop()
            raise

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def _make_cluster(self) -> None:
        made = subprocess.run(
            [self.bin_folder / "initdb", "-D", self.cluster, "-U", "movilab", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            capture_output=True, check=False, cwd="/", **self._as_owner(),
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr.decode(errors='replace')}")

    def begin(self) -> None:
        """Start, also again after `halt`; it answers when this returns."""
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        self.log = open(self.folder / "log", "ab")
        self.server = subprocess.Popen(
            [self.bin_folder / "postgres", "-D", self.cluster, "-k", self.folder, *options],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/", start_new_session=True,
            preexec_fn=end_with_parent, **self._as_owner(),
        )  # fmt: skip
        if not wait_until(self._answers, seconds=30, step=0.05):
            raise RuntimeError(
                f"PostgreSQL did not start: {(self.folder / 'log').read_text(errors='replace')}"
            )

    def _as_owner(self) -> dict[str, object]:
        """PostgreSQL refuses to run as root."""
        return {"user": self.owner, "group": self.owner, "extra_groups": []} if self.owner else {}

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://movilab@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        recreate(self.url("postgres"), database)
        return self.url(database)

    def halt(self) -> None:
        """Stop it and keep what it holds: the database is away, until `begin`."""
        if self.server is not None:
            self.server.send_signal(signal.SIGINT)  # "fast": connections are cut, nothing is left running
            try:
                self.server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait(timeout=10)
            self.log.close()
            self.server = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


class GivenServer:
    """The server of TEST_DATABASE_URL: each test process makes databases of its own beside the one named."""

    def __init__(self, url: str) -> None:
        self.given = make_url(url).set(drivername="postgresql")
        self.made: list[str] = []

    def create(self, database: str) -> str:
        name = f"{self.given.database}_{database}"
        recreate(self.given.render_as_string(hide_password=False), name)
        self.made.append(name)
        return self.given.set(database=name).render_as_string(hide_password=False)

    def stop(self) -> None:
        for name in self.made:
            drop(self.given.render_as_string(hide_password=False), name)


def recreate(admin_url: str, name: str) -> None:
    drop(admin_url, name)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )


def drop(admin_url: str, name: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _owner() -> str | None:
    """Whom to become for a server: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    return None
