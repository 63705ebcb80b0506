"""What can be seen of tables that were sent, and what their rows are compared with."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.core.text import folded
from app.hubs.models import Hub, Membership
from app.items.imports.models import ImportBatch, ImportRow
from app.items.labels.models import BlankSticker, StickerSheet
from app.items.models import Category, Item
from app.items.queries import LARGEST_ID
from app.items.queries import shelves as catalogue_rows

SHOWN = 100


def catalogue() -> list[tuple[Category, list[Category]]]:
    """Each top shelf with those below it."""
    return catalogue_rows()


def objects_of(batch_id: int) -> Select[int | None]:
    """The numbers of the objects that this table has become."""
    return select(ImportRow.item_id).where(ImportRow.batch_id == batch_id, ImportRow.item_id.is_not(None))


def codes_taken(asked: Collection[str], *, hub_id: int | None) -> set[str]:
    """Those of these codes that another object wears, or that stand on a sticker which is not this hub's to give."""
    if not asked:
        return set()
    worn = select(Item.code).where(Item.code.in_(asked))
    stuck = (
        select(BlankSticker.code)
        .join(StickerSheet)
        .where(
            BlankSticker.code.in_(asked),
            BlankSticker.item_id.is_not(None) | (StickerSheet.hub_id != (hub_id or 0)),
        )
    )
    former = select(BlankSticker.former_code).where(BlankSticker.former_code.in_(asked))
    return {code for code in db.session.scalars(worn.union(stuck, former)) if code}


def items_of_references(
    asked: Collection[str], *, hub_id: int | None, maker_id: int
) -> dict[str | None, str]:
    """Which of these numbers of another catalogue came here before, with the code of the object that still stands."""
    if not asked:
        return {}
    query = (
        select(ImportRow.reference, Item.code)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .join(Item, Item.id == ImportRow.item_id)
        .where(ImportRow.reference.in_(asked), Item.status != "retired")
    )
    whose = (
        ImportBatch.hub_id == hub_id
        if hub_id is not None
        else ImportBatch.hub_id.is_(None) & (ImportBatch.made_by_id == maker_id)
    )
    return {row.reference: row.code for row in db.session.execute(query.where(whose))}


def hub_of_member(text: str, *, resident_id: int) -> str | None:
    """The number of the hub of this name (or name in addresses) where this resident may leave an object."""
    rows = db.session.execute(
        select(Hub.id, Hub.slug, Hub.name)
        .join(Membership, Membership.hub_id == Hub.id)
        .where(
            Membership.resident_id == resident_id,
            Membership.status != "suspended",
            Hub.status == "published",
        )
    )
    wanted = folded(text)
    return next((str(row.id) for row in rows if wanted in (folded(row.slug), folded(row.name))), None)


def batch(batch_id: int, *, viewer_id: int, counter_at: Collection[int]) -> ImportBatch:
    """A table that this viewer may look after: her own, or one of a hub whose counter she may hold."""
    found = None
    if 0 < batch_id <= LARGEST_ID:
        found = db.session.scalar(
            select(ImportBatch)
            .where(ImportBatch.id == batch_id)
            .options(joinedload(ImportBatch.hub), joinedload(ImportBatch.made_by))
        )
    if found is None or not (
        found.hub_id in counter_at if found.hub_id is not None else found.made_by_id == viewer_id
    ):
        raise NotFound("imports.unknown")
    return found


def last_batches(*, hub_id: int | None, maker_id: int, limit: int = 5) -> Sequence[ImportBatch]:
    """The latest tables of a hub, or one's own."""
    query = (
        select(ImportBatch).options(joinedload(ImportBatch.made_by)).where(ImportBatch.status != "reading")
    )
    if hub_id is not None:
        query = query.where(ImportBatch.hub_id == hub_id)
    else:
        query = query.where(ImportBatch.hub_id.is_(None), ImportBatch.made_by_id == maker_id)
    return db.session.scalars(query.order_by(ImportBatch.id.desc()).limit(limit)).all()


def same_file_before(batch: ImportBatch) -> ImportBatch | None:
    """Whether the very same file was written here already."""
    query = select(ImportBatch).where(
        ImportBatch.digest == batch.digest,
        ImportBatch.id < batch.id,
        ImportBatch.status.in_(("writing", "done")),
        ImportBatch.hub_id == batch.hub_id
        if batch.hub_id is not None
        else ImportBatch.hub_id.is_(None) & (ImportBatch.made_by_id == batch.made_by_id),
    )
    return db.session.scalar(query.order_by(ImportBatch.id.desc()).limit(1))


def rows_page(
    batch_id: int, status: str, *, cursor: str | None = None, limit: int = SHOWN
) -> Page[ImportRow]:
    """The rows of one status, in the order of the file."""
    start = after("imports:rows", cursor, length=1)
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.status == status)
    if start:
        query = query.where(ImportRow.number > start[0])
    found = db.session.scalars(query.order_by(ImportRow.number).limit(limit + 1)).all()
    return page_of("imports:rows", found, limit=limit, key=lambda row: (row.number,))


def all_bad_rows(batch_id: int) -> Iterator[ImportRow]:
    """Every row that was left out, in the order of the file, a page at a time."""
    cursor = None
    while True:
        page = rows_page(batch_id, "bad", cursor=cursor)
        yield from page.lines
        cursor = page.next
        if cursor is None:
            return
