"""The same request sent twice by a program is done once: its key is a row of the transaction that did it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says


class IdempotencyKey(Base):
    """A key a resident's program chose, the SHA-256 of method, path and body, and the first 2xx answer. Kept 7 days."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("resident_id", "key"), Index("ix_idempotency_key_at", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"))
    key: Mapped[str]
    request_hash: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime]


constraint_says("uq_idempotency_key_resident_id", "core.idempotency_race")
constraint_says("idempotency_key.resident_id", "core.idempotency_race")
