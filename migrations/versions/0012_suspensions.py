"""suspensions that a hub's terms make, and that lift themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("lifts_itself", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("membership", "lifts_itself")
