"""Searches that neighbours keep."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says

WATCHED = text("stopped_at IS NULL")


class SavedSearch(Base):
    """A search that its resident wants to hear about.

    `query` is the search as the address of the results writes it, normalised; `compared` is the same with its words
    folded, so that one search is kept once. `name` is the resident's own word for it, empty where it speaks for itself.
    What was posted up to `seen_until` has been told, or stood there already; it is looked at again at `look_at`, never
    where that is empty (its days have passed). `told_count` objects were told at `told_at`. A search that was stopped
    stays a day, so that it can be taken up again.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        UniqueConstraint("resident_id", "compared"),
        Index(
            "ix_saved_search_due", "look_at", "resident_id", sqlite_where=WATCHED, postgresql_where=WATCHED
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"))
    query: Mapped[str]
    compared: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_until: Mapped[datetime]
    look_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    told_count: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]


constraint_says("uq_saved_search_resident_id", "items.search_kept_twice")
constraint_says("saved_search.resident_id", "items.search_kept_twice")
