"""What tests of money do, each in a transaction of its own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from app.core.db import db, transaction
from app.payments.ledger import services
from app.payments.ledger.models import MoneyTransaction
from app.payments.ledger.rules import Line
from tests.harness.databases import Database

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LEDGER = ("money_account", "money_transaction", "money_entry")


def post(lines: Sequence[Line], source: str = "pledge:1", **values: Any) -> MoneyTransaction:
    given = {"kind": "due", "subject": "pledge:1", "actor_id": None, "now": NOW, **values}
    with transaction():
        return services.post(source=source, lines=lines, **given)


def behind_its_back(database: Database, statement: str) -> None:
    """As somebody would who holds the database itself: triggers and references asleep."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if database.kind == "sqlite":
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            asleep = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'money_%'"
            )
            triggers = asleep.fetchall()
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute("PRAGMA ignore_check_constraints=ON")
            for name, _sql in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement)
            for _name, sql in triggers:
                raw.execute(sql)
            raw.execute("PRAGMA ignore_check_constraints=OFF")
            raw.execute("PRAGMA foreign_keys=ON")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))
            connection.commit()
            connection.execute(text("SET session_replication_role = origin"))
            connection.commit()
