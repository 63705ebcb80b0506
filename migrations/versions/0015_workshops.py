"""workshops"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REPEATS = sa.text("rule <> ''")
PLANNED = sa.text("state = 'planned'")
WAITED_FOR = sa.text("state = 'planned' AND waiting > 0")
OFFERED = sa.text("status = 'offered'")


def upgrade() -> None:
    op.create_table(
        "workshop_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("learn", sa.JSON(), nullable=False),
        sa.Column("bring", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("newcomer_places", sa.Integer(), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("facilitator_id", sa.Integer(), nullable=False),
        sa.Column("facilitator_minutes", sa.Integer(), nullable=False),
        sa.Column("induction", sa.String(), nullable=True),
        sa.Column("filled_until", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name=op.f("ck_workshop_series_capacity")),
        sa.CheckConstraint(
            "facilitator_minutes BETWEEN 0 AND 720", name=op.f("ck_workshop_series_facilitator_minutes")
        ),
        sa.CheckConstraint("minutes BETWEEN 15 AND 720", name=op.f("ck_workshop_series_minutes")),
        sa.CheckConstraint(
            "newcomer_places BETWEEN 0 AND capacity", name=op.f("ck_workshop_series_newcomers")
        ),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["resident.id"], name=op.f("fk_workshop_series_facilitator_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_workshop_series_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["resident.id"], name=op.f("fk_workshop_series_made_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_series")),
    )
    op.create_index(
        "ix_workshop_series_filled",
        "workshop_series",
        ["filled_until"],
        unique=False,
        sqlite_where=REPEATS,
        postgresql_where=REPEATS,
    )
    op.create_table(
        "workshop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("original", sa.DateTime(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("newcomer_places", sa.Integer(), nullable=False),
        sa.Column("facilitator_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("newcomers", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("reminded_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid", sa.Integer(), nullable=True),
        sa.Column("unpaid", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'cancelled')", name=op.f("ck_workshop_state")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name=op.f("ck_workshop_capacity")),
        sa.CheckConstraint(
            "newcomer_places BETWEEN 0 AND capacity", name=op.f("ck_workshop_newcomer_places")
        ),
        sa.CheckConstraint("newcomers BETWEEN 0 AND taken AND waiting >= 0", name=op.f("ck_workshop_counts")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_workshop_order")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_workshop_taken")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["resident.id"], name=op.f("fk_workshop_facilitator_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_workshop_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["workshop_series.id"], name=op.f("fk_workshop_series_id_workshop_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
        sa.UniqueConstraint("series_id", "original", name=op.f("uq_workshop_series_id_original")),
    )
    op.create_index("ix_workshop_facilitator", "workshop", ["facilitator_id", "starts_at"], unique=False)
    op.create_index("ix_workshop_hub", "workshop", ["hub_id", "starts_at", "id"], unique=False)
    op.create_index(
        "ix_workshop_start",
        "workshop",
        ["starts_at", "id"],
        unique=False,
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )
    op.create_index(
        "ix_workshop_waited",
        "workshop",
        ["starts_at", "id"],
        unique=False,
        sqlite_where=WAITED_FOR,
        postgresql_where=WAITED_FOR,
    )
    op.create_table(
        "workshop_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "consent IN ('agreed', 'asked', 'refused')", name=op.f("ck_workshop_need_consent")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["resident.id"], name=op.f("fk_workshop_need_asked_by_id_resident")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_workshop_need_item_id_item")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["workshop_series.id"], name=op.f("fk_workshop_need_series_id_workshop_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_need")),
        sa.UniqueConstraint("series_id", "item_id", name=op.f("uq_workshop_need_series_id_item_id")),
    )
    op.create_index(op.f("ix_workshop_need_item_id"), "workshop_need", ["item_id"], unique=False)
    op.create_table(
        "workshop_attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("newcomer", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended_by_id", sa.Integer(), nullable=True),
        sa.Column("induced", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(status = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_workshop_attendee_offered")
        ),
        sa.CheckConstraint(
            "attended_at IS NULL OR status = 'going'", name=op.f("ck_workshop_attendee_attended")
        ),
        sa.CheckConstraint(
            "status IN ('going', 'waiting', 'offered', 'cancelled', 'expired')",
            name=op.f("ck_workshop_attendee_status"),
        ),
        sa.ForeignKeyConstraint(
            ["attended_by_id"], ["resident.id"], name=op.f("fk_workshop_attendee_attended_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["resident.id"], name=op.f("fk_workshop_attendee_registered_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_workshop_attendee_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_attendee_workshop_id_workshop")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_attendee")),
        sa.UniqueConstraint(
            "workshop_id", "resident_id", name=op.f("uq_workshop_attendee_workshop_id_resident_id")
        ),
    )
    op.create_index(
        "ix_workshop_attendee_line", "workshop_attendee", ["workshop_id", "status", "turn"], unique=False
    )
    op.create_index(
        "ix_workshop_attendee_offer",
        "workshop_attendee",
        ["offered_until", "workshop_id"],
        unique=False,
        sqlite_where=OFFERED,
        postgresql_where=OFFERED,
    )
    op.create_index(
        "ix_workshop_attendee_resident", "workshop_attendee", ["resident_id", "status"], unique=False
    )
    op.create_table(
        "workshop_claim",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["item_claim.id"], name=op.f("fk_workshop_claim_claim_id_item_claim")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_workshop_claim_item_id_item")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_claim_workshop_id_workshop")
        ),
        sa.PrimaryKeyConstraint("workshop_id", "item_id", name=op.f("pk_workshop_claim")),
    )
    op.create_index(op.f("ix_workshop_claim_claim_id"), "workshop_claim", ["claim_id"], unique=False)
    op.create_index(op.f("ix_workshop_claim_item_id"), "workshop_claim", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_table("workshop_claim")
    op.drop_table("workshop_attendee")
    op.drop_table("workshop_need")
    op.drop_table("workshop")
    op.drop_table("workshop_series")
