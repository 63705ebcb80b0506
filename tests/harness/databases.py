"""One migrated database per test process and kind, emptied before each test."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from app import create_app
from app.core.db import db
from app.finding.plans import Remembered
from config import PROJECT_ROOT, Config
from tests.harness.client import IsolatedClient
from tests.harness.missing import missing
from tests.harness.postgres import GivenServer, PostgresServer, binaries
from tests.harness.sizes import FULL

KINDS = ("sqlite", "postgresql")
FEW = KINDS if FULL else KINDS[:1]
"""For what takes long and hardly depends on the database: both in `make test-all`, the embedded one in `make test`."""
KEPT_TABLES = ("alembic_version",)
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free there, so that the databases of all test processes have room."""


class Database:
    """A migrated database with its data folder and its application; `environ` lets other processes join in."""

    def __init__(self, kind: str, url: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MOVILAB_")},
            "MOVILAB_ENV": "test",
            "MOVILAB_DATA": str(folder),
            "MOVILAB_RATE_LIMITS": "off",
            "MOVILAB_LOG_LEVEL": "WARNING",
            "DATABASE_URL": url,
            "PYTHONPATH": str(PROJECT_ROOT),
        }
        self.app = self.app_with()
        self.url = Config.from_environ(self.environ).database_url
        with self.app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        self.pristine = self._keep_pristine()
        self.cleaner: psycopg.Connection[Any] | None = None

    def app_with(self, **variables: str) -> Flask:
        """Another application on the same database, with other settings."""
        app = create_app(Config.from_environ({**self.environ, **variables}))
        app.testing = True
        app.test_client_class = IsolatedClient
        return app

    def empty(self) -> None:
        """As migrated: every row, photo, upload and mail of the test before is forgotten."""
        Remembered.forget_all()
        for left in ("mail", "photos", "uploads"):
            shutil.rmtree(self.folder / left, ignore_errors=True)
        if self.kind == "sqlite":
            self._restore_sqlite()
        else:
            self._empty_postgresql()

    def dispose(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        if self.cleaner is not None:
            self.cleaner.close()

    def _keep_pristine(self) -> sqlite3.Connection | None:
        if self.kind != "sqlite":
            return None
        pristine = sqlite3.connect(":memory:")
        with _sqlite(self.url) as live:
            live.backup(pristine)
        live.close()
        return pristine

    def _restore_sqlite(self) -> None:
        assert self.pristine is not None
        live = _sqlite(self.url)
        try:
            live.execute("PRAGMA synchronous = OFF")
            self.pristine.backup(live)
        finally:
            live.close()

    def _empty_postgresql(self) -> None:
        """Row by row, with triggers asleep: faster than TRUNCATE, and no lock waits for a reader left behind. By a
        connection that is kept: a new one first learns what sixty tables look like, which takes a hundred times as long."""
        try:
            self._cleaner().execute("SELECT pg_temp.empty()")
        except psycopg.OperationalError:  # its server was stopped meanwhile, which some tests do
            self.cleaner = None
            self._cleaner().execute("SELECT pg_temp.empty()")

    def _cleaner(self) -> "psycopg.Connection[Any]":
        if self.cleaner is None:
            self.cleaner = psycopg.connect(_libpq(self.url), autocommit=True)
            self.cleaner.execute("SET session_replication_role = replica")
            tables = self.cleaner.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> ALL(%s)",
                [list(KEPT_TABLES)],
            ).fetchall()
            rows = sql.SQL(" ").join(
                sql.SQL("DELETE FROM {};").format(sql.Identifier(name)) for (name,) in tables
            )
            empty = sql.SQL("CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS {}")
            body = sql.SQL("BEGIN {} END").format(rows).as_string(self.cleaner)
            self.cleaner.execute(empty.format(sql.Literal(body)))
        return self.cleaner


class Databases:
    """The databases of this test process, each begun when the first test asks for it."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.known: dict[str, Database] = {}
        self.server: PostgresServer | GivenServer | None = None
        # In memory where there is room: what is tested survives a kill, not a power cut, and a disk makes each commit wait.
        there = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None
        self.folder = Path(tempfile.mkdtemp(prefix="movilab-test-", dir=there))

    def get(self, kind: str) -> Database:
        if kind not in self.known:
            self.known[kind] = self.fresh(kind, "main")
        return self.known[kind]

    def fresh(self, kind: str, name: str) -> Database:
        """A migrated database of its own, for tests that must not share one."""
        url = self.empty_url(kind, name)
        folder = self.folder / f"{kind}-{name}"
        folder.mkdir()
        return Database(kind, url, folder)

    def empty_url(self, kind: str, name: str) -> str:
        """The address of a new database without any table."""
        if kind == "sqlite":
            return f"sqlite:///{self.folder / f'{name}.sqlite3'}"
        return self._server().create(f"movilab_{self.worker}_{name}")

    def _server(self) -> PostgresServer | GivenServer:
        if self.server is None:
            given = os.environ.get("TEST_DATABASE_URL")
            found = binaries()
            if given:
                self.server = GivenServer(given)
            elif found is None:
                missing("PostgreSQL: no server on this machine (initdb not found), and no TEST_DATABASE_URL")
            else:
                self.server = PostgresServer(found)
        return self.server

    def stop(self) -> None:
        for database in self.known.values():
            database.dispose()
        if self.server is not None:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _sqlite(url: str) -> sqlite3.Connection:
    return sqlite3.connect(make_url(url).database or "", timeout=10, isolation_level=None)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
