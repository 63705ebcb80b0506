"""What a neighbour is told on the site, and the mail that leaves for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

UNREAD = text("read_at IS NULL")
PENDING = text("status = 'pending'")
KEY = String().with_variant(String(collation="C"), "postgresql")
"""Keys in the order of their bytes, so that one index finds a key and all that begin like it, in any database."""


class Notification(Base):
    """One thing told on the site. `kind` names its sentence, `params` what stands in it; `key` tells it once."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_resident", "resident_id", "id"),
        Index("ix_notification_unread", "resident_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str]
    key: Mapped[str] = mapped_column(KEY, unique=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Mail(Base):
    """One mail to one resident, rendered when it leaves. `status`: pending, sent, cancelled, failed.

    `key` is unique and names the file or the Message-ID, so that a retry is the same mail. While a sender holds it,
    `leased_until` keeps the others away. `zone` is where its quiet hours hold, unless `urgent`. `to_unconfirmed`:
    it leaves also to an address that has not answered yet.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sent', 'cancelled', 'failed')", name="status"),
        Index("ix_mail_due", "next_try_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str]
    key: Mapped[str] = mapped_column(KEY, unique=True)
    zone: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    to_unconfirmed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
