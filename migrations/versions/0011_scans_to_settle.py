"""scans to settle"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan_to_settle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("member_code", sa.String(), nullable=False),
        sa.Column("ticked", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("act IN ('check-out', 'check-in')", name=op.f("ck_scan_to_settle_act")),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_scan_to_settle_settled")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_scan_to_settle_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["resident.id"], name=op.f("fk_scan_to_settle_kept_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["resident.id"], name=op.f("fk_scan_to_settle_settled_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_to_settle")),
        sa.UniqueConstraint("kept_by_id", "key", name=op.f("uq_scan_to_settle_kept_by_id_key")),
    )
    op.create_index(
        "ix_scan_to_settle_open",
        "scan_to_settle",
        ["hub_id", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index("ix_scan_to_settle_settled", "scan_to_settle", ["settled_at"], unique=False)


def downgrade() -> None:
    op.drop_table("scan_to_settle")
