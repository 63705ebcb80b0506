"""The same request sent twice is done once: its key is a row of the transaction that did it.

A program chooses its keys (`Idempotency-Key`, see `app.core.jsonapi`); a form carries one that was drawn with it
(`app.items.posting`), so that a second tap, or a second try after a lost answer, makes nothing twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint, delete, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says, db

KEPT = timedelta(days=7)
RACE = "core.idempotency_race"


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


def earlier(resident_id: int, key: str, *, now: datetime) -> tuple[str, int, str] | None:
    """What was answered under this key, as (hash of the request, status, body); None where nothing was yet."""
    row = db.session.execute(
        select(IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.body).where(
            IdempotencyKey.resident_id == resident_id,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at > now - KEPT,
        )
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def take(resident_id: int, key: str, *, digest: str, now: datetime) -> None:
    """Take the key before anything is done. The unique row makes a second request with it wait here on PostgreSQL
    (5 s at most) and then fail with `RACE`; on SQLite it waits for the write lock already."""
    session = db.session
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
    mine = (IdempotencyKey.resident_id == resident_id, IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at <= now - KEPT))
    session.execute(
        insert(IdempotencyKey).values(
            resident_id=resident_id, key=key, request_hash=digest, status=0, body="", created_at=now
        )
    )


def keep(resident_id: int, key: str, *, status: int, body: str) -> None:
    """Keep the answer with its key, to be given again."""
    session = db.session
    session.flush()
    row = session.scalars(
        select(IdempotencyKey).where(IdempotencyKey.resident_id == resident_id, IdempotencyKey.key == key)
    ).one()
    row.status, row.body = status, body


constraint_says("uq_idempotency_key_resident_id", RACE)
constraint_says("idempotency_key.resident_id", RACE)
