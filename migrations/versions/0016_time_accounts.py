"""time accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LEDGER = ("time_transfer", "time_entry")

STANDS_SQLITE = """
CREATE TRIGGER {table}_stands_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'what is in the ledger stands'); END
"""
"""Nothing in the ledger is changed or deleted. A batch rebuild of its tables drops these triggers; a migration that needs
one calls `let_stand` again."""

STANDS_POSTGRESQL = (
    """
CREATE FUNCTION ledger_stands() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what is in the ledger stands' USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    "CREATE TRIGGER time_transfer_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON time_transfer EXECUTE FUNCTION ledger_stands()",
    "CREATE TRIGGER time_entry_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON time_entry EXECUTE FUNCTION ledger_stands()",
)
"""For each statement, not each row: one that meets no row is a mistake as well."""


def let_stand() -> None:
    """Make the database refuse to change what is written."""
    if op.get_bind().dialect.name == "sqlite":
        for table in LEDGER:
            for act in ("UPDATE", "DELETE"):
                op.execute(STANDS_SQLITE.format(table=table, act=act))
        return
    for statement in STANDS_POSTGRESQL:
        op.execute(statement)


def points_at(side: str) -> sa.ForeignKeyConstraint:
    """A transfer stands only with its entry on this side, looked at when the transaction ends."""
    return sa.ForeignKeyConstraint(
        ["id", side],
        ["time_entry.transfer_id", "time_entry.side"],
        name=f"fk_time_transfer_{side}",
        deferrable=True,
        initially="DEFERRED",
    )


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "time_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("balance", "entries", "going_out", "coming_in", "given")
        ),
        sa.CheckConstraint(
            "(resident_id IS NULL) <> (hub_id IS NULL)", name=op.f("ck_time_account_one_holder")
        ),
        sa.CheckConstraint("going_out >= 0 AND coming_in >= 0", name=op.f("ck_time_account_reserved")),
        sa.CheckConstraint("entries > 0 OR balance = 0", name=op.f("ck_time_account_begins_at_zero")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_time_account_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_time_account_hub_id_hub")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_account")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_time_account_resident_id")),
        sa.UniqueConstraint("hub_id", name=op.f("uq_time_account_hub_id")),
    )
    op.create_table(
        "time_transfer",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payer_side", sa.Integer(), nullable=False),
        sa.Column("payee_side", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('session', 'workshop', 'shift', 'gift', 'reversal')", name=op.f("ck_time_transfer_kind")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_time_transfer_minutes")),
        sa.CheckConstraint("payer_side = -1 AND payee_side = 1", name=op.f("ck_time_transfer_sides")),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_time_transfer_reverses")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["time_transfer.id"], name=op.f("fk_time_transfer_reverses_id_time_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["resident.id"], name=op.f("fk_time_transfer_actor_id_resident")
        ),
        # SQLite adds no constraint to a table that stands, and asks for no table that is still to come.
        *((points_at("payer_side"), points_at("payee_side")) if sqlite else ()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_transfer")),
        sa.UniqueConstraint("key", name=op.f("uq_time_transfer_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_time_transfer_reverses_id")),
        sa.UniqueConstraint("id", "minutes", name=op.f("uq_time_transfer_id_minutes")),
    )
    op.create_index(op.f("ix_time_transfer_actor_id"), "time_transfer", ["actor_id"], unique=False)
    op.create_table(
        "time_entry",
        sa.Column("transfer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN (-1, 1)", name=op.f("ck_time_entry_side")),
        sa.CheckConstraint("number > 0", name=op.f("ck_time_entry_number")),
        sa.ForeignKeyConstraint(
            ["transfer_id", "amount"],
            ["time_transfer.id", "time_transfer.minutes"],
            name=op.f("fk_time_entry_transfer_id_amount_time_transfer"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_time_entry_account_id_time_account")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "side", name=op.f("pk_time_entry")),
        sa.UniqueConstraint("transfer_id", "account_id", name=op.f("uq_time_entry_transfer_id_account_id")),
        sa.UniqueConstraint("account_id", "number", name=op.f("uq_time_entry_account_id_number")),
    )
    if not sqlite:
        for side in ("payer_side", "payee_side"):
            op.create_foreign_key(
                f"fk_time_transfer_{side}",
                "time_transfer",
                "time_entry",
                ["id", side],
                ["transfer_id", "side"],
                deferrable=True,
                initially="DEFERRED",
            )
    op.create_table(
        "time_note",
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_note_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_time_note")),
    )
    op.create_table(
        "time_reservation",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("payee_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_time_reservation_minutes")),
        sa.CheckConstraint("payer_id <> payee_id", name=op.f("ck_time_reservation_two")),
        *(
            sa.ForeignKeyConstraint(
                [column], ["time_account.id"], name=op.f(f"fk_time_reservation_{column}_time_account")
            )
            for column in ("payer_id", "payee_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_time_reservation")),
    )
    op.create_index(op.f("ix_time_reservation_payer_id"), "time_reservation", ["payer_id"], unique=False)
    op.create_index(op.f("ix_time_reservation_payee_id"), "time_reservation", ["payee_id"], unique=False)
    op.create_table(
        "volunteer_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "minutes > 0 AND paid BETWEEN 0 AND minutes", name=op.f("ck_volunteer_shift_minutes")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_volunteer_shift_{column}_{table}")
            )
            for column, table in (
                ("hub_id", "hub"),
                ("resident_id", "resident"),
                ("transfer_id", "time_transfer"),
                ("recorded_by_id", "resident"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_shift")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_volunteer_shift_transfer_id")),
    )
    stands = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_volunteer_shift_once",
        "volunteer_shift",
        ["hub_id", "resident_id", "day", "begins"],
        unique=True,
        postgresql_where=stands,
        sqlite_where=stands,
    )
    op.create_index("ix_volunteer_shift_hub", "volunteer_shift", ["hub_id", "day", "id"], unique=False)
    op.create_index(op.f("ix_volunteer_shift_resident_id"), "volunteer_shift", ["resident_id"], unique=False)
    let_stand()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("volunteer_shift")
    op.drop_table("time_reservation")
    op.drop_table("time_note")
    if not sqlite:
        for side in ("payer_side", "payee_side"):
            op.drop_constraint(f"fk_time_transfer_{side}", "time_transfer", type_="foreignkey")
    op.drop_table("time_entry")
    op.drop_table("time_transfer")
    op.drop_table("time_account")
    if not sqlite:
        op.execute("DROP FUNCTION ledger_stands()")
