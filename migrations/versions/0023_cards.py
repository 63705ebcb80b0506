"""cards: those that are kept, what was asked of them, what their provider told"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LIVE = sa.text("removed_at IS NULL")
DUE = sa.text("next_try_at IS NOT NULL")
UNREAD = sa.text("read_at IS NULL")
CHECKS = (
    ("kind", "kind IN ('save', 'authorize', 'charge', 'capture', 'release', 'refund', 'forget')"),
    ("status", "status IN ('planned', 'unknown', 'processing', 'requires_action', 'succeeded', 'declined')"),
    ("cents", "cents >= 0 AND (cents > 0 OR kind IN ('save', 'release', 'forget'))"),
    ("of", "(kind IN ('capture', 'release', 'refund')) = (of_id IS NOT NULL)"),
    ("ended", "(ended_at IS NULL) = (status NOT IN ('succeeded', 'declined'))"),
    ("over", "ended_at IS NULL OR next_try_at IS NULL"),
)


def upgrade() -> None:
    op.create_table(
        "card_customer",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_card_customer_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_card_customer")),
        sa.UniqueConstraint("reference", name=op.f("uq_card_customer_reference")),
    )
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("unwanted", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(moment, sa.DateTime(timezone=True), nullable=True)
            for moment in ("first_sent_at", "leased_until", "next_try_at", "ended_at", "lapses_at", "over_at")
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_payment_attempt_{name}")) for name, rule in CHECKS),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_payment_attempt_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["of_id"], ["payment_attempt.id"], name=op.f("fk_payment_attempt_of_id_payment_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempt_key")),
        sa.UniqueConstraint("subject", "kind", "seq", name=op.f("uq_payment_attempt_subject_kind_seq")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_payment_attempt_kind_reference")),
    )
    op.create_index(op.f("ix_payment_attempt_resident_id"), "payment_attempt", ["resident_id"])
    op.create_index(op.f("ix_payment_attempt_of_id"), "payment_attempt", ["of_id"])
    op.create_index(
        "ix_payment_attempt_due",
        "payment_attempt",
        ["next_try_at", "id"],
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.create_table(
        "saved_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("last4", sa.String(), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=False),
        sa.Column("exp_year", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_saved_card_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempt.id"], name=op.f("fk_saved_card_attempt_id_payment_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_card")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_saved_card_attempt_id")),
    )
    op.create_index(op.f("ix_saved_card_resident_id"), "saved_card", ["resident_id"])
    op.create_index(
        "uq_saved_card_live",
        "saved_card",
        ["subject"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
    )
    op.create_index(
        "ix_webhook_event_due",
        "webhook_event",
        ["next_try_at", "id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )


def downgrade() -> None:
    op.drop_table("webhook_event")
    op.drop_table("saved_card")
    op.drop_table("payment_attempt")
    op.drop_table("card_customer")
