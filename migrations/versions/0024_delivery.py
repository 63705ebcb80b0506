"""orders, what came, the supplier's bills, what is packed and what was left over"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PENDING = sa.text("status = 'pending'")

CHECKS = {
    "campaign_delivery": (
        ("received", "(received_at IS NULL) = (receptions = 0)"),
        ("in_order", "settled_at IS NULL OR received_at IS NOT NULL"),
        (
            "settled",
            "(settled_at IS NULL) = (members_cents IS NULL) AND (settled_at IS NULL) = (hub_cents IS NULL)",
        ),
        (
            "balances",
            "members_cents + leftovers_cents + hub_cents = supplier_cents + transport_cents + fees_cents",
        ),
    ),
    "supplier_mail": (
        ("status", "status IN ('pending', 'sent', 'failed')"),
        ("sent", "(status = 'sent') = (sent_at IS NOT NULL)"),
    ),
    "supplier_invoice": (("kind", "kind IN ('pdf', 'photo')"),),
    "leftover": (
        ("kind", "kind IN ('sold', 'given')"),
        ("quantity", "quantity > 0"),
        ("price", "(kind = 'sold') = (cents > 0) AND (kind = 'sold') = (buyer_id IS NOT NULL)"),
    ),
}
INDEXES = (
    ("ix_supplier_mail_campaign_id", "supplier_mail", ["campaign_id"], None),
    ("ix_supplier_mail_due", "supplier_mail", ["next_try_at", "id"], PENDING),
    ("ix_supplier_invoice_campaign", "supplier_invoice", ["campaign_id", "id"], None),
    ("ix_packed_line_product_id", "packed_line", ["product_id"], None),
    ("ix_leftover_campaign", "leftover", ["campaign_id", "id"], None),
    ("ix_leftover_buyer_id", "leftover", ["buyer_id"], None),
)
CASCADE = {"ondelete": "CASCADE"}


def upgrade() -> None:
    op.create_table(
        "campaign_delivery",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("receptions", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("members_cents", sa.BigInteger(), nullable=True),
        sa.Column("leftovers_cents", sa.BigInteger(), nullable=False),
        sa.Column("hub_cents", sa.BigInteger(), nullable=True),
        sa.Column("supplier_cents", sa.BigInteger(), nullable=False),
        sa.Column("transport_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees_cents", sa.BigInteger(), nullable=False),
        sa.Column("supplier_paid_at", sa.DateTime(timezone=True), nullable=True),
        *_checks("campaign_delivery"),
        _points("campaign_delivery", "campaign_id", "campaign"),
        _points("campaign_delivery", "ordered_by_id", "resident"),
        _points("campaign_delivery", "received_by_id", "resident"),
        _points("campaign_delivery", "settled_by_id", "resident"),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_delivery")),
    )
    op.create_table(
        "supplier_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        *_checks("supplier_mail"),
        _points("supplier_mail", "campaign_id", "campaign"),
        _points("supplier_mail", "by_id", "resident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_mail")),
    )
    op.create_table(
        "supplier_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        *_checks("supplier_invoice"),
        _points("supplier_invoice", "campaign_id", "campaign"),
        _points("supplier_invoice", "added_by_id", "resident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice")),
        sa.UniqueConstraint("file", name=op.f("uq_supplier_invoice_file")),
    )
    op.create_table(
        "packed_line",
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        _points("packed_line", "pledge_id", "pledge", **CASCADE),
        _points("packed_line", "product_id", "product", **CASCADE),
        _points("packed_line", "by_id", "resident"),
        sa.PrimaryKeyConstraint("pledge_id", "product_id", name=op.f("pk_packed_line")),
    )
    op.create_table(
        "leftover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        *_checks("leftover"),
        _points("leftover", "campaign_id", "campaign"),
        _points("leftover", "product_id", "product"),
        _points("leftover", "buyer_id", "resident"),
        _points("leftover", "by_id", "resident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leftover")),
        sa.UniqueConstraint("once", name=op.f("uq_leftover_once")),
    )
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def _checks(table: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in CHECKS[table]]


def _points(table: str, column: str, other: str, **how: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), **how
    )


def downgrade() -> None:
    for table in ("leftover", "packed_line", "supplier_invoice", "supplier_mail", "campaign_delivery"):
        op.drop_table(table)
