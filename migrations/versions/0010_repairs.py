"""repairs: their steps, how objects looked, photos in messages"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SHOWN = sa.text("photo IS NOT NULL")
SEEN = sa.text("why IS NOT NULL AND (kind = 'checked_out' OR kind = 'returned')")


def upgrade() -> None:
    op.add_column("repair_ticket", sa.Column("state", sa.String(), server_default="assess", nullable=False))
    op.add_column("repair_ticket", sa.Column("paid_by", sa.String(), server_default="", nullable=False))
    op.execute("UPDATE repair_ticket SET state = 'back' WHERE closed_at IS NOT NULL")
    op.create_table(
        "repair_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('assess', 'parts', 'repairing', 'back', 'retired', 'dropped')",
            name=op.f("ck_repair_step_state"),
        ),
        sa.CheckConstraint("cents >= 0 AND minutes >= 0", name=op.f("ck_repair_step_amounts")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["repair_ticket.id"],
            name=op.f("fk_repair_step_ticket_id_repair_ticket"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["resident.id"], name=op.f("fk_repair_step_actor_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_step")),
    )
    op.create_index(op.f("ix_repair_step_ticket_id"), "repair_step", ["ticket_id"], unique=False)
    op.create_table(
        "condition_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("photo", sa.String(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('out', 'in')", name=op.f("ck_condition_note_stage")),
        sa.CheckConstraint("text <> '' OR photo IS NOT NULL", name=op.f("ck_condition_note_something")),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_condition_note_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["resident.id"], name=op.f("fk_condition_note_author_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_note")),
    )
    op.create_index(op.f("ix_condition_note_loan_id"), "condition_note", ["loan_id"], unique=False)
    op.create_index(
        "ix_condition_note_photo", "condition_note", ["photo"], sqlite_where=SHOWN, postgresql_where=SHOWN
    )
    op.add_column("message", sa.Column("photo", sa.String(), nullable=True))
    op.add_column("message", sa.Column("photo_width", sa.Integer(), nullable=True))
    op.add_column("message", sa.Column("photo_height", sa.Integer(), nullable=True))
    op.create_index("ix_message_photo", "message", ["photo"], sqlite_where=SHOWN, postgresql_where=SHOWN)
    op.create_index("ix_loan_event_seen", "loan_event", ["at"], sqlite_where=SEEN, postgresql_where=SEEN)


def downgrade() -> None:
    op.drop_index("ix_loan_event_seen", "loan_event")
    op.drop_index("ix_message_photo", "message")
    for column in ("photo_height", "photo_width", "photo"):
        op.drop_column("message", column)
    op.drop_table("condition_note")
    op.drop_table("repair_step")
    for column in ("paid_by", "state"):
        op.drop_column("repair_ticket", column)
