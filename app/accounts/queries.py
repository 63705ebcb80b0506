"""What can be seen of residents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import ApiToken, BrowserSession, Resident
from app.core import codes
from app.core.db import db
from app.core.errors import NotFound


def resident(resident_id: int) -> Resident:
    """This resident; `NotFound` where there is none."""
    found = db.session.get(Resident, resident_id)
    if found is None:
        raise NotFound
    return found


def by_email(email: str) -> Resident | None:
    """The resident with this address (clean and in lower case)."""
    return db.session.scalar(select(Resident).where(Resident.email == email))


def lock_and_key(email: str) -> tuple[int, str | None] | None:
    """The number and the password's hash of the resident with this address."""
    found = db.session.execute(select(Resident.id, Resident.password_hash).where(Resident.email == email))
    return next(((row.id, row.password_hash) for row in found), None)


def by_code(code: codes.Code) -> Resident | None:
    """The resident with this member card."""
    return db.session.scalar(select(Resident).where(Resident.code == str(code)))


def browsers(resident_id: int, *, now: datetime) -> Sequence[BrowserSession]:
    """The browsers that are logged in, the latest first."""
    return db.session.scalars(
        select(BrowserSession)
        .where(BrowserSession.resident_id == resident_id, BrowserSession.expires_at > now)
        .order_by(BrowserSession.id.desc())
        .limit(100)
    ).all()


def tokens(resident_id: int, *, now: datetime) -> Sequence[ApiToken]:
    """The keys that still open, the latest first."""
    return db.session.scalars(
        select(ApiToken)
        .where(ApiToken.resident_id == resident_id, ApiToken.expires_at > now, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
        .limit(100)
    ).all()
