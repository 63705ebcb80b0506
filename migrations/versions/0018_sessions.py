"""sessions between two neighbours, the times proposed for them and what happened to each"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CLOSES = sa.text("closes_at IS NOT NULL")
REMINDS = sa.text("remind_at IS NOT NULL")
DISPUTED = sa.text("status = 'disputed'")
CHECKS = (
    (
        "status",
        (
            "status IN ('asked', 'accepted', 'confirmed', 'disputed', 'declined', 'cancelled', 'expired', "
            "'lapsed', 'dismissed')"
        ),
    ),
    ("place", "place IN ('hub', 'home', 'online')"),
    ("hub", "(place = 'hub') = (hub_id IS NOT NULL)"),
    ("link", "link IS NULL OR place = 'online'"),
    ("two", "giver_id <> learner_id"),
    ("minutes", "minutes BETWEEN 5 AND 600"),
    ("span", "(starts_at IS NULL) = (ends_at IS NULL)"),
    ("time", "starts_at IS NOT NULL OR status IN ('asked', 'declined', 'cancelled', 'expired')"),
    ("moved", "(status = 'confirmed') = (moved_minutes IS NOT NULL)"),
    ("ended", "(ended_at IS NULL) = (status IN ('asked', 'accepted', 'disputed'))"),
)
KEYS = (
    ("skill_id", "skill"),
    ("asker_id", "resident"),
    ("giver_id", "resident"),
    ("learner_id", "resident"),
    ("hub_id", "hub"),
    ("proposed_by_id", "resident"),
    ("heard_at_id", "hub"),
)


def upgrade() -> None:
    op.create_table(
        "skill_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("giver_minutes", sa.Integer(), nullable=True),
        sa.Column("learner_minutes", sa.Integer(), nullable=True),
        sa.Column("first_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_minutes", sa.Integer(), nullable=True),
        sa.Column("cancelled_late", sa.Boolean(), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at_id", sa.Integer(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_skill_session_{name}")) for name, rule in CHECKS),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_skill_session_{column}_{table}")
            )
            for column, table in KEYS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_session")),
    )
    for name, columns, where in (
        ("ix_skill_session_skill_id", ["skill_id"], None),
        ("ix_skill_session_giver", ["giver_id", "status", "starts_at"], None),
        ("ix_skill_session_learner", ["learner_id", "status", "starts_at"], None),
        ("ix_skill_session_closes", ["closes_at", "id"], CLOSES),
        ("ix_skill_session_remind", ["remind_at", "id"], REMINDS),
        ("ix_skill_session_disputed", ["heard_at_id", "id"], DISPUTED),
    ):
        op.create_index(name, "skill_session", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "session_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        _of_session("session_time"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_time")),
        sa.UniqueConstraint("session_id", "starts_at", name=op.f("uq_session_time_session_id_starts_at")),
    )
    op.create_table(
        "session_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        _of_session("session_line"),
        *(
            sa.ForeignKeyConstraint(
                [column], ["resident.id"], name=op.f(f"fk_session_line_{column}_resident")
            )
            for column in ("actor_id", "for_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_line")),
    )
    op.create_index("ix_session_line_session_id", "session_line", ["session_id"])


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"],
        ["skill_session.id"],
        name=op.f(f"fk_{table}_session_id_skill_session"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("session_line")
    op.drop_table("session_time")
    op.drop_table("skill_session")
