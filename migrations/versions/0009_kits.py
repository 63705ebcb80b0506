"""kits: objects made of objects"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (("part", "object_id", "item"), ("item_claim", "kit_claim_id", "item_claim"))
INDEXES = (
    ("uq_part_object", "part", ["item_id", "object_id"], True, "object_id"),
    ("ix_part_object", "part", ["object_id"], False, "object_id"),
    ("ix_item_claim_kit", "item_claim", ["kit_claim_id"], False, "kit_claim_id"),
)


def upgrade() -> None:
    for table, column, other in COLUMNS:
        # Written out: a batch rebuild would drop the triggers that guard `item_claim` on SQLite.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
        )
    for name, table, columns, unique, there in INDEXES:
        where = sa.text(f"{there} IS NOT NULL")
        op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    for name, table, *_more in INDEXES:
        op.drop_index(name, table_name=table)
    for table, column, _other in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
