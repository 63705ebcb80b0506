"""waiting list"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
READY = sa.text("status = 'ready'")


def upgrade() -> None:
    op.create_table(
        "place_in_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_until", sa.Date(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("loan_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'ready', 'collected', 'dropped', 'expired')",
            name=op.f("ck_place_in_line_status"),
        ),
        sa.CheckConstraint(
            "status <> 'ready' OR (claim_id IS NOT NULL AND ready_at IS NOT NULL AND ready_until IS NOT NULL)",
            name=op.f("ck_place_in_line_ready"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status IN ('waiting', 'ready'))", name=op.f("ck_place_in_line_ended")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_place_in_line_item_id_item")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_place_in_line_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["item_claim.id"], name=op.f("fk_place_in_line_claim_id_item_claim")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_place_in_line_loan_id_loan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_in_line")),
        sa.UniqueConstraint("item_id", "turn", name=op.f("uq_place_in_line_item_id_turn")),
    )
    op.create_index(
        "uq_place_in_line_open",
        "place_in_line",
        ["item_id", "resident_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "uq_place_in_line_ready",
        "place_in_line",
        ["item_id"],
        unique=True,
        postgresql_where=READY,
        sqlite_where=READY,
    )
    op.create_index("ix_place_in_line_resident", "place_in_line", ["resident_id", "status"], unique=False)
    op.create_index(
        "ix_place_in_line_until",
        "place_in_line",
        ["ready_until", "id"],
        unique=False,
        postgresql_where=READY,
        sqlite_where=READY,
    )
    op.create_index(op.f("ix_place_in_line_loan_id"), "place_in_line", ["loan_id"], unique=False)


def downgrade() -> None:
    op.drop_table("place_in_line")
