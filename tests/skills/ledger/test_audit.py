"""`flask time audit`: a whole ledger holds, and whatever is tampered with behind its back is found and named."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from app.skills.ledger.audit import audit
from app.skills.ledger.rules import Party
from tests import factories
from tests.harness.databases import Database
from tests.skills.ledger.acts import pay, reserve, reverse, settle, somebody

TAMPERED = {
    "an entry": ("UPDATE time_entry SET amount = 61 WHERE side = 1 AND transfer_id = {first}", "transfer {first}"),
    "a balance after an entry": ("UPDATE time_entry SET balance = 7 WHERE side = 1", "entry 1"),
    "an entry that is gone": ("DELETE FROM time_entry WHERE side = 1 AND transfer_id = {first}", "transfer {first}"),
    "a transfer that is gone": ("DELETE FROM time_transfer WHERE id = {first}", "belongs to nothing"),
    "other minutes": ("UPDATE time_transfer SET minutes = 600 WHERE id = {first}", "transfer {first}"),
    "a balance": ("UPDATE time_account SET balance = balance + 1 WHERE hub_id IS NOT NULL", "all accounts"),
    "a promise": ("UPDATE time_reservation SET minutes = 31", "minutes reserved"),
    "a promise that is gone": ("DELETE FROM time_reservation", "minutes reserved"),
    "what was given": ("UPDATE time_account SET given = 7 WHERE given > 0", "minutes given"),
    "a contrary that is none": (
        "UPDATE time_entry SET account_id = 99 WHERE side = 1 AND transfer_id = {last}",
        "not the contrary",
    ),
}  # fmt: skip


def _written() -> dict[str, int]:
    """A session held and one promised, a shift and a gift, a mistake that was put right."""
    hub = factories.hub()
    anna, basil = factories.verified_member(hub), factories.verified_member(hub)
    one, other, place = Party(anna.id), Party(basil.id), Party(hub_id=hub.id)
    reserve(one, other, 90, "session:1")
    first = settle(60, "session:1")
    pay(place, one, 120, "shift:1", "shift")
    pay(other, place, 30, "gift:1")
    reserve(one, somebody(), 30, "session:2")
    wrong = pay(one, other, 45, "session:3", "session")
    last = reverse(wrong.transfer, factories.coordinator(hub))
    return {"first": first.id, "last": last.id}


def test_a_whole_ledger_holds(app: Flask) -> None:
    empty = audit()
    assert (empty.accounts, empty.transfers, empty.faults) == (0, 0, [])
    _written()
    whole = audit()
    assert (whole.accounts, whole.transfers, whole.faults) == (4, 5, [])
    said = app.test_cli_runner().invoke(args=["time", "audit"])
    assert said.exit_code == 0, said.output
    assert said.output.strip() == "4 accounts, 5 transfers: all of it holds."


def _behind_its_back(database: Database, statement: str) -> None:
    """As somebody would who holds the database itself: triggers and references asleep."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if database.kind == "sqlite":
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=OFF")
            for table in ("time_transfer", "time_entry"):
                for act in ("UPDATE", "DELETE"):
                    raw.execute(f"DROP TRIGGER {table}_stands_{act}")
            raw.execute(statement)
            raw.execute("PRAGMA foreign_keys=ON")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))
            connection.commit()
            connection.execute(text("SET session_replication_role = origin"))
            connection.commit()


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_found_and_named(app: Flask, database: Database, what: str) -> None:
    known = _written()
    statement, named = TAMPERED[what]
    _behind_its_back(database, statement.format(**known))
    said = [f"{fault.where}: {fault.what}" for fault in audit().faults]
    assert any(named.format(**known) in line for line in said), said


def test_the_command_names_it_and_ends_with_one(app: Flask, database: Database) -> None:
    _written()
    _behind_its_back(
        database,
        "UPDATE time_account SET balance = balance + 1 WHERE id = (SELECT min(id) FROM time_account)",
    )
    said = app.test_cli_runner().invoke(args=["time", "audit"])
    assert said.exit_code == 1
    assert ": balance: it says" in said.output
    assert "all accounts: they sum to 1, not zero" in said.output
