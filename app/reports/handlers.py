"""Who hears of a report: those who look after the place, then who reported it."""

from datetime import datetime

from app.core.db import db
from app.events.reports import ItemReported, ReportSettled
from app.hubs.models import Hub
from app.items.models import Item
from app.notifications import services as notifications
from app.reports import queries
from app.reports.models import Report


def tell_who_answers(event: ItemReported, *, now: datetime) -> None:
    """The coordinators of the place, or the stewards; not by whom."""
    report = db.session.get(Report, event.report_id)
    if report is None or report.settled_at is not None:
        return
    item = db.session.get_one(Item, report.subject_id)
    hub = db.session.get(Hub, report.hub_id) if report.hub_id is not None else None
    for resident_id in queries.who_answers(report):
        notifications.tell(
            resident_id=resident_id,
            kind="reports.item",
            params={"item": item.title, "reason": report.reason, "hub": hub.name if hub else ""},
            path=f"/hubs/{hub.slug}/reports" if hub else "/steward/reports",
            key=f"reports.item:{report.id}:{resident_id}",
            now=now,
            timezone=hub.timezone if hub else None,
        )


def thank_reporter(event: ReportSettled, *, now: datetime) -> None:
    """Somebody has looked at it; what was done stays with those who did it."""
    report = db.session.get(Report, event.report_id)
    if report is None or report.reporter_id is None:
        return
    item = db.session.get_one(Item, report.subject_id)
    notifications.tell(
        resident_id=report.reporter_id,
        kind="reports.settled",
        params={"item": item.title},
        path=f"/items/{item.id}" if item.status == "active" else "/items",
        key=f"reports.settled:{report.id}",
        now=now,
    )
