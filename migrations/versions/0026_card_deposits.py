"""deposits by card"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

LIVE = sa.text("over_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "card_deposit",
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_card_deposit_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_card_deposit")),
    )
    op.create_index(
        "ix_card_deposit_live", "card_deposit", ["loan_id"], sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "damage_claim",
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("claimed_by_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), server_default="", nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.String(), server_default="", nullable=False),
        sa.Column("due_cents", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_damage_claim_cents")),
        sa.CheckConstraint(
            "state IN ('open', 'contested', 'due', 'dropped')", name=op.f("ck_damage_claim_state")
        ),
        sa.CheckConstraint(
            "(state = 'due') = (due_at IS NOT NULL) AND (due_at IS NULL) = (due_cents IS NULL)",
            name=op.f("ck_damage_claim_due"),
        ),
        sa.CheckConstraint(
            "due_cents IS NULL OR (due_cents > 0 AND due_cents <= cents)",
            name=op.f("ck_damage_claim_due_cents"),
        ),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_damage_claim_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repair_ticket.id"], name=op.f("fk_damage_claim_ticket_id_repair_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"], ["resident.id"], name=op.f("fk_damage_claim_claimed_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["resident.id"], name=op.f("fk_damage_claim_decided_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_damage_claim")),
    )
    for column in ("ticket_id", "claimed_by_id", "decided_by_id"):
        op.create_index(f"ix_damage_claim_{column}", "damage_claim", [column])


def downgrade() -> None:
    op.drop_table("damage_claim")
    op.drop_table("card_deposit")
