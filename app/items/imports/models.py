"""A table that was sent: the batch and its rows, kept until what was good stands on the shelves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.hubs.models import Hub

WRITING = text("status = 'writing'")


class ImportBatch(Base):
    """A file that was read: for a hub, or for the one who sent it (`hub_id` is empty). `ready`: waits to be agreed to.

    `header` are the file's own names of columns, `ignored` those that mean nothing here; `digest` is the SHA-256 of
    the file. `shelf` is where rows go whose own is missing or unknown, as a category's name in addresses. `good`,
    `bad` and `written` count rows. `confirmed_by_id` is in whose name the objects are written.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("status IN ('reading', 'ready', 'writing', 'done', 'stopped')", name="status"),
        CheckConstraint("kind IN ('own', 'lend_engine')", name="kind"),
        CheckConstraint("good >= 0 AND bad >= 0 AND written BETWEEN 0 AND good", name="counts"),
        Index("ix_import_batch_writing", "id", sqlite_where=WRITING, postgresql_where=WRITING),
        Index("ix_import_batch_hub", "hub_id", "id"),
        Index("ix_import_batch_maker", "made_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    file_name: Mapped[str]
    digest: Mapped[str]
    kind: Mapped[str]
    header: Mapped[list[str]]
    ignored: Mapped[list[str]] = mapped_column(default=list)
    shelf: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="reading")
    why: Mapped[str | None]
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    hub: Mapped[Hub | None] = relationship()
    made_by: Mapped[Resident] = relationship(foreign_keys=[made_by_id])

    @property
    def total(self) -> int:
        """All rows of the file that say something."""
        return self.good + self.bad


class ImportRow(Base):
    """One row, `number` as a spreadsheet counts it (the header is 1).

    `cells` stand as in the file; `fields` as posting takes them; `faults` are `[column, code, params]`. When a row is
    written, its object stands beside it and the rest is forgotten: the object and this mark are one transaction.
    `reference` is its number in the catalogue that it came from, kept so that it does not come twice.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint("status IN ('good', 'bad', 'written')", name="status"),
        CheckConstraint("(status = 'written') = (item_id IS NOT NULL)", name="written"),
        Index("ix_import_row_status", "batch_id", "status", "number"),
        Index("ix_import_row_item", "item_id"),
        Index("ix_import_row_reference", "reference"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    code: Mapped[str | None]
    reference: Mapped[str | None]
    cells: Mapped[list[str]] = mapped_column(default=list)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    faults: Mapped[list[Any]] = mapped_column(JSON, default=list)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
