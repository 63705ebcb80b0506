"""What can be seen of money by hand: a hub's box, its counts, its receipts, one receipt."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts import queries as residents
from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.payments.cash.models import CashBox, Receipt

_hand = aliased(Resident)


class Line(NamedTuple):
    """A receipt as a list shows it; `cents` below zero were given."""

    id: int
    resident_id: int
    name: str
    subject: str
    means: str
    cents: int
    currency: str
    at: datetime
    by: str
    is_reversed: bool


def receipts(hub_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[Line]:
    """A hub's, the newest first, in one statement."""
    start = after("receipts", cursor, length=1)
    query = (
        select(Receipt, Resident.name, _hand.name.label("by"))
        .join(Resident, Resident.id == Receipt.resident_id)
        .join(_hand, _hand.id == Receipt.actor_id)
        .where(Receipt.hub_id == hub_id)
        .order_by(Receipt.id.desc())
        .limit(limit + 1)
    )
    if start is not None:
        query = query.where(Receipt.id < start[0])
    lines = [_line(row) for row in db.session.execute(query)]
    return page_of("receipts", lines, limit=limit, key=lambda line: (line.id,))


def _line(row: Any) -> Line:
    one: Receipt = row.Receipt
    return Line(
        one.id,
        one.resident_id,
        row.name,
        one.subject,
        one.means,
        one.gained_cents,
        one.currency,
        one.at,
        row.by,
        one.reversed_at is not None,
    )


def standing_of(subject: str) -> Sequence[Receipt]:
    """Those of a subject that were not reversed, the oldest first."""
    return db.session.scalars(
        select(Receipt).where(Receipt.subject == subject, Receipt.reversed_at.is_(None)).order_by(Receipt.id)
    ).all()


def counts(hub_id: int, *, limit: int = 10) -> Sequence[CashBox]:
    """The last boxes that were closed, with what was found."""
    return db.session.scalars(
        select(CashBox)
        .where(CashBox.hub_id == hub_id, CashBox.closed_at.is_not(None))
        .order_by(CashBox.id.desc())
        .limit(limit)
    ).all()


class Seen(NamedTuple):
    """A receipt with who and where; `may_reverse`: whether its viewer is of the counter."""

    receipt: Receipt
    name: str
    by: str
    hub: Hub
    of_counter: bool


def receipt_for(receipt_id: int, *, viewer_id: int) -> Seen:
    """For who paid, and for the hub's counter; `NotFound` for everybody else."""
    row = db.session.execute(
        select(Receipt, Resident.name, _hand.name.label("by"), Hub)
        .join(Resident, Resident.id == Receipt.resident_id)
        .join(_hand, _hand.id == Receipt.actor_id)
        .join(Hub, Hub.id == Receipt.hub_id)
        .where(Receipt.id == receipt_id)
    ).one_or_none()
    if row is None:
        raise NotFound("cash.unknown")
    held = hubs.membership(viewer_id, row.Hub.id)
    of_counter = held is not None and "volunteer" in held.roles
    if (
        not of_counter
        and viewer_id != row.Receipt.resident_id
        and not residents.resident(viewer_id).is_steward
    ):
        raise NotFound("cash.unknown")
    return Seen(row.Receipt, row.name, row.by, row.Hub, of_counter)
