"""receipts of money by hand, and the hubs' cash boxes"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
STANDS = sa.text("reversed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "cash_box",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_cents", sa.Integer(), nullable=False),
        sa.Column("found_cents", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_cents", sa.Integer(), nullable=True),
        sa.Column("expected_cents", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "opened_cents >= 0 AND (closed_cents IS NULL OR closed_cents >= 0)",
            name=op.f("ck_cash_box_counted"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_cents IS NULL) AND (closed_at IS NULL) = (expected_cents IS NULL)"
            " AND (closed_at IS NULL) = (closed_by_id IS NULL)",
            name=op.f("ck_cash_box_closed"),
        ),
        *_keys("cash_box", ("hub_id", "hub"), ("opened_by_id", "resident"), ("closed_by_id", "resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_box")),
    )
    op.create_index(
        "uq_cash_box_open", "cash_box", ["hub_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_cash_box_hub", "cash_box", ["hub_id", "id"])
    op.create_index("ix_cash_box_opened_by_id", "cash_box", ["opened_by_id"])
    op.create_index("ix_cash_box_closed_by_id", "cash_box", ["closed_by_id"])
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=True),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by_id", sa.Integer(), nullable=True),
        sa.Column("reversed_why", sa.String(), nullable=True),
        sa.CheckConstraint("way IN ('in', 'out')", name=op.f("ck_receipt_way")),
        sa.CheckConstraint("means IN ('cash', 'cheque', 'transfer')", name=op.f("ck_receipt_means")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_receipt_cents")),
        sa.CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by_id IS NULL) AND (reversed_at IS NULL) = (reversed_why IS NULL)",
            name=op.f("ck_receipt_reversed"),
        ),
        *_keys(
            "receipt", ("hub_id", "hub"), ("box_id", "cash_box"),
            *((column, "resident") for column in ("resident_id", "actor_id", "reversed_by_id")),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )  # fmt: skip
    op.create_index(
        "uq_receipt_key", "receipt", ["key"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    op.create_index("ix_receipt_hub", "receipt", ["hub_id", "id"])
    op.create_index("ix_receipt_subject", "receipt", ["subject"])
    for column in ("box_id", "resident_id", "actor_id", "reversed_by_id"):
        op.create_index(f"ix_receipt_{column}", "receipt", [column])


def _keys(table: str, *columns: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in columns
    ]


def downgrade() -> None:
    op.drop_table("receipt")
    op.drop_table("cash_box")
