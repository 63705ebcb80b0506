"""transfers between hubs"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'requested' OR status = 'sent'")


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("from_hub_id", sa.Integer(), nullable=False),
        sa.Column("to_hub_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('requested', 'sent', 'received', 'cancelled')", name=op.f("ck_transfer_status")
        ),
        sa.CheckConstraint("from_hub_id <> to_hub_id", name=op.f("ck_transfer_elsewhere")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_transfer_{column}_{table}"))
            for column, table in (
                ("item_id", "item"),
                ("from_hub_id", "hub"),
                ("to_hub_id", "hub"),
                ("claim_id", "item_claim"),
                ("requested_by_id", "resident"),
                ("sent_by_id", "resident"),
                ("received_by_id", "resident"),
                ("cancelled_by_id", "resident"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(
        "uq_transfer_open", "transfer", ["item_id"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index("ix_transfer_from", "transfer", ["from_hub_id", "status", "id"], unique=False)
    op.create_index("ix_transfer_to", "transfer", ["to_hub_id", "status", "id"], unique=False)
    op.create_index("ix_transfer_item", "transfer", ["item_id", "received_at"], unique=False)
    op.create_index("ix_transfer_status", "transfer", ["status", "id"], unique=False)
    op.create_table(
        "moved_reservation",
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfer.id"],
            name=op.f("fk_moved_reservation_transfer_id_transfer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_moved_reservation_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transfer_id", "loan_id", name=op.f("pk_moved_reservation")),
    )
    op.create_index("ix_moved_reservation_loan_id", "moved_reservation", ["loan_id"], unique=False)


def downgrade() -> None:
    op.drop_table("moved_reservation")
    op.drop_table("transfer")
