"""How Alembic meets the two databases: one linear history, the same on SQLite and PostgreSQL."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from app.core.db import Base, db

target_metadata = Base.metadata


def run() -> None:
    """Run the migrations. On SQLite with foreign keys off (set outside the transaction: a batch rebuild drops its
    table, and with them on that would cascade into the rows), and with every reference checked before the end."""
    engine = db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        connection = connection.execution_options(write=True)
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            compare_type=True,
            compare_server_default=False,
            # SQLite undoes DDL as well, since the house says BEGIN itself: a step that fails leaves nothing behind.
            transactional_ddl=True,
            include_object=_ours,
        )
        with context.begin_transaction():
            if not sqlite:
                # Two nodes that start at once migrate one after the other.
                connection.execute(text("SELECT pg_advisory_xact_lock(7203451)"))
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"a migration broke {len(broken)} references, first in {broken[0][0]}")
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def _ours(thing, name, kind, reflected, compare_to):  # type: ignore[no-untyped-def]  # Alembic's hook
    # Written by hand, each on one database alone: the exclusion constraint with its index, the indexes of words.
    by_hand = ("ex_item_claim_overlap", "ix_item_words", "ix_item_words_places", "ix_skill_words_places")
    return name not in by_hand and not str(name).startswith(("item_words", "skill_words"))


if current_app is None:
    raise SystemExit("run through `flask db`")
run()
