"""words and places: the index of words knows where an object is as well"""

from alembic import op

from app.finding import cells

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAMES = ("item_words_vocab", "item_words")
OPTIONS = """detail=none, columnsize=0, tokenize="ascii tokenchars '_'\""""
SQLITE_INDEX = f"CREATE VIRTUAL TABLE item_words USING fts5(search_text, content='', {OPTIONS})"
"""It keeps no text of its own, and reads none: what it is told to forget must be what it was told before."""
SQLITE_INDEX_BEFORE = (
    f"CREATE VIRTUAL TABLE item_words USING fts5(search_text, content='item', content_rowid='id', {OPTIONS})"
)
SQLITE_VOCABULARY = "CREATE VIRTUAL TABLE item_words_vocab USING fts5vocab(item_words, row)"
PLACES = ("lat", "lon", "coarse_lat", "coarse_lon")
GIVEN = ("search_text text", *(f"{place} double precision" for place in PLACES))
POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION words_and_places({", ".join(GIVEN)}) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN array_to_tsvector(array_remove(string_to_array(search_text || {cells.for_postgresql()}, ' '), ''));
END
$$
"""
"""In a word, so that a statement that names it often is planned quickly; and dear, so that nobody works it out row by
row, nor calls helpers to do so (it is not said to be safe for those), where the index answers."""
POSTGRESQL_INDEX = f"""
CREATE INDEX ix_item_words_places ON item USING gin (words_and_places(search_text, {", ".join(PLACES)}))
"""


def keep_words_in_step() -> None:
    """Make SQLite's index of words and places, with the triggers that keep it, from the rows as they are. A batch rebuild
    of `item` drops the triggers; a migration that needs one calls `forget_words` before and this afterwards."""
    follow(
        *(f"{row}.search_text || {cells.for_sqlite(row)}" for row in ("OLD", "NEW")),
        watched=("search_text", *PLACES),
    )
    op.execute(
        f"INSERT INTO item_words (rowid, search_text) SELECT id, search_text || {cells.for_sqlite('item')} FROM item"
    )
    op.execute("INSERT INTO item_words (item_words) VALUES ('optimize')")


def follow(old: str, new: str, *, watched: tuple[str, ...], index: str = SQLITE_INDEX) -> None:
    """The index, and triggers that tell it what each row says, whoever writes."""
    forget = f"INSERT INTO item_words (item_words, rowid, search_text) VALUES ('delete', OLD.id, {old});"
    learn = f"INSERT INTO item_words (rowid, search_text) VALUES (NEW.id, {new});"
    changed = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in watched)
    op.execute(index)
    op.execute(SQLITE_VOCABULARY)
    op.execute(f"CREATE TRIGGER item_words_insert AFTER INSERT ON item BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER item_words_delete AFTER DELETE ON item BEGIN {forget} END")
    op.execute(
        f"CREATE TRIGGER item_words_update AFTER UPDATE OF {', '.join(watched)} ON item WHEN {changed}"
        f" BEGIN {forget} {learn} END"
    )


def forget_words() -> None:
    for when in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER IF EXISTS item_words_{when}")
    for table in NAMES:
        op.execute(f"DROP TABLE {table}")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        forget_words()
        keep_words_in_step()
    else:
        # The index of words alone stays for as long as a node runs that knows no other.
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_INDEX)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        forget_words()
        follow("OLD.search_text", "NEW.search_text", watched=("search_text",), index=SQLITE_INDEX_BEFORE)
        op.execute("INSERT INTO item_words (item_words) VALUES ('rebuild')")
    else:
        op.drop_index("ix_item_words_places", table_name="item")
        op.execute("DROP FUNCTION words_and_places")
