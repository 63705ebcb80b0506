"""The audit log: acts that somebody may have to answer for (overrides, verifications, suspensions, roles)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, db


class AuditEntry(Base):
    """Who did what to whom, where, and the reason that was written. Kept 36 months."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    on_behalf_of_id: Mapped[int | None]
    act: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    hub_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]


def note(
    act: str,
    *,
    now: datetime,
    actor_id: int | None,
    subject_kind: str,
    subject_id: int,
    hub_id: int | None = None,
    on_behalf_of_id: int | None = None,
    **details: Any,
) -> None:
    """Write the act down in the transaction of the act itself; `details` are plain values, never a secret."""
    db.session.add(
        AuditEntry(
            at=now,
            actor_id=actor_id,
            on_behalf_of_id=on_behalf_of_id,
            act=act,
            subject_kind=subject_kind,
            subject_id=subject_id,
            hub_id=hub_id,
            details=details,
        )
    )
