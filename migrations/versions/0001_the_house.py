"""the house"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE_GUARD = """
CREATE TRIGGER item_claim_overlap_{when} BEFORE {event} ON item_claim WHEN NEW.live
BEGIN
  SELECT RAISE(ABORT, 'item_claim_overlap') WHERE EXISTS (
    SELECT 1 FROM item_claim
    WHERE item_id = NEW.item_id AND live = 1 AND id IS NOT NEW.id
      AND first_day < NEW.end_day AND end_day > NEW.first_day
  );
END
"""
"""Two live claims of one object never overlap: SQLite refuses it by triggers. A batch rebuild of `item_claim`
drops them; a migration that needs one must run this again."""

POSTGRESQL_GUARD = """
ALTER TABLE item_claim ADD CONSTRAINT ex_item_claim_overlap
EXCLUDE USING gist (item_id WITH =, daterange(first_day, end_day) WITH &&) WHERE (live)
"""


def guard_claims() -> None:
    """Make the database itself keep the promise of `ItemClaim`."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_GUARD.format(when="insert", event="INSERT"))
        op.execute(SQLITE_GUARD.format(when="update", event="UPDATE OF item_id, first_day, end_day, live"))
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(POSTGRESQL_GUARD)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("drawing", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id_category")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", name=op.f("uq_conversation_subject_kind_subject_id")
        ),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "resident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("home_lat", sa.Double(), nullable=True),
        sa.Column("home_lon", sa.Double(), nullable=True),
        sa.Column("is_steward", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_in_person_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(home_lat IS NULL) = (home_lon IS NULL)", name=op.f("ck_resident_home_whole")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_resident_email_lower")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["resident.id"], name=op.f("fk_resident_made_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("code", name=op.f("uq_resident_code")),
        sa.UniqueConstraint("email", name=op.f("uq_resident_email")),
    )
    op.create_index("ix_resident_name", "resident", ["name"], unique=False)
    op.create_table(
        "stored_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_event")),
    )
    op.create_index(
        "ix_stored_event_due",
        "stored_event",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
        sqlite_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "territory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("insee_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["territory.id"], name=op.f("fk_territory_parent_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("insee_code", name=op.f("uq_territory_insee_code")),
    )
    op.create_index(op.f("ix_territory_parent_id"), "territory", ["parent_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_api_token_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_resident_id"), "api_token", ["resident_id"], unique=False)
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_browser_session_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_browser_session_token_hash")),
    )
    op.create_index(op.f("ix_browser_session_resident_id"), "browser_session", ["resident_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("handler", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["stored_event.id"],
            name=op.f("fk_delivery_event_id_stored_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("pk_delivery")),
    )
    op.create_table(
        "hub",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("subdivision", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("accessibility", sa.String(), nullable=False),
        sa.Column("shelves", sa.JSON(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("closed_on_holidays", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'published', 'closed')", name=op.f("ck_hub_status")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_hub_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub")),
        sa.UniqueConstraint("slug", name=op.f("uq_hub_slug")),
    )
    op.create_index(op.f("ix_hub_name"), "hub", ["name"], unique=False)
    op.create_index("ix_hub_place", "hub", ["lat", "lon"], unique=False)
    op.create_index(op.f("ix_hub_territory_id"), "hub", ["territory_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_idempotency_key_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("resident_id", "key", name=op.f("uq_idempotency_key_resident_id_key")),
    )
    op.create_index("ix_idempotency_key_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "induction",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["resident.id"], name=op.f("fk_induction_granted_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_induction_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resident_id", "name", name=op.f("pk_induction")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("to_unconfirmed", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'cancelled', 'failed')", name=op.f("ck_mail_status")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_mail_resident_id_resident"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
    )
    op.create_index(
        "ix_mail_due",
        "mail",
        ["next_try_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_mail_resident_id"), "mail", ["resident_id"], unique=False)
    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('confirm', 'password')", name=op.f("ck_mailed_link_purpose")),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_mailed_link_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
    )
    op.create_index(op.f("ix_mailed_link_resident_id"), "mailed_link", ["resident_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["resident.id"], name=op.f("fk_message_author_id_resident")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_message_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_conversation_id"), "message", ["conversation_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_notification_resident_id_resident"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
    )
    op.create_index("ix_notification_resident", "notification", ["resident_id", "id"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["resident_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(
            ["hub_id"], ["hub.id"], name=op.f("fk_closure_hub_id_hub"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_hub_id"), "closure", ["hub_id"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("owner_resident_id", sa.Integer(), nullable=True),
        sa.Column("owner_hub_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("lends", sa.Boolean(), nullable=False),
        sa.Column("swaps", sa.Boolean(), nullable=False),
        sa.Column("gives", sa.Boolean(), nullable=False),
        sa.Column("asks_each_time", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("value_cents", sa.Integer(), nullable=True),
        sa.Column("deposit_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.Column("buffer_days", sa.Integer(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("induction", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("precision_m", sa.Integer(), nullable=False),
        sa.Column("coarse_lat", sa.Double(), nullable=False),
        sa.Column("coarse_lon", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "condition IN ('new', 'good', 'worn', 'damaged', 'incomplete')", name=op.f("ck_item_condition")
        ),
        sa.CheckConstraint("status IN ('draft', 'active', 'lost', 'retired')", name=op.f("ck_item_status")),
        sa.CheckConstraint(
            "(owner_resident_id IS NULL) <> (owner_hub_id IS NULL)", name=op.f("ck_item_one_owner")
        ),
        sa.CheckConstraint("buffer_days BETWEEN 0 AND 60", name=op.f("ck_item_buffer")),
        sa.CheckConstraint("lends OR swaps OR gives", name=op.f("ck_item_some_mode")),
        sa.CheckConstraint("max_days BETWEEN 1 AND 365", name=op.f("ck_item_max_days")),
        sa.CheckConstraint("value_cents >= 0 AND deposit_cents >= 0", name=op.f("ck_item_money")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_item_category_id_category")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_item_hub_id_hub")),
        sa.ForeignKeyConstraint(["owner_hub_id"], ["hub.id"], name=op.f("fk_item_owner_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["owner_resident_id"], ["resident.id"], name=op.f("fk_item_owner_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
    )
    op.create_index(
        "ix_item_category_place",
        "item",
        ["category_id", "lat", "lon"],
        unique=False,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_item_coarse_place",
        "item",
        ["coarse_lat", "coarse_lon"],
        unique=False,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index("ix_item_hub", "item", ["hub_id", "status"], unique=False)
    op.create_index(
        "ix_item_new",
        "item",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index("ix_item_owner", "item", ["owner_resident_id", "status"], unique=False)
    op.create_index("ix_item_owner_hub", "item", ["owner_hub_id", "status"], unique=False)
    op.create_index(
        "ix_item_place",
        "item",
        ["lat", "lon"],
        unique=False,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("is_volunteer", sa.Boolean(), nullable=False),
        sa.Column("is_organizer", sa.Boolean(), nullable=False),
        sa.Column("is_coordinator", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_why", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'verified', 'suspended')", name=op.f("ck_membership_status")
        ),
        sa.CheckConstraint(
            "verified_by_id IS NULL OR verified_by_id <> resident_id",
            name=op.f("ck_membership_never_oneself"),
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_membership_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_membership_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["resident.id"], name=op.f("fk_membership_verified_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("hub_id", "resident_id", name=op.f("uq_membership_hub_id_resident_id")),
    )
    op.create_index(op.f("ix_membership_resident_id"), "membership", ["resident_id"], unique=False)
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_opening_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["hub_id"], ["hub.id"], name=op.f("fk_opening_hours_hub_id_hub"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
    )
    op.create_index(op.f("ix_opening_hours_hub_id"), "opening_hours", ["hub_id"], unique=False)
    op.create_table(
        "item_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('loan', 'hold', 'own', 'ring', 'gift', 'workshop', 'transfer', 'repair')",
            name=op.f("ck_item_claim_kind"),
        ),
        sa.CheckConstraint("first_day < end_day", name=op.f("ck_item_claim_order")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_claim_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_claim")),
    )
    op.create_index(
        "ix_item_claim_end",
        "item_claim",
        ["end_day"],
        unique=False,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(
        "ix_item_claim_live",
        "item_claim",
        ["item_id", "first_day", "end_day"],
        unique=False,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("count BETWEEN 1 AND 1000", name=op.f("ck_part_count")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_part_item_id_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
    )
    op.create_index(op.f("ix_part_item_id"), "part", ["item_id"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_photo_item_id_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_item_id"), "photo", ["item_id"], unique=False)
    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("borrower_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pick_up_until", sa.Date(), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "remind_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'1970-01-01 00:00:00.000000'"),
            nullable=True,
        ),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=True),
        sa.Column("deposit_received_cents", sa.Integer(), nullable=True),
        sa.Column("deposit_returned_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("condition_out", sa.String(), nullable=True),
        sa.Column("condition_in", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('requested', 'reserved', 'checked_out', 'returned', 'declined', 'cancelled', 'expired', 'lost')",
            name=op.f("ck_loan_status"),
        ),
        sa.CheckConstraint("first_day <= due", name=op.f("ck_loan_order")),
        sa.CheckConstraint("renewals >= 0", name=op.f("ck_loan_renewals")),
        sa.ForeignKeyConstraint(["borrower_id"], ["resident.id"], name=op.f("fk_loan_borrower_id_resident")),
        sa.ForeignKeyConstraint(
            ["checked_in_by_id"], ["resident.id"], name=op.f("fk_loan_checked_in_by_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["checked_out_by_id"], ["resident.id"], name=op.f("fk_loan_checked_out_by_id_resident")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["item_claim.id"], name=op.f("fk_loan_claim_id_item_claim")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_loan_hub_id_hub")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_loan_item_id_item")),
        sa.ForeignKeyConstraint(["owner_id"], ["resident.id"], name=op.f("fk_loan_owner_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
    )
    op.create_index(
        "ix_loan_answer_by",
        "loan",
        ["answer_by"],
        unique=False,
        sqlite_where=sa.text("status = 'requested'"),
        postgresql_where=sa.text("status = 'requested'"),
    )
    op.create_index("ix_loan_borrower", "loan", ["borrower_id", "status", "due"], unique=False)
    op.create_index(op.f("ix_loan_claim_id"), "loan", ["claim_id"], unique=False)
    op.create_index("ix_loan_hub", "loan", ["hub_id", "status", "due"], unique=False)
    op.create_index("ix_loan_item", "loan", ["item_id", "first_day"], unique=False)
    op.create_index("ix_loan_owner", "loan", ["owner_id", "status", "due"], unique=False)
    op.create_index("ix_loan_status_due", "loan", ["status", "due", "id"], unique=False)
    op.create_index("ix_loan_remind", "loan", ["status", "remind_at", "id"], unique=False)
    op.create_index(
        "uq_loan_item_out",
        "loan",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("status = 'checked_out'"),
        postgresql_where=sa.text("status = 'checked_out'"),
    )
    op.create_table(
        "loan_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["resident.id"], name=op.f("fk_loan_event_actor_id_resident")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_loan_event_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_loan_event_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_event")),
    )
    op.create_index(op.f("ix_loan_event_loan_id"), "loan_event", ["loan_id"], unique=False)
    op.create_index("ix_loan_event_hub", "loan_event", ["hub_id", "at", "id"], unique=False)
    op.create_table(
        "reminder_sent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_reminder_sent_loan_id_loan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_sent")),
        sa.UniqueConstraint("loan_id", "due", "level", name=op.f("uq_reminder_sent_loan_id_due_level")),
    )
    op.create_table(
        "repair_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("loan_id", sa.Integer(), nullable=True),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["item_claim.id"], name=op.f("fk_repair_ticket_claim_id_item_claim")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["resident.id"], name=op.f("fk_repair_ticket_closed_by_id_resident")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_repair_ticket_hub_id_hub")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_repair_ticket_item_id_item")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_repair_ticket_loan_id_loan")),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["resident.id"], name=op.f("fk_repair_ticket_opened_by_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_ticket")),
    )
    op.create_index(op.f("ix_repair_ticket_hub_id"), "repair_ticket", ["hub_id"], unique=False)
    op.create_index(op.f("ix_repair_ticket_item_id"), "repair_ticket", ["item_id"], unique=False)
    op.create_index(
        "uq_repair_ticket_open",
        "repair_ticket",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    guard_claims()


def downgrade() -> None:
    op.drop_index(
        "uq_repair_ticket_open",
        table_name="repair_ticket",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_repair_ticket_item_id"), table_name="repair_ticket")
    op.drop_index(op.f("ix_repair_ticket_hub_id"), table_name="repair_ticket")
    op.drop_table("repair_ticket")
    op.drop_table("reminder_sent")
    op.drop_index("ix_loan_event_hub", table_name="loan_event")
    op.drop_index(op.f("ix_loan_event_loan_id"), table_name="loan_event")
    op.drop_table("loan_event")
    op.drop_index(
        "uq_loan_item_out",
        table_name="loan",
        sqlite_where=sa.text("status = 'checked_out'"),
        postgresql_where=sa.text("status = 'checked_out'"),
    )
    op.drop_index("ix_loan_status_due", table_name="loan")
    op.drop_index("ix_loan_remind", table_name="loan")
    op.drop_index("ix_loan_owner", table_name="loan")
    op.drop_index("ix_loan_item", table_name="loan")
    op.drop_index("ix_loan_hub", table_name="loan")
    op.drop_index(op.f("ix_loan_claim_id"), table_name="loan")
    op.drop_index("ix_loan_borrower", table_name="loan")
    op.drop_index(
        "ix_loan_answer_by",
        table_name="loan",
        sqlite_where=sa.text("status = 'requested'"),
        postgresql_where=sa.text("status = 'requested'"),
    )
    op.drop_table("loan")
    op.drop_index(op.f("ix_photo_item_id"), table_name="photo")
    op.drop_table("photo")
    op.drop_index(op.f("ix_part_item_id"), table_name="part")
    op.drop_table("part")
    op.drop_index(
        "ix_item_claim_live",
        table_name="item_claim",
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.drop_index(
        "ix_item_claim_end",
        table_name="item_claim",
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.drop_table("item_claim")
    op.drop_index(op.f("ix_opening_hours_hub_id"), table_name="opening_hours")
    op.drop_table("opening_hours")
    op.drop_index(op.f("ix_membership_resident_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(
        "ix_item_place",
        table_name="item",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_index("ix_item_owner_hub", table_name="item")
    op.drop_index("ix_item_owner", table_name="item")
    op.drop_index(
        "ix_item_new",
        table_name="item",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_index("ix_item_hub", table_name="item")
    op.drop_index(
        "ix_item_coarse_place",
        table_name="item",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_index(
        "ix_item_category_place",
        table_name="item",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_table("item")
    op.drop_index(op.f("ix_closure_hub_id"), table_name="closure")
    op.drop_table("closure")
    op.drop_index(
        "ix_notification_unread",
        table_name="notification",
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_index("ix_notification_resident", table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_message_conversation_id"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_mailed_link_resident_id"), table_name="mailed_link")
    op.drop_table("mailed_link")
    op.drop_index(op.f("ix_mail_resident_id"), table_name="mail")
    op.drop_index(
        "ix_mail_due",
        table_name="mail",
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_table("mail")
    op.drop_table("induction")
    op.drop_index("ix_idempotency_key_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index(op.f("ix_hub_territory_id"), table_name="hub")
    op.drop_index("ix_hub_place", table_name="hub")
    op.drop_index(op.f("ix_hub_name"), table_name="hub")
    op.drop_table("hub")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_browser_session_resident_id"), table_name="browser_session")
    op.drop_table("browser_session")
    op.drop_index(op.f("ix_api_token_resident_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_territory_parent_id"), table_name="territory")
    op.drop_table("territory")
    op.drop_index(
        "ix_stored_event_due",
        table_name="stored_event",
        postgresql_where=sa.text("delivered_at IS NULL"),
        sqlite_where=sa.text("delivered_at IS NULL"),
    )
    op.drop_table("stored_event")
    op.drop_index("ix_resident_name", table_name="resident")
    op.drop_table("resident")
    op.drop_table("job_run")
    op.drop_table("heartbeat")
    op.drop_table("conversation")
    op.drop_index(op.f("ix_category_parent_id"), table_name="category")
    op.drop_table("category")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
