"""The history of the schema: one line, up and down and up with rows in it, on both databases, and the same as the
models at its head."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, Engine, MetaData, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.core.db import Base, db
from config import PROJECT_ROOT, Config
from tests.harness.databases import FEW, KINDS, Database, Databases
from tests.harness.sizes import FULL
from tests.migrations.rows import ROWS

FOLDER = PROJECT_ROOT / "migrations"
HISTORY = ScriptDirectory(str(FOLDER))
REVISIONS = [step.revision for step in reversed(list(HISTORY.walk_revisions()))]
ALEMBIC = "alembic_version"
INDEXES_OF_WORDS = ("item_words", "skill_words")
"""SQLite's indexes of words are made of tables that follow the rows of `item` and of `skill`."""
ONE_BY_ONE = REVISIONS if FULL else REVISIONS[-5:]
"""Those that go up, down and up alone: what was written once does not change, and all of them go down and up together."""
_numbers = itertools.count(1)


class Town:
    """A database that no other test shares, with an application to migrate it."""

    def __init__(self, url: str, folder: Path) -> None:
        environ = {"MOVILAB_ENV": "test", "MOVILAB_DATA": str(folder), "DATABASE_URL": url}
        config = Config.from_environ(environ)
        self.app: Flask = create_app(config)
        self.engine: Engine = create_engine(config.database_url)

    def to(self, revision: str, *, folder: Path = FOLDER) -> None:
        """Migrate up or down to a revision."""
        with self.app.app_context():
            now = self.revision()
            up = revision != "base" and (now is None or revision > now)
            move: Callable[..., None] = flask_migrate.upgrade if up else flask_migrate.downgrade
            try:
                move(directory=str(folder), revision=revision)
            finally:
                db.session.remove()
                db.engine.dispose()

    def revision(self) -> str | None:
        if not inspect(self.engine).has_table(ALEMBIC):
            return None
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def tables(self) -> MetaData:
        known = MetaData()
        known.reflect(self.engine, only=lambda name, _: not name.startswith(INDEXES_OF_WORDS))
        if ALEMBIC in known.tables:
            known.remove(known.tables[ALEMBIC])
        return known

    def fill(self, revision: str) -> None:
        """The rows that this revision made room for, where a downgrade has taken them or they never were."""
        known = self.tables()
        empty = {name for name, rows in self.rows().items() if not rows}
        with self.engine.begin() as connection:
            for table, values in ROWS.get(revision, []):
                if table in empty:
                    connection.execute(known.tables[table].insert().values(**values))

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        with self.engine.connect() as connection:
            return {
                name: [dict(row._mapping) for row in connection.execute(table.select())]
                for name, table in self.tables().tables.items()
            }

    def refuses(self, statement: str, **values: Any) -> bool:
        """Whether the database itself says no; what it accepts stays."""
        return self.refuses_all((statement, values))

    def refuses_all(self, *statements: tuple[str, dict[str, Any]]) -> bool:
        """Whether it says no to these in one transaction, at the latest when that ends."""
        try:
            with self.engine.begin() as connection:
                for statement, values in statements:
                    connection.execute(text(statement), values)
        except DBAPIError:
            return True
        return False


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Town]:
    """An empty database without any table."""
    made = Town(databases.empty_url(request.param, f"moves_{next(_numbers)}"), tmp_path)
    yield made
    made.engine.dispose()


def test_history_is_one_line() -> None:
    assert len(HISTORY.get_heads()) == 1
    assert len(HISTORY.get_bases()) == 1
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    for step in HISTORY.walk_revisions():
        assert len(step.nextrev) <= 1, step.revision
        assert step.doc, f"{step.revision} says nothing"


def test_current_head_is_written_down() -> None:
    assert (FOLDER / ".current-head").read_text().strip() == REVISIONS[-1]


def test_head_equals_models(app: Flask) -> None:
    flask_migrate.check(directory=str(FOLDER))


def test_checks_and_partial_indexes_are_those_of_the_models(app: Flask, database: Database) -> None:
    """What Alembic does not compare: the conditions that the database keeps."""
    found = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        checks = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in found.get_check_constraints(table.name)} == checks, table.name
        option = f"{database.kind}_where"
        partial = {
            index.name: _words(str(index.dialect_kwargs[option]))
            for index in table.indexes
            if index.dialect_kwargs.get(option) is not None
        }
        stands = {
            index["name"]: _words(str(index["dialect_options"][option]))
            for index in found.get_indexes(table.name)
            if index.get("dialect_options", {}).get(option) is not None
        }
        stands.pop("ex_item_claim_overlap", None)  # the guard itself: PostgreSQL's alone, written by hand
        assert stands == partial, table.name


def _words(condition: str) -> str:
    """PostgreSQL writes `((status)::text = 'active'::text)` for `status = 'active'`."""
    for noise in ("(", ")", "::text", "::character varying"):
        condition = condition.replace(noise, "")
    return condition.strip()


def test_every_revision_goes_up_down_and_up_with_rows(town: Town) -> None:
    for before, revision in zip(["base", *REVISIONS], REVISIONS, strict=False):
        town.to(revision)
        if revision not in ONE_BY_ONE:
            town.fill(revision)
            continue
        town.fill(revision)
        full = town.rows()
        assert [name for name, rows in full.items() if not rows] == [], "tables without a row in rows.py"
        town.to(before)
        below = town.rows()
        _same_where_both_stand(full, below)
        town.to(revision)
        _same_where_both_stand(below, town.rows())
        town.fill(revision)
        _guard_holds(town)


