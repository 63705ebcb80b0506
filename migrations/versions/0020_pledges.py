"""pledges, their increments, the forms that were sent, and what each gets"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

HOLDS = sa.text("status = 'holding'")


def upgrade() -> None:
    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=False),
        sa.Column("share_cents", sa.BigInteger(), nullable=True),
        sa.Column("waived_cents", sa.BigInteger(), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("pick_up_code_hash", sa.String(), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _check("pledge", "payment", "payment IN ('counter', 'card')"),
        _check("pledge", "status", "status IN ('holding', 'live', 'withdrawn', 'lapsed', 'removed')"),
        _check("pledge", "held", "(status = 'holding') = (held_until IS NOT NULL)"),
        _check("pledge", "ceiling", "ceiling_cents >= 0 AND total_cents BETWEEN 0 AND ceiling_cents"),
        _check("pledge", "shares", "share_cents >= 0 AND waived_cents >= 0"),
        _points("pledge", "campaign_id", "campaign"),
        _points("pledge", "resident_id", "resident"),
        _points("pledge", "slot_id", "pick_up_slot"),
        _points("pledge", "picked_up_by_id", "resident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("campaign_id", "resident_id", name=op.f("uq_pledge_campaign_id_resident_id")),
    )
    op.create_table(
        "pledge_increment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("want", sa.Integer(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _check("pledge_increment", "something", "want <> 0 OR tolerance <> 0"),
        _points("pledge_increment", "pledge_id", "pledge"),
        _points("pledge_increment", "product_id", "product"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_increment")),
    )
    op.create_table(
        "pledge_form",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _points("pledge_form", "campaign_id", "campaign"),
        _points("pledge_form", "resident_id", "resident"),
        sa.PrimaryKeyConstraint("campaign_id", "resident_id", "key", name=op.f("pk_pledge_form")),
    )
    op.create_table(
        "allotment",
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("goods_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_quantity", sa.Integer(), nullable=True),
        sa.Column("received_cents", sa.BigInteger(), nullable=True),
        _check("allotment", "given", "quantity >= 0 AND goods_cents >= 0"),
        _check("allotment", "received", "received_quantity >= 0 AND received_cents >= 0"),
        _points("allotment", "pledge_id", "pledge"),
        _points("allotment", "product_id", "product"),
        sa.PrimaryKeyConstraint("pledge_id", "product_id", name=op.f("pk_allotment")),
    )
    for name, table, columns, where in (
        ("ix_pledge_resident", "pledge", ["resident_id", "status"], None),
        ("ix_pledge_held", "pledge", ["held_until", "id"], HOLDS),
        ("ix_pledge_slot_id", "pledge", ["slot_id"], None),
        ("ix_pledge_increment_product", "pledge_increment", ["product_id", "id"], None),
        ("ix_pledge_increment_pledge", "pledge_increment", ["pledge_id", "product_id"], None),
        ("ix_allotment_product_id", "allotment", ["product_id"], None),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _points(table: str, column: str, at: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{at}.id"], name=op.f(f"fk_{table}_{column}_{at}"))


def downgrade() -> None:
    for table in ("allotment", "pledge_form", "pledge_increment", "pledge"):
        op.drop_table(table)
