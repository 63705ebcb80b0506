"""tables that are sent, and blank stickers"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("ignored", sa.JSON(), nullable=False),
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "good >= 0 AND bad >= 0 AND written BETWEEN 0 AND good", name=op.f("ck_import_batch_counts")
        ),
        sa.CheckConstraint("kind IN ('own', 'lend_engine')", name=op.f("ck_import_batch_kind")),
        sa.CheckConstraint(
            "status IN ('reading', 'ready', 'writing', 'done', 'stopped')",
            name=op.f("ck_import_batch_status"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["resident.id"], name=op.f("fk_import_batch_confirmed_by_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_import_batch_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["resident.id"], name=op.f("fk_import_batch_made_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index("ix_import_batch_hub", "import_batch", ["hub_id", "id"])
    op.create_index("ix_import_batch_maker", "import_batch", ["made_by_id", "id"])
    op.create_index(
        "ix_import_batch_writing",
        "import_batch",
        ["id"],
        sqlite_where=sa.text("status = 'writing'"),
        postgresql_where=sa.text("status = 'writing'"),
    )
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('good', 'bad', 'written')", name=op.f("ck_import_row_status")),
        sa.CheckConstraint(
            "(status = 'written') = (item_id IS NOT NULL)", name=op.f("ck_import_row_written")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f("fk_import_row_batch_id_import_batch"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_import_row_item_id_item")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_item", "import_row", ["item_id"])
    op.create_index("ix_import_row_reference", "import_row", ["reference"])
    op.create_index("ix_import_row_status", "import_row", ["batch_id", "status", "number"])
    op.create_table(
        "sticker_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count BETWEEN 1 AND 1000", name=op.f("ck_sticker_sheet_count")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_sticker_sheet_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["resident.id"], name=op.f("fk_sticker_sheet_made_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sticker_sheet")),
    )
    op.create_index("ix_sticker_sheet_hub", "sticker_sheet", ["hub_id", "id"])
    op.create_table(
        "blank_sticker",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("former_code", sa.String(), nullable=True),
        sa.Column("stuck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stuck_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(item_id IS NULL) = (stuck_at IS NULL)", name=op.f("ck_blank_sticker_stuck")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_blank_sticker_item_id_item")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sticker_sheet.id"], name=op.f("fk_blank_sticker_sheet_id_sticker_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["stuck_by_id"], ["resident.id"], name=op.f("fk_blank_sticker_stuck_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_blank_sticker")),
        sa.UniqueConstraint("former_code", name=op.f("uq_blank_sticker_former_code")),
    )
    op.create_index("ix_blank_sticker_item", "blank_sticker", ["item_id"])
    op.create_index("ix_blank_sticker_sheet", "blank_sticker", ["sheet_id", "code"])


def downgrade() -> None:
    for table in ("blank_sticker", "sticker_sheet", "import_row", "import_batch"):
        op.drop_table(table)
