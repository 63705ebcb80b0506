"""What the home page and a hub's page gather from the rooms below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.hubs.models import Hub
from app.items import search
from app.items.models import Item
from app.items.queries import Line as ItemLine
from app.lending import lines
from app.lending import queries as lending
from app.lending.models import Loan
from app.lending.waiting.models import PlaceInLine

DAYS_SHOWN = 7
LOANS_SHOWN = 3
CARDS = 8
LOOKED_AT = 24
"""Objects near by that are read to find the free ones among them."""


@dataclass(frozen=True)
class Today:
    """What concerns one resident now: what she must bring back or fetch, by day, how many wait for her answer, how
    many objects the waiting list keeps aside for her. `more`: loans that have no room here. `week`: seven days as the
    `week_strip` macro takes them."""

    due: Sequence[lines.Line]
    coming: Sequence[lines.Line]
    more: int
    to_answer: int
    kept: int
    week: Sequence[dict[str, Any]]


def today(viewer_id: int, *, hub_id: int | None, now: datetime) -> Today:
    """What concerns this resident. The week is that of her hub, `hub_id`, when she has one."""
    in_hand, to_come = lending.in_hand(viewer_id), lending.coming(viewer_id)
    shared = lines.around([*in_hand, *to_come], now=now, also=hub_id)
    due, coming = (
        lines.lines(loans, viewer_id, side="borrower", now=now, shared=shared) for loans in (in_hand, to_come)
    )
    room = max(0, LOANS_SHOWN - len(due))
    to_answer, kept = _waiting(viewer_id)
    return Today(
        due=due[:LOANS_SHOWN],
        coming=coming[:room],
        more=max(0, len(due) + len(coming) - LOANS_SHOWN),
        to_answer=to_answer,
        kept=kept,
        week=lines.strip(due, coming, place=shared.places[hub_id])[:DAYS_SHOWN],
    )


def _waiting(viewer_id: int) -> tuple[int, int]:
    """How many requests wait for her answer, and how many objects are kept aside for her; one statement."""
    asked = select(func.count(Loan.id)).where(Loan.owner_id == viewer_id, Loan.status == "requested")
    kept = select(func.count(PlaceInLine.id)).where(
        PlaceInLine.resident_id == viewer_id, PlaceInLine.status == "ready"
    )
    row = db.session.execute(select(asked.scalar_subquery(), kept.scalar_subquery())).one()
    return row[0], row[1]


def free_near(near: tuple[float, float] | None, *, signed_in: bool, now: datetime) -> Sequence[ItemLine]:
    """Objects that can be had today, the nearest first; the newest where no place is known."""
    wanted = search.Wanted(mode="lend", near=near, sort="near" if near else "new")
    page = search.page(wanted, signed_in=signed_in, limit=LOOKED_AT, now=now)
    return [line for line in page.lines if line.free_now][:CARDS]


@dataclass(frozen=True)
class Shelves:
    """What is there, at a hub: the newest few, and how many in all."""

    lines: Sequence[ItemLine]
    count: int


def shelves_of(hub: Hub, *, signed_in: bool, now: datetime) -> Shelves:
    """The objects of this hub's shelves."""
    wanted = search.Wanted(hub=hub.slug, sort="new")
    page = search.page(wanted, signed_in=signed_in, limit=CARDS, now=now)
    count = db.session.scalar(
        select(func.count()).select_from(Item).where(Item.hub_id == hub.id, Item.status == "active")
    )
    return Shelves(page.lines, count or 0)
