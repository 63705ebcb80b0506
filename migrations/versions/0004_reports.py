"""reports"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("subject_kind IN ('item')", name=op.f("ck_report_subject_kind")),
        sa.CheckConstraint(
            "reason IN ('unsafe', 'not_as_described', 'offensive', 'forbidden', 'scam', 'other')",
            name=op.f("ck_report_reason"),
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_report_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["resident.id"], name=op.f("fk_report_reporter_id_resident"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"],
            ["resident.id"],
            name=op.f("fk_report_settled_by_id_resident"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(
        "uq_report_open",
        "report",
        ["reporter_id", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index("ix_report_hub", "report", ["hub_id", "id"], unique=False)
    op.create_index("ix_report_reporter", "report", ["reporter_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("report")
