"""What a device keeps of the day, and what waits to be settled. Of people: their names and codes, nothing else."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.core.paging import Page, after, page_of
from app.counter.offline.models import ScanToSettle
from app.hubs.models import Hub, Membership
from app.items.models import Item, Part
from app.lending.card_deposits import standing as card_deposits
from app.lending.models import Loan
from app.lending.waiting import queries as waiting

MOST_CARDS = 3_000
MOST_THINGS = 3_000
"""A device keeps so many of each; what is beyond is kept by its code alone."""
SETTLED_SHOWN = 10


def end_of_day(hub: Hub, *, now: datetime) -> datetime:
    """When a device has to forget the day: midnight at the hub."""
    tomorrow = clock.day_at(now, hub.timezone) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=ZoneInfo(hub.timezone))


def cards(hub_id: int) -> list[tuple[str, str]]:
    """Code and name of those who belong here; who joined last first, where there are too many."""
    rows = db.session.execute(
        select(Resident.code, Resident.name)
        .join(Membership, Membership.resident_id == Resident.id)
        .where(Membership.hub_id == hub_id)
        .order_by(Membership.id.desc())
        .limit(MOST_CARDS)
    )
    return [(code, name) for code, name in rows]


def things(hub: Hub, *, now: datetime) -> list[dict[str, Any]]:
    """The objects of this hub: what must be ticked and told, who has it (`with`), for whom it is kept today (`for`), whose
    card stands in for its deposit (`secured`). People by their codes."""
    columns = (
        Item.id,
        Item.code,
        Item.title,
        Item.shelf,
        Item.notices,
        Item.deposit_cents,
        Item.currency,
    )
    rows = db.session.execute(
        select(*columns)
        .where(Item.hub_id == hub.id, Item.status == "active")
        .order_by(Item.id.desc())
        .limit(MOST_THINGS)
    ).all()
    parts: dict[int, list[dict[str, Any]]] = {}
    for part in db.session.execute(
        select(Part.item_id, Part.name, Part.count)
        .join(Item, Item.id == Part.item_id)
        .where(Item.hub_id == hub.id, Item.status == "active")
        .order_by(Part.item_id, Part.position)
    ):
        parts.setdefault(part.item_id, []).append({"name": part.name, "count": part.count})
    holders = _holders(hub, now=now)
    return [
        {
            "code": row.code,
            "title": row.title,
            "shelf": row.shelf,
            "parts": parts.get(row.id, []),
            "notices": row.notices,
            "deposit_cents": row.deposit_cents or 0,
            "currency": row.currency,
            **holders.get(row.id, {}),
        }
        for row in rows
    ]


def _holders(hub: Hub, *, now: datetime) -> dict[int, dict[str, Any]]:
    today = clock.day_at(now, hub.timezone)
    rows = db.session.execute(
        select(Loan.item_id, Loan.status, Resident.code)
        .join(Resident, Resident.id == Loan.borrower_id)
        .where(Loan.hub_id == hub.id, Loan.status.in_(("reserved", "checked_out")), Loan.first_day <= today)
        .order_by(Loan.first_day.desc(), Loan.id.desc())  # the earliest is said last, and holds
    )
    found: dict[int, dict[str, Any]] = {}
    for item_id, status, code in rows:
        found.setdefault(item_id, {})["with" if status == "checked_out" else "for"] = code
    for one in card_deposits.securing_at(hub.id, today=today):
        found.setdefault(one.loan.item_id, {})["secured"] = one.loan.borrower.code
    for place in waiting.kept_at(hub.id):
        found.setdefault(place.item_id, {})["for"] = place.resident.code
    return found


# -- to settle --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToSettle:
    """A scan that was refused, with what its codes stand for today (empty where they stand for nothing)."""

    scan: ScanToSettle
    title: str
    name: str


def how_many_to_settle(hub_id: int) -> int:
    """How many of this hub's kept scans wait for a person."""
    query = select(func.count()).where(ScanToSettle.hub_id == hub_id, ScanToSettle.settled_at.is_(None))
    return db.session.scalar(query) or 0


def to_settle(hub_id: int, *, cursor: str | None, limit: int) -> Page[ToSettle]:
    """What waits, in the order in which it was scanned."""
    beyond = after("to_settle", cursor, length=1)
    query = _lines().where(ScanToSettle.hub_id == hub_id, ScanToSettle.settled_at.is_(None))
    if beyond is not None:
        query = query.where(ScanToSettle.id > beyond[0])
    rows = _told(query.order_by(ScanToSettle.id).limit(limit + 1))
    return page_of("to_settle", rows, limit=limit, key=lambda line: (line.scan.id,))


def settled(hub_id: int) -> list[ToSettle]:
    """What was settled last."""
    query = _lines().where(ScanToSettle.hub_id == hub_id, ScanToSettle.settled_at.is_not(None))
    return _told(query.order_by(ScanToSettle.settled_at.desc(), ScanToSettle.id.desc()).limit(SETTLED_SHOWN))


def _lines() -> Any:
    return (
        select(ScanToSettle, Item.title, Resident.name)
        .outerjoin(Item, Item.code == ScanToSettle.item_code)
        .outerjoin(Resident, Resident.code == ScanToSettle.member_code)
        .options(joinedload(ScanToSettle.kept_by), joinedload(ScanToSettle.settled_by))
    )


def _told(query: Any) -> list[ToSettle]:
    return [ToSettle(scan, title or "", name or "") for scan, title, name in db.session.execute(query)]