def _same_where_both_stand(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> None:
    """Tables and columns may come and go; a row of a table that stays, stays with all that stays of it."""
    for name in before.keys() & after.keys():
        assert len(before[name]) == len(after[name]), name
        for old, new in zip(before[name], after[name], strict=True):
            kept = old.keys() & new.keys()
            assert {word: old[word] for word in kept} == {word: new[word] for word in kept}, name


CLAIM = (
    "INSERT INTO item_claim (item_id, kind, first_day, end_day, live, uncertain) "
    "VALUES (1, 'own', :first, :end, :live, false)"
)


def _guard_holds(town: Town) -> None:
    """Rows written behind the models' back, beside the claim of `rows.py`: 25 November to 3 December."""
    day = [str(date(2026, 12, n)) for n in range(1, 31)]
    assert town.refuses(CLAIM, first=day[1], end=day[2], live=True), "inside"
    assert town.refuses(CLAIM, first="2026-11-01", end="2027-01-01", live=True), "around"
    assert town.refuses(CLAIM, first=day[1], end=day[5], live=True), "over its end"
    assert town.refuses(CLAIM, first=day[5], end=day[5], live=True), "no day at all"
    assert not town.refuses(CLAIM, first=day[2], end=day[5], live=True), "half-open: begins where it ends"
    assert not town.refuses(CLAIM, first=day[2], end=day[5], live=False), "what is over takes no days"
    assert town.refuses("UPDATE item_claim SET live = true WHERE NOT live"), "woken up"
    assert town.refuses("UPDATE item_claim SET end_day = '2026-12-04' WHERE id = 1"), "made longer"
    assert town.refuses(
        "UPDATE item_claim SET first_day = '2026-12-02' WHERE first_day = '2026-12-03' AND live"
    )
    assert not town.refuses("UPDATE item_claim SET end_day = '2026-12-02' WHERE id = 1"), "made shorter"
    assert not town.refuses("UPDATE item_claim SET end_day = '2026-12-03' WHERE id = 1"), "and long again"
    assert not town.refuses("DELETE FROM item_claim WHERE id <> 1")


ENTRY = (
    "INSERT INTO time_entry (transfer_id, side, amount, account_id, number, balance) "
    "VALUES (2, :side, :amount, :account, 2, 0)"
)


def _ledger_stands(town: Town) -> None:
    """A transfer has exactly two entries that sum to zero, and nothing that was written is changed."""
    transfer = (
        "INSERT INTO time_transfer (id, key, kind, minutes, at, payer_side, payee_side) "
        "VALUES (2, 'gift:2', 'gift', 60, '2026-11-25', :payer, :payee)"
    )
    sides = {"payer": -1, "payee": 1}
    out = {"side": -1, "amount": 60, "account": 1}
    into = {"side": 1, "amount": 60, "account": 2}
    assert town.refuses_all((transfer, sides)), "no entry"
    assert town.refuses_all((transfer, sides), (ENTRY, out)), "one entry"
    assert town.refuses_all((transfer, sides), (ENTRY, out), (ENTRY, {**into, "amount": 59})), "not zero"
    assert town.refuses_all((transfer, sides), (ENTRY, out), (ENTRY, {**into, "side": -1})), "twice one side"
    assert town.refuses_all((transfer, sides), (ENTRY, out), (ENTRY, {**into, "side": 2})), "a third side"
    assert town.refuses_all((transfer, sides), (ENTRY, out), (ENTRY, {**into, "account": 1})), "to itself"
    assert town.refuses_all((transfer, {"payer": -1, "payee": -1}), (ENTRY, out)), "one side for both"
    assert not town.refuses_all((transfer, sides), (ENTRY, out), (ENTRY, into)), "two entries"
    for table in ("time_transfer", "time_entry"):
        assert town.refuses(f"DELETE FROM {table}"), f"taken out of {table}"
    assert town.refuses("UPDATE time_transfer SET minutes = 60"), "another number"
    assert town.refuses("UPDATE time_entry SET balance = balance + 1"), "another balance"


def test_head_down_to_nothing_and_up_again_keeps_the_guard(town: Town) -> None:
    town.to("head")
    town.to("base")
    assert town.tables().tables == {}
    town.to("head")
    for revision in REVISIONS:
        town.fill(revision)
    _guard_holds(town)
    _ledger_stands(town)


BROKEN_STEPS = {
    "fails in the middle": "op.create_table('half', sa.Column('id', sa.Integer()))\n    raise RuntimeError('power cut')",
    "breaks references": (
        "op.create_table('half', sa.Column('id', sa.Integer()))\n    op.execute('DELETE FROM resident WHERE id = 1')"
    ),
}
STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"

def upgrade():
    {body}

def downgrade():
    pass
"""


@pytest.mark.parametrize("town", FEW, indirect=True)
def test_what_changes_nothing_or_fails_leaves_every_row_as_it_was(town: Town, tmp_path: Path) -> None:
    """An upgrade where all is done, and steps that break in the middle."""
    town.to("head")
    for revision in REVISIONS:
        town.fill(revision)
    full = town.rows()
    with town.app.app_context():
        flask_migrate.upgrade(directory=str(FOLDER))
    assert town.rows() == full
    for name, body in BROKEN_STEPS.items():
        folder = tmp_path / name
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "9999_broken.py").write_text(STEP.format(head=REVISIONS[-1], body=body))
        with pytest.raises((RuntimeError, DBAPIError, SystemExit)):
            town.to("9999", folder=folder)
        assert town.revision() == REVISIONS[-1], name
        assert town.rows() == full, name
        _guard_holds(town)
