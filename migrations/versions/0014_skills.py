"""skills: what neighbours teach and want to learn, found by words and places; the rings proposed to them"""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from app.finding import cells

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CATALOGUE = Path(__file__).resolve().parents[2] / "app" / "skills" / "catalogue.json"
OPEN = sa.text("state = 'open'")
PROPOSED = sa.text("state = 'proposed'")
NAMES = ("skill_words_vocab", "skill_words")
SQLITE_INDEX = """
CREATE VIRTUAL TABLE skill_words
USING fts5(search_text, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'")
"""
SQLITE_VOCABULARY = "CREATE VIRTUAL TABLE skill_words_vocab USING fts5vocab(skill_words, row)"
TABLES = (
    "skill_ring_leg",
    "skill_availability",
    "skill",
    "known_skill_slip",
    "skill_ring",
    "skill_category",
    "known_skill_word",
)
PLACES = ("lat", "lon", "coarse_lat", "coarse_lon")
POSTGRESQL_INDEX = f"""
CREATE INDEX ix_skill_words_places ON skill USING gin (words_and_places(search_text, {", ".join(PLACES)}))
"""
"""By the function of 0006, as objects have it."""


def keep_words_in_step() -> None:
    """SQLite's index of words and places, with the triggers that keep it, whoever writes. A batch rebuild of `skill` drops
    them: a migration that needs one drops `NAMES` before, calls this afterwards and fills the index from the rows."""
    old, new = (f"{row}.search_text || {cells.for_sqlite(row)}" for row in ("OLD", "NEW"))
    forget = f"INSERT INTO skill_words (skill_words, rowid, search_text) VALUES ('delete', OLD.id, {old});"
    learn = f"INSERT INTO skill_words (rowid, search_text) VALUES (NEW.id, {new});"
    watched = ("search_text", *PLACES)
    changed = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in watched)
    op.execute(SQLITE_INDEX)
    op.execute(SQLITE_VOCABULARY)
    op.execute(f"CREATE TRIGGER skill_words_insert AFTER INSERT ON skill BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER skill_words_delete AFTER DELETE ON skill BEGIN {forget} END")
    op.execute(
        f"CREATE TRIGGER skill_words_update AFTER UPDATE OF {', '.join(watched)} ON skill WHEN {changed}"
        f" BEGIN {forget} {learn} END"
    )


def put_up_categories() -> None:
    """Where the shelves of objects stand already; a new installation puts up both (`flask setup`)."""
    known = sa.MetaData()
    shelf, category = (
        sa.Table(name, known, autoload_with=op.get_bind()) for name in ("category", "skill_category")
    )
    if op.get_bind().scalar(sa.select(shelf.c.id).limit(1)) is None:
        return
    ids: dict[str, int] = {}
    for position, row in enumerate(json.loads(CATALOGUE.read_text(encoding="utf-8"))):
        values = {name: row[name] for name in ("slug", "name_fr", "name_en", "drawing")}
        made = category.insert().values(**values, parent_id=ids.get(row["parent"]), position=position)
        ids[row["slug"]] = op.get_bind().scalar(made.returning(category.c.id))


def upgrade() -> None:
    op.create_table(
        "known_skill_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_known_skill_word")),
    )
    op.create_table(
        "skill_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("drawing", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["skill_category.id"], name=op.f("fk_skill_category_parent_id_skill_category")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_skill_category_slug")),
    )
    op.create_index(op.f("ix_skill_category_parent_id"), "skill_category", ["parent_id"])
    op.create_table(
        "skill_ring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'declined', 'expired')", name=op.f("ck_skill_ring_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_ring")),
        sa.UniqueConstraint("signature", name=op.f("uq_skill_ring_signature")),
    )
    op.create_index(
        "ix_skill_ring_open", "skill_ring", ["answer_by"], sqlite_where=PROPOSED, postgresql_where=PROPOSED
    )
    op.create_table(
        "known_skill_slip",
        sa.Column("slip", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["word"],
            ["known_skill_word.word"],
            name=op.f("fk_known_skill_slip_word_known_skill_word"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slip", "word", name=op.f("pk_known_skill_slip")),
    )
    op.create_index("ix_known_skill_slip_word", "known_skill_slip", ["word"])
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("at_hub", sa.Boolean(), nullable=False),
        sa.Column("at_home", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("precision_m", sa.Integer(), nullable=False),
        sa.Column("coarse_lat", sa.Double(), nullable=False),
        sa.Column("coarse_lon", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('offer', 'need')", name=op.f("ck_skill_kind")),
        sa.CheckConstraint("level IN ('beginner', 'intermediate', 'expert')", name=op.f("ck_skill_level")),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name=op.f("ck_skill_state")),
        sa.CheckConstraint("at_hub OR at_home OR online", name=op.f("ck_skill_somewhere")),
        sa.CheckConstraint("hub_id IS NULL OR at_hub", name=op.f("ck_skill_hub_named")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["skill_category.id"], name=op.f("fk_skill_category_id_skill_category")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_skill_hub_id_hub")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["resident.id"], name=op.f("fk_skill_registered_by_id_resident")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_skill_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
    )
    op.create_index(
        "ix_skill_category_place",
        "skill",
        ["category_id", "lat", "lon"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_skill_coarse_place",
        "skill",
        ["coarse_lat", "coarse_lon"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
        postgresql_include=["id"],
    )
    op.create_index("ix_skill_hub", "skill", ["hub_id", "state"])
    op.create_index("ix_skill_new", "skill", ["created_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_skill_place",
        "skill",
        ["lat", "lon"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
        postgresql_include=["id"],
    )
    op.create_index("ix_skill_resident", "skill", ["resident_id", "state"])
    op.create_table(
        "skill_availability",
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens >= 0 AND opens < closes AND closes <= 1440", name=op.f("ck_skill_availability_minutes")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_skill_availability_weekday")),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_skill_availability_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("skill_id", "weekday", "opens", name=op.f("pk_skill_availability")),
    )
    op.create_table(
        "skill_ring_leg",
        sa.Column("ring_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('yes', 'no')", name=op.f("ck_skill_ring_leg_answer")),
        sa.CheckConstraint("giver_id <> learner_id", name=op.f("ck_skill_ring_leg_two_people")),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["resident.id"], name=op.f("fk_skill_ring_leg_giver_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["resident.id"], name=op.f("fk_skill_ring_leg_learner_id_resident")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["skill.id"], name=op.f("fk_skill_ring_leg_need_id_skill")),
        sa.ForeignKeyConstraint(["offer_id"], ["skill.id"], name=op.f("fk_skill_ring_leg_offer_id_skill")),
        sa.ForeignKeyConstraint(
            ["ring_id"],
            ["skill_ring.id"],
            name=op.f("fk_skill_ring_leg_ring_id_skill_ring"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ring_id", "position", name=op.f("pk_skill_ring_leg")),
    )
    op.create_index("ix_skill_ring_leg_giver", "skill_ring_leg", ["giver_id", "ring_id"])
    op.create_index(op.f("ix_skill_ring_leg_need_id"), "skill_ring_leg", ["need_id"])
    op.create_index(op.f("ix_skill_ring_leg_offer_id"), "skill_ring_leg", ["offer_id"])
    put_up_categories()
    if op.get_bind().dialect.name == "sqlite":
        keep_words_in_step()
    else:
        op.execute(POSTGRESQL_INDEX)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in NAMES:
            op.execute(f"DROP TABLE {table}")
    for table in TABLES:
        op.drop_table(table)
