"""What can be done with a table: send it, agree to it, leave it; and its rows are written, some at a time."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, insert, select

from app.accounts import queries as accounts
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.hubs import services as hub_services
from app.items import services as items
from app.items.imports import queries
from app.items.imports.checking import COLUMN_OF, Row
from app.items.imports.columns import Columns
from app.items.imports.models import ImportBatch, ImportRow
from app.items.imports.reading import Table
from app.items.labels import services as labels
from app.items.models import Category, Item

FILE_NAME_LONGEST = 120
FORGOTTEN_AFTER = {"reading": timedelta(days=1), "ready": timedelta(days=7), "done": timedelta(days=90)}
"""A table that nobody agreed to is forgotten, and what was left out of one that was written."""


def may_send(*, hub_id: int | None, actor_id: int) -> None:
    """Into a hub's shelves by its volunteers; one's own objects by anybody whose address is known to be hers."""
    if hub_id is not None:
        hub_services.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    actor = accounts.resident(actor_id)
    if actor.email_confirmed_at is None and actor.verified_in_person_at is None:
        raise Conflict("items.email_unconfirmed")


def start_reading(
    *,
    hub_id: int | None,
    actor_id: int,
    file_name: str,
    table: Table,
    columns: Columns,
    shelf: str = "",
    now: datetime,
) -> ImportBatch:
    """A file that can be read; the one that the same person sent here before and never agreed to is let go."""
    may_send(hub_id=hub_id, actor_id=actor_id)
    if shelf and not shelf_exists(shelf):
        raise Invalid({"category": "core.not_a_choice"})
    here = ImportBatch.hub_id == hub_id if hub_id is not None else ImportBatch.hub_id.is_(None)
    _forget(
        select(ImportBatch.id).where(
            here, ImportBatch.made_by_id == actor_id, ImportBatch.status.in_(("reading", "ready"))
        )
    )
    batch = ImportBatch(
        hub_id=hub_id,
        made_by_id=actor_id,
        file_name=file_name[:FILE_NAME_LONGEST],
        digest=table.digest,
        kind=columns.kind,
        header=list(table.header),
        ignored=list(columns.ignored),
        shelf=shelf,
        made_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def shelf_exists(slug: str) -> bool:
    """Whether objects can be put on this shelf: it has none below it."""
    below = select(Category.parent_id).where(Category.parent_id.is_not(None))
    return bool(db.session.scalar(select(exists().where(Category.slug == slug, Category.id.not_in(below)))))


def keep_rows(*, batch_id: int, actor_id: int, rows: Sequence[Row]) -> None:
    """Some rows of a file that is being read."""
    batch = _batch(batch_id, actor_id, "reading")
    db.session.execute(
        insert(ImportRow),
        [
            {
                "batch_id": batch.id,
                "status": "bad" if row.faults else "good",
                "title": str(row.fields.get("title", ""))[:120],
                **asdict(row),
            }
            for row in rows
        ],
    )
    batch.bad += sum(bool(row.faults) for row in rows)
    batch.good += sum(not row.faults for row in rows)


def finish_reading(*, batch_id: int, actor_id: int) -> ImportBatch:
    """All rows were read: it waits to be agreed to."""
    batch = _batch(batch_id, actor_id, "reading")
    batch.status = "ready"
    return batch


def confirm(*, batch_id: int, actor_id: int, now: datetime) -> ImportBatch:
    """Let the good rows be written. Saying it twice is saying it once."""
    batch = _batch(batch_id, actor_id, "ready", "writing", "done")
    if batch.status == "ready":
        if not batch.good:
            raise Conflict("imports.nothing_good")
        batch.status, batch.confirmed_at, batch.confirmed_by_id = "writing", now, actor_id
    return batch


def discard(*, batch_id: int, actor_id: int) -> None:
    """Leave it: nothing was written of it."""
    batch = _batch(batch_id, actor_id, "ready", "reading")
    _forget(select(ImportBatch.id).where(ImportBatch.id == batch.id))


def _batch(batch_id: int, actor_id: int, *statuses: str) -> ImportBatch:
    batch = locked_one(ImportBatch, batch_id)
    if batch is None or (batch.hub_id is None and batch.made_by_id != actor_id):
        raise NotFound("imports.unknown")
    if batch.hub_id is not None:
        hub_services.require_role("volunteer", actor_id=actor_id, hub_id=batch.hub_id)
    if batch.status not in statuses:
        raise Conflict("imports.too_late")
    return batch


# -- written, some at a time ------------------------------------------------------------------------------


def write_some(*, batch_id: int, limit: int, now: datetime) -> int:
    """Post the next good rows; how many were dealt with. Their objects, the marks in the rows and the count are one
    transaction: whatever kills it leaves them all unwritten, and the next one begins with them.

    A row that cannot be posted any more is set aside with its reason. Raises `Conflict` where the database itself
    refused one; then the same is asked with `limit` 1, and `set_aside` for the one that it was."""
    batch = locked_one(ImportBatch, batch_id)
    if batch is None or batch.status != "writing":
        return 0
    rows = _next_rows(batch, limit)
    for row in rows:
        try:
            _write(batch, row, now=now)
        except Invalid as invalid:
            _set_aside(
                batch,
                row,
                [
                    (COLUMN_OF.get(name, name), code, params)
                    for name, (code, params) in invalid.errors.items()
                ],
            )
        except (Forbidden, NotFound, Conflict) as problem:
            _stop(batch, problem, now=now)
            return len(rows)
    if not rows:
        batch.status, batch.ended_at = "done", now
    return len(rows)


def set_aside_next(*, batch_id: int, problem: Problem) -> None:
    """The next row is the one that the database refused."""
    batch = locked_one(ImportBatch, batch_id)
    if batch is not None and batch.status == "writing":
        for row in _next_rows(batch, 1):
            _set_aside(batch, row, [("code", problem.code, {})])


def _next_rows(batch: ImportBatch, limit: int) -> list[ImportRow]:
    return list(
        db.session.scalars(
            select(ImportRow)
            .where(ImportRow.batch_id == batch.id, ImportRow.status == "good")
            .order_by(ImportRow.number)
            .limit(limit)
        )
    )


def _write(batch: ImportBatch, row: ImportRow, *, now: datetime) -> None:
    assert batch.confirmed_by_id is not None
    if row.code and queries.codes_taken([row.code], hub_id=batch.hub_id):
        raise Invalid({"code": ("imports.code_taken", {"code": row.code})})
    fields = dict(row.fields)
    state = fields.pop("status", "active")
    if batch.hub_id is not None:
        fields |= {"owner": "hub", "hub": str(batch.hub_id)}
    item: Item = items.post_item(actor_id=batch.confirmed_by_id, now=now, **fields)
    item.status = state
    if row.code:
        item.code = row.code
        labels.stick_if_blank(item=item, actor_id=batch.confirmed_by_id, now=now)
    row.status, row.item_id = "written", item.id
    row.cells, row.fields = [], {}
    batch.written += 1
    db.session.flush()


def _set_aside(batch: ImportBatch, row: ImportRow, faults: list[tuple[str, str, dict[str, object]]]) -> None:
    row.status, row.faults = "bad", [list(fault) for fault in faults]
    batch.good, batch.bad = batch.good - 1, batch.bad + 1
    db.session.flush()


def _stop(batch: ImportBatch, problem: Problem, *, now: datetime) -> None:
    """Whoever agreed to it may no longer post there: what is not written stays unwritten."""
    batch.status, batch.why, batch.ended_at = "stopped", problem.code, now


# -- forgotten --------------------------------------------------------------------------------------------


def forget_old(*, now: datetime) -> int:
    """Tables that nobody agreed to, and of the others what was left out; numbers of other catalogues stay with the
    objects. How many were forgotten."""
    old = [
        (ImportBatch.status == status) & (ImportBatch.made_at < now - age)
        for status, age in FORGOTTEN_AFTER.items()
        if status in ("reading", "ready")
    ]
    gone = _forget(select(ImportBatch.id).where(old[0] | old[1]))
    over = select(ImportBatch.id).where(
        ImportBatch.status.in_(("done", "stopped")), ImportBatch.ended_at < now - FORGOTTEN_AFTER["done"]
    )
    left = delete(ImportRow).where(ImportRow.batch_id.in_(over), ImportRow.status != "written")
    return gone + len(db.session.execute(left.returning(ImportRow.number)).all())


def _forget(batches: Select[int]) -> int:
    ids = list(db.session.scalars(batches))
    if ids:
        db.session.execute(delete(ImportRow).where(ImportRow.batch_id.in_(ids)))
        db.session.execute(delete(ImportBatch).where(ImportBatch.id.in_(ids)))
    return len(ids)
