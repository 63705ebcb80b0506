"""campaigns, what is bought in them, their tiers and pick-up slots"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

READY = sa.text("status = 'draft' AND ready_at IS NOT NULL")
REPEATS = sa.text("every_weeks IS NOT NULL")
UNTOLD = sa.text("done_at IS NULL")

CHECKS = {
    "campaign": (
        (
            "status",
            (
                "status IN ('draft', 'open', 'closing', 'collecting', 'succeeded', 'failed', 'ordered', "
                "'delivered', 'closed', 'cancelled')"
            ),
        ),
        ("payment", "payment IN ('counter', 'card', 'either')"),
        ("transport_split", "transport_split IN ('by_value', 'hub')"),
        ("sharing", "sharing IN ('in_order', 'proportional')"),
        ("money", "minimum_cents >= 0 AND fees_cents >= 0 AND transport_cents >= 0"),
        ("counts", "pledgers >= 0 AND pledged_cents >= 0"),
        ("every_weeks", "every_weeks BETWEEN 1 AND 52"),
        ("times", "opens_at IS NULL OR opens_at < closes_at"),
        ("opened", "opens_at IS NOT NULL OR status IN ('draft', 'cancelled')"),
        ("ended", "(ended_at IS NULL) = (status NOT IN ('failed', 'closed', 'cancelled'))"),
    ),
    "product": (
        ("price", "price_cents > 0 AND final_price_cents > 0 AND paid_price_cents >= 0"),
        ("unit_size", "unit_size >= 1"),
        ("pack_size", "pack_size >= 1"),
        ("limit", "limit_units >= pack_size AND limit_units % pack_size = 0"),
        ("vat", "vat_permille BETWEEN 0 AND 1000"),
        ("counts", "wanted >= 0 AND tolerated >= 0"),
        ("sold", "limit_units IS NULL OR wanted <= limit_units"),
        ("came", "packs >= 0 AND received >= 0"),
    ),
    "product_tier": (("tier", "from_quantity > 1 AND price_cents > 0"),),
    "pick_up_slot": (
        ("order", "starts_at < ends_at"),
        ("capacity", "capacity >= 1"),
        ("taken", "taken BETWEEN 0 AND capacity"),
    ),
    "campaign_telling": (("what", "what IN ('opened', 'last_day')"),),
}
INDEXES = (
    ("ix_campaign_hub", "campaign", ["hub_id", "status", "closes_at", "id"], None),
    ("ix_campaign_closes", "campaign", ["status", "closes_at", "id"], None),
    ("ix_campaign_organizer", "campaign", ["organizer_id", "status"], None),
    ("ix_campaign_ready", "campaign", ["opens_at", "id"], READY),
    ("ix_campaign_repeats", "campaign", ["closes_at", "id"], REPEATS),
    ("ix_campaign_organizer_resident_id", "campaign_organizer", ["resident_id"], None),
    ("ix_product_campaign", "product", ["campaign_id", "position"], None),
    ("ix_pick_up_slot_campaign", "pick_up_slot", ["campaign_id", "starts_at"], None),
    ("ix_pick_up_slot_start", "pick_up_slot", ["starts_at", "id"], None),
    ("ix_campaign_telling_open", "campaign_telling", ["campaign_id"], UNTOLD),
)


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("organizer_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("supplier_email", sa.String(), nullable=True),
        sa.Column("supplier_note", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("minimum_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees_cents", sa.BigInteger(), nullable=False),
        sa.Column("transport_cents", sa.BigInteger(), nullable=False),
        sa.Column("transport_split", sa.String(), nullable=False),
        sa.Column("sharing", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery_day", sa.Date(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pledgers", sa.Integer(), nullable=False),
        sa.Column("pledged_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("next_of_id", sa.Integer(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=True),
        *_checks("campaign"),
        _points("campaign", "hub_id", "hub"),
        _points("campaign", "organizer_id", "resident"),
        _points("campaign", "copied_from_id", "campaign"),
        _points("campaign", "next_of_id", "campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("next_of_id", name=op.f("uq_campaign_next_of_id")),
    )
    op.create_table(
        "campaign_organizer",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        _points("campaign_organizer", "campaign_id", "campaign", ondelete="CASCADE"),
        _points("campaign_organizer", "resident_id", "resident"),
        sa.PrimaryKeyConstraint("campaign_id", "resident_id", name=op.f("pk_campaign_organizer")),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("unit_size", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=False),
        sa.Column("limit_units", sa.Integer(), nullable=True),
        sa.Column("vat_permille", sa.Integer(), nullable=False),
        sa.Column("allergens", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("tolerated", sa.Integer(), nullable=False),
        sa.Column("packs", sa.Integer(), nullable=True),
        sa.Column("final_price_cents", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("paid_price_cents", sa.Integer(), nullable=True),
        *_checks("product"),
        _points("product", "campaign_id", "campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    op.create_table(
        "product_tier",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        *_checks("product_tier"),
        _points("product_tier", "product_id", "product", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("product_id", "from_quantity", name=op.f("pk_product_tier")),
    )
    op.create_table(
        "pick_up_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        *_checks("pick_up_slot"),
        _points("pick_up_slot", "campaign_id", "campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_up_slot")),
    )
    op.create_table(
        "campaign_telling",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        *_checks("campaign_telling"),
        _points("campaign_telling", "campaign_id", "campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("campaign_id", "what", name=op.f("pk_campaign_telling")),
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
    for table in (
        "campaign_telling",
        "pick_up_slot",
        "product_tier",
        "product",
        "campaign_organizer",
        "campaign",
    ):
        op.drop_table(table)
