"""differences between what should say the same about money"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

THERE = sa.text("gone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "money_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(note IS NULL) = (noted_at IS NULL)", name=op.f("ck_money_difference_note")),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["resident.id"], name=op.f("fk_money_difference_noted_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_difference")),
    )
    op.create_index("ix_money_difference_noted_by_id", "money_difference", ["noted_by_id"])
    op.create_index(
        "uq_money_difference_there",
        "money_difference",
        ["place", "what"],
        unique=True,
        sqlite_where=THERE,
        postgresql_where=THERE,
    )


def downgrade() -> None:
    op.drop_table("money_difference")
