"""What can be done with one's calendar: make its link, make another one, end it."""

from datetime import datetime

from sqlalchemy import delete

from app.accounts.models import Resident
from app.core.db import db, locked_one
from app.core.errors import NotFound
from app.core.tokens import fingerprint, new_token
from app.home.calendar.models import CalendarLink


def make_link(*, actor_id: int, now: datetime) -> str:
    """A new link, whose token is told this once; the one before opens nothing from now on."""
    if locked_one(Resident, actor_id) is None:
        raise NotFound
    token = new_token()
    link = db.session.get(CalendarLink, actor_id) or CalendarLink(resident_id=actor_id)
    link.token_hash, link.made_at = fingerprint(token), now
    db.session.add(link)
    return token


def end_link(*, actor_id: int) -> None:
    """No program reads her calendar any more; ending it twice changes nothing."""
    db.session.execute(delete(CalendarLink).where(CalendarLink.resident_id == actor_id))
