"""What can be seen: a resident's own lines, and how the mail stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.core.paging import DEFAULT_LIMIT, Page, after, page_of
from app.notifications.models import Mail, Notification

LIST = "notifications"


def told_to(resident_id: int, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[Notification]:
    """What this resident was told, newest first. Raises `Malformed` for a cursor that is not ours."""
    query = select(Notification).where(Notification.resident_id == resident_id)
    last = after(LIST, cursor, length=1)
    if last is not None:
        query = query.where(Notification.id < last[0])
    rows = db.session.scalars(query.order_by(Notification.id.desc()).limit(limit + 1)).all()
    return page_of(LIST, rows, limit=limit, key=lambda row: (row.id,))


@dataclass(frozen=True)
class MailState:
    """How the mail stands: what waits (`due` of it should have left by now), what was given up, and why last."""

    waiting: int
    due: int
    oldest_due: datetime | None
    refused: int
    last_error: str | None


def mail_state(*, now: datetime) -> MailState:
    """For the stewards."""
    pending = Mail.status == "pending"
    due = pending & (Mail.next_try_at <= now)
    waiting, due_count, oldest, refused = db.session.execute(
        select(
            func.count().filter(pending),
            func.count().filter(due),
            func.min(Mail.next_try_at).filter(due),
            func.count().filter(pending & (Mail.attempts > 0)),
        ).where(pending)
    ).one()
    last_error = db.session.scalar(
        select(Mail.last_error)
        .where(pending, Mail.last_error.is_not(None))
        .order_by(Mail.next_try_at.desc())
        .limit(1)
    )
    return MailState(waiting, due_count, oldest, refused, last_error)


@dataclass(frozen=True)
class GivenUp:
    """A mail that was refused too often. Its reader is not named: stewards look after the mail, not the people."""

    id: int
    kind: str
    created_at: datetime
    attempts: int
    last_error: str


def given_up(*, limit: int = DEFAULT_LIMIT) -> tuple[int, list[GivenUp]]:
    """How many mails were given up, and the newest of them."""
    failed = Mail.status == "failed"
    total = db.session.scalar(select(func.count()).select_from(Mail).where(failed)) or 0
    rows = db.session.execute(
        select(Mail.id, Mail.kind, Mail.created_at, Mail.attempts, Mail.last_error)
        .where(failed)
        .order_by(Mail.id.desc())
        .limit(limit)
    ).all()
    return total, [
        GivenUp(row.id, row.kind, row.created_at, row.attempts, row.last_error or "") for row in rows
    ]
