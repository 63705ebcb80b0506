"""words: an index of what titles say, and the words that are known"""

import sqlalchemy as sa
from alembic import op

from app.finding.words import search_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQLITE_INDEX = """
CREATE VIRTUAL TABLE item_words USING fts5(
  search_text, content='item', content_rowid='id', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
)
"""
"""The words are folded already, so that each stands in the index as `search_text` holds it: what is not ASCII is
a letter. Nothing asks for phrases or for how often a word stands in a title."""
SQLITE_VOCABULARY = "CREATE VIRTUAL TABLE item_words_vocab USING fts5vocab(item_words, row)"
SQLITE_STEPS = (
    """
    CREATE TRIGGER item_words_insert AFTER INSERT ON item
    BEGIN
      INSERT INTO item_words (rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
    """
    CREATE TRIGGER item_words_delete AFTER DELETE ON item
    BEGIN
      INSERT INTO item_words (item_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
    END
    """,
    """
    CREATE TRIGGER item_words_update AFTER UPDATE OF search_text ON item WHEN OLD.search_text <> NEW.search_text
    BEGIN
      INSERT INTO item_words (item_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
      INSERT INTO item_words (rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
)
"""They keep the index in step, whoever writes. A batch rebuild of `item` drops them; a migration that needs one must
call `keep_words_in_step` again."""
POSTGRESQL_INDEX = """
CREATE INDEX ix_item_words ON item
USING gin (array_to_tsvector(array_remove(string_to_array(search_text, ' '), '')))
"""
AT_ONCE = 1_000

ITEM = sa.table(
    "item",
    sa.column("id", sa.Integer),
    sa.column("title"),
    sa.column("category_id"),
    sa.column("search_text"),
)
CATEGORY = sa.table(
    "category", sa.column("id"), sa.column("parent_id"), sa.column("name_fr"), sa.column("name_en")
)


def keep_words_in_step() -> None:
    """Make SQLite's index of words, with the triggers that keep it, from the rows as they are."""
    for statement in (SQLITE_INDEX, SQLITE_VOCABULARY, *SQLITE_STEPS):
        op.execute(statement)
    op.execute("INSERT INTO item_words (item_words) VALUES ('rebuild')")


def forget_words() -> None:
    for when in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER item_words_{when}")
    op.execute("DROP TABLE item_words_vocab")
    op.execute("DROP TABLE item_words")


def upgrade() -> None:
    op.create_table(
        "known_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_known_word")),
    )
    op.create_table(
        "known_slip",
        sa.Column("slip", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["word"], ["known_word.word"], name=op.f("fk_known_slip_word_known_word"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slip", "word", name=op.f("pk_known_slip")),
    )
    op.create_index("ix_known_slip_word", "known_slip", ["word"], unique=False)
    prepare_all()
    if op.get_bind().dialect.name == "sqlite":
        keep_words_in_step()
    else:
        op.execute(POSTGRESQL_INDEX)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        forget_words()
    else:
        op.drop_index("ix_item_words", table_name="item")
    op.drop_index("ix_known_slip_word", table_name="known_slip")
    op.drop_table("known_slip")
    op.drop_table("known_word")


def prepare_all() -> None:
    """Every title as the code that runs prepares it; the step before reads it as well."""
    connection = op.get_bind()
    shelves = {row.id: row for row in connection.execute(sa.select(CATEGORY))}
    write = (
        ITEM.update().where(ITEM.c.id == sa.bindparam("item_id")).values(search_text=sa.bindparam("found"))
    )
    titles = sa.select(ITEM.c.id, ITEM.c.title, ITEM.c.category_id).order_by(ITEM.c.id).limit(AT_ONCE)
    last = 0
    while rows := connection.execute(titles.where(ITEM.c.id > last)).fetchall():
        last = rows[-1].id
        connection.execute(
            write,
            [
                {"item_id": row.id, "found": search_text(row.title, *names(shelves, row.category_id))}
                for row in rows
            ],
        )


def names(shelves, number):  # type: ignore[no-untyped-def]
    """The names of a shelf and of the one it stands in."""
    found = []
    while number in shelves and len(found) < 4:
        shelf = shelves[number]
        found += [shelf.name_fr, shelf.name_en]
        number = shelf.parent_id
    return found
