"""places with ids: on PostgreSQL the index of places answers which objects are near without reading them"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PLACES = {"ix_item_place": "lat, lon", "ix_item_coarse_place": "coarse_lat, coarse_lon"}


def upgrade() -> None:
    replace(" INCLUDE (id)")


def downgrade() -> None:
    replace("")


def replace(more: str) -> None:
    """The new index before the old one goes. SQLite has the id of a row in every index."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, columns in PLACES.items():
        op.execute(f"CREATE INDEX {name}_new ON item ({columns}){more} WHERE status = 'active'")
        op.drop_index(name, table_name="item")
        op.execute(f"ALTER INDEX {name}_new RENAME TO {name}")
