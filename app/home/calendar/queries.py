"""What can be seen: whose link it is, and all that is on her calendar."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.core.ics import Happening
from app.core.tokens import fingerprint
from app.home.calendar import rules
from app.home.calendar.models import CalendarLink

Told = Callable[..., Iterable[Happening]]
"""What a room has on somebody's calendar: `happenings_of(resident_id, *, first, last)`, both days included."""


class Reader(NamedTuple):
    """Whose calendar a link opens, and in which language it is written."""

    resident_id: int
    locale: str


def reader(token: str) -> Reader | None:
    """Whose link this is. It is looked for by its hash: how long that takes says nothing of the token."""
    row = db.session.execute(
        select(Resident.id, Resident.locale)
        .join(CalendarLink, CalendarLink.resident_id == Resident.id)
        .where(CalendarLink.token_hash == fingerprint(token))
    ).first()
    return Reader(row[0], row[1]) if row else None


def made_at(resident_id: int) -> datetime | None:
    """Since when her link holds; None where she has none."""
    return db.session.scalar(select(CalendarLink.made_at).where(CalendarLink.resident_id == resident_id))


def happenings_of(
    resident_id: int, rooms: Sequence[Told], *, site_url: str, now: datetime
) -> list[Happening]:
    """All that is on her calendar, in order. What rooms name shortly (`loan-12-back`, `/loans/12`) is named here so
    that it is unlike any other site's and leads back to this one."""
    first, last = rules.window(clock.day_at(now, clock.home_zone()))
    host = urlsplit(site_url).hostname or "localhost"
    told = (one for room in rooms for one in room(resident_id, first=first, last=last))
    return sorted((_whole(one, host, site_url) for one in told), key=_in_order)


def _whole(one: Happening, host: str, site_url: str) -> Happening:
    uid = one.uid if "@" in one.uid else f"{one.uid}@{host}"
    url = f"{site_url}{one.url}" if one.url.startswith("/") else one.url
    return replace(one, uid=uid, url=url)


def _in_order(one: Happening) -> tuple[date, str]:
    day = clock.day_at(one.starts, clock.home_zone()) if isinstance(one.starts, datetime) else one.starts
    return day, one.uid
