"""the ledger of money"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LEDGER = ("money_account", "money_transaction", "money_entry")

STANDS_SQLITE = """
CREATE TRIGGER {table}_stands_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'what is in the ledger stands'); END
"""
STANDS_POSTGRESQL = """
CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION ledger_stands()
"""
"""As of the time accounts (0016), whose function it is. A batch rebuild of these tables drops the triggers; a migration
that needs one calls `let_stand` again."""


def let_stand() -> None:
    """Make the database refuse to change what is written."""
    if op.get_bind().dialect.name == "sqlite":
        for table in LEDGER:
            for act in ("UPDATE", "DELETE"):
                op.execute(STANDS_SQLITE.format(table=table, act=act))
        return
    for table in LEDGER:
        op.execute(STANDS_POSTGRESQL.format(table=table))


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "money_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind IN ('member')) = (resident_id IS NOT NULL)", name=op.f("ck_money_account_resident")
        ),
        sa.CheckConstraint(
            "(kind IN ('cash', 'bank', 'hub')) = (hub_id IS NOT NULL)", name=op.f("ck_money_account_hub")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_money_account_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_money_account_hub_id_hub")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_account")),
        sa.UniqueConstraint("kind", "holder", "currency", name=op.f("uq_money_account_kind_holder_currency")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_money_account_id_currency")),
    )
    op.create_index("ix_money_account_resident_id", "money_account", ["resident_id"])
    op.create_index("ix_money_account_hub_id", "money_account", ["hub_id"])
    last = (["id", "entries", "rest"], ["transaction_id", "number", "after"])
    op.create_table(
        "money_transaction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("rest", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.CheckConstraint("entries > 1", name=op.f("ck_money_transaction_entries")),
        sa.CheckConstraint("rest = 0", name=op.f("ck_money_transaction_rest")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["resident.id"], name=op.f("fk_money_transaction_actor_id_resident")
        ),
        # SQLite adds no constraint to a table that stands, and asks for no table that is still to come.
        *(
            [
                sa.ForeignKeyConstraint(
                    last[0],
                    [f"money_entry.{column}" for column in last[1]],
                    name="fk_money_transaction_last",
                    deferrable=True,
                    initially="DEFERRED",
                )
            ]
            if sqlite
            else []
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_transaction")),
        sa.UniqueConstraint("source", "kind", name=op.f("uq_money_transaction_source_kind")),
        sa.UniqueConstraint(
            "id", "entries", "currency", name=op.f("uq_money_transaction_id_entries_currency")
        ),
    )
    op.create_index("ix_money_transaction_actor_id", "money_transaction", ["actor_id"])
    op.create_index("ix_money_transaction_subject", "money_transaction", ["subject", "id"])
    op.create_table(
        "money_entry",
        sa.Column("transaction_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("amount", "before", "after")),
        sa.CheckConstraint("number BETWEEN 1 AND entries", name=op.f("ck_money_entry_number")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_money_entry_amount")),
        sa.CheckConstraint("after = before + amount", name=op.f("ck_money_entry_after")),
        sa.CheckConstraint(
            "(number = 1) = (previous IS NULL) AND previous = number - 1",
            name=op.f("ck_money_entry_previous"),
        ),
        sa.CheckConstraint("number > 1 OR before = 0", name=op.f("ck_money_entry_first")),
        sa.ForeignKeyConstraint(
            ["transaction_id", "entries", "currency"],
            ["money_transaction.id", "money_transaction.entries", "money_transaction.currency"],
            name="fk_money_entry_transaction",
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id", "previous", "before"],
            ["money_entry.transaction_id", "money_entry.number", "money_entry.after"],
            name="fk_money_entry_previous",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["money_account.id", "money_account.currency"],
            name="fk_money_entry_account",
        ),
        sa.PrimaryKeyConstraint("transaction_id", "number", name=op.f("pk_money_entry")),
        sa.UniqueConstraint(
            "transaction_id", "number", "after", name=op.f("uq_money_entry_transaction_id_number_after")
        ),
        sa.UniqueConstraint(
            "transaction_id", "account_id", name=op.f("uq_money_entry_transaction_id_account_id")
        ),
    )
    op.create_index("ix_money_entry_account", "money_entry", ["account_id", "transaction_id", "amount"])
    if not sqlite:
        op.create_foreign_key(
            "fk_money_transaction_last",
            "money_transaction",
            "money_entry",
            *last,
            deferrable=True,
            initially="DEFERRED",
        )
    op.create_table(
        "money_note",
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["money_transaction.id"],
            name=op.f("fk_money_note_transaction_id_money_transaction"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_money_note")),
    )
    let_stand()


def downgrade() -> None:
    op.drop_table("money_note")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_money_transaction_last", "money_transaction", type_="foreignkey")
    op.drop_table("money_entry")
    op.drop_table("money_transaction")
    op.drop_table("money_account")
