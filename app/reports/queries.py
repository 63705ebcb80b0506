"""What can be seen: the reports of a place, of the whole installation, and who answers for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Resident
from app.core import paging
from app.core.db import db
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.items.models import Item
from app.reports.models import Report

_settler = aliased(Resident)


@dataclass(frozen=True)
class Line:
    """A report as those who handle it read it. `offered`: whether its object still is."""

    id: int
    item_id: int
    title: str
    offered: bool
    hub: str
    reason: str
    text: str
    reporter: str
    at: datetime
    timezone: str | None
    settled_at: datetime | None
    settled_by: str
    note: str


def page(
    *,
    viewer_id: int,
    hub_id: int | None = None,
    settled: bool = False,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Line]:
    """The reports of a hub (of all, and of no hub, without `hub_id`), the open ones oldest first, the settled ones
    newest first; those that concern the viewer's own objects are for others. One statement."""
    what = f"reports:{hub_id or 'all'}:{'settled' if settled else 'open'}"
    after = paging.after(what, cursor, length=1)
    query = (
        select(
            Report,
            Item.title,
            Item.status,
            Resident.name.label("reporter"),
            _settler.name.label("settler"),
            Hub.name.label("hub"),
            Hub.timezone,
        )
        .join(Item, Item.id == Report.subject_id)
        .outerjoin(Resident, Resident.id == Report.reporter_id)
        .outerjoin(_settler, _settler.id == Report.settled_by_id)
        .outerjoin(Hub, Hub.id == Report.hub_id)
        .where(
            Report.subject_kind == "item",
            Report.settled_at.is_not(None) if settled else Report.settled_at.is_(None),
            Item.owner_resident_id.is_distinct_from(viewer_id),
        )
    )
    if hub_id is not None:
        query = query.where(Report.hub_id == hub_id)
    if after:
        query = query.where(Report.id < after[0] if settled else Report.id > after[0])
    query = query.order_by(Report.id.desc() if settled else Report.id).limit(limit + 1)
    rows = [_line(row) for row in db.session.execute(query)]
    return paging.page_of(what, rows, limit=limit, key=lambda line: (line.id,))


def _line(row: Any) -> Line:
    report: Report = row.Report
    return Line(
        id=report.id,
        item_id=report.subject_id,
        title=row.title,
        offered=row.status == "active",
        hub=row.hub or "",
        reason=report.reason,
        text=report.text,
        reporter=row.reporter or "",
        at=report.created_at,
        timezone=row.timezone,
        settled_at=report.settled_at,
        settled_by=row.settler or "",
        note=report.note,
    )


def how_many_open(hub_id: int, *, viewer_id: int) -> int:
    """How many reports of a place wait for this viewer to look at them: as many as stand in the list."""
    waiting = select(func.count()).select_from(Report).join(Item, Item.id == Report.subject_id)
    mine_to_read = Item.owner_resident_id.is_distinct_from(viewer_id)
    return (
        db.session.scalar(waiting.where(Report.hub_id == hub_id, Report.settled_at.is_(None), mine_to_read))
        or 0
    )


def concerns(report: Report, resident_id: int) -> bool:
    """Whether the report is about something of this resident's own."""
    item = db.session.get(Item, report.subject_id)
    return item is not None and item.owner_resident_id == resident_id


def who_answers(report: Report) -> Sequence[int]:
    """Who is told of it: the coordinators of the place, the stewards where there is none; never who reported it, nor
    whom it is about."""
    item = db.session.get(Item, report.subject_id)
    left_out = {report.reporter_id, item.owner_resident_id if item else None}
    found = hubs.coordinators(report.hub_id) if report.hub_id is not None else ()
    return [one for one in found if one not in left_out] or [
        one for one in _stewards() if one not in left_out
    ]


def _stewards() -> Sequence[int]:
    return db.session.scalars(select(Resident.id).where(Resident.is_steward).order_by(Resident.id)).all()
