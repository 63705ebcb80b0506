"""What neighbours report."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base, constraint_says
from app.hubs.models import Hub

OPEN = text("settled_at IS NULL")


class Report(Base):
    """One neighbour's report of one thing: `subject_kind` (item) and its number. `hub_id` is the place whose
    coordinators answer for it, empty where the stewards do. Open until it is settled, with a note of what was done;
    while it is open, the same neighbour reports the same thing once."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('item')", name="subject_kind"),
        CheckConstraint(
            "reason IN ('unsafe', 'not_as_described', 'offensive', 'forbidden', 'scam', 'other')",
            name="reason",
        ),
        Index(
            "uq_report_open",
            "reporter_id",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_report_hub", "hub_id", "id"),
        Index("ix_report_reporter", "reporter_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id", ondelete="SET NULL"))
    reason: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(default="")

    hub: Mapped[Hub | None] = relationship()
    reporter: Mapped[Resident | None] = relationship(foreign_keys=[reporter_id])
    settled_by: Mapped[Resident | None] = relationship(foreign_keys=[settled_by_id])


constraint_says("uq_report_open", "reports.already_open")
constraint_says("report.reporter_id", "reports.already_open")
