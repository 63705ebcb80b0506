"""Scans that were kept without a network and could not be accepted when they came in."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.hubs.models import Hub

OPEN = text("settled_at IS NULL")


class ScanToSettle(Base):
    """One act that a device kept and the counter refused. `key`: the device's own, so that it stands here once.
    `at`: when it was scanned, as far as the device knew. `ticked`: what was ticked and received with it. `why`: the
    word of the refusal, `said`: its sentences as the device was told them. `done`: it was accepted after all."""

    __tablename__ = "scan_to_settle"
    __table_args__ = (
        CheckConstraint("act IN ('check-out', 'check-in')", name="act"),
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled"),
        UniqueConstraint("kept_by_id", "key"),
        Index("ix_scan_to_settle_open", "hub_id", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_scan_to_settle_settled", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    key: Mapped[str]
    act: Mapped[str]
    item_code: Mapped[str]
    member_code: Mapped[str] = mapped_column(default="")
    ticked: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    why: Mapped[str]
    said: Mapped[str]
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    done: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")

    hub: Mapped[Hub] = relationship()
    kept_by: Mapped[Resident] = relationship(foreign_keys=[kept_by_id])
    settled_by: Mapped[Resident | None] = relationship(foreign_keys=[settled_by_id])
