"""What can be done: report an object, settle a report."""

from datetime import datetime

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.accounts.models import Resident
from app.core import audit, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.core.text import Checks, checked
from app.events.reports import ItemReported, ReportSettled
from app.hubs import queries as hubs
from app.items.models import Item
from app.reports import policy, queries, rules
from app.reports.models import Report


def report_item(
    *, item_id: int, reason: str | None, text: str | None, actor_id: int, now: datetime
) -> Report:
    """Say that something is wrong with an object that is on offer. Those who look after its place are told; its owner
    is not, and nobody who is reported reads by whom. Once while it is open, ten a day at most."""
    checks = Checks()
    if reason not in rules.REASONS:
        checks.fault("reason", "core.not_a_choice" if reason else "core.required")
    wanted = 1 if reason and rules.needs_words(reason) else 0
    said = checks(checked, "text", text, longest=rules.TEXT_LONGEST, shortest=wanted, lines=True)
    item = db.session.get(Item, item_id)
    if item is None or item.status != "active":
        checks.fault("subject", "reports.subject_unknown")
    checks.done()
    assert item is not None
    assert reason is not None
    if item.owner_resident_id == actor_id:
        raise Conflict("reports.own")
    locked_one(Resident, actor_id)
    _not_twice(item_id, actor_id)
    _not_too_many(actor_id, now)
    report = Report(
        subject_kind="item",
        subject_id=item_id,
        hub_id=item.hub_id,
        reporter_id=actor_id,
        reason=reason,
        text=said,
        created_at=now,
    )
    db.session.add(report)
    db.session.flush()
    outbox.record(ItemReported(report_id=report.id), now=now)
    return report


def _not_twice(item_id: int, actor_id: int) -> None:
    still_open = select(Report.id).where(
        Report.reporter_id == actor_id,
        Report.subject_kind == "item",
        Report.subject_id == item_id,
        Report.settled_at.is_(None),
    )
    if db.session.scalar(still_open) is not None:
        raise Conflict("reports.already_open")


def _not_too_many(actor_id: int, now: datetime) -> None:
    """So that nobody floods those who look after a place."""
    today = select(func.count(), func.min(Report.created_at)).where(
        Report.reporter_id == actor_id, Report.created_at > now - rules.DAY
    )
    count, first = db.session.execute(today).one()
    if count >= rules.MOST_A_DAY:
        wait = first + rules.DAY - now
        raise TooMany("reports.too_many", max=rules.MOST_A_DAY, retry_after=int(wait.total_seconds()) + 1)


def settle(*, report_id: int, note: str | None, actor_id: int, now: datetime) -> Report:
    """It was looked at; what was done about it is written down, and who reported it is thanked."""
    report = locked_one(Report, report_id)
    if report is None:
        raise NotFound("reports.unknown")
    _may_handle(report, actor_id)
    said = checked("note", note, shortest=rules.NOTE[0], longest=rules.NOTE[1], lines=True)
    if report.settled_at is not None:
        raise Conflict("reports.settled_already")
    report.settled_at, report.settled_by_id, report.note = now, actor_id, said
    audit.note(
        "reports.settled",
        now=now,
        actor_id=actor_id,
        subject_kind=report.subject_kind,
        subject_id=report.subject_id,
        hub_id=report.hub_id,
        report_id=report.id,
        reason=report.reason,
        note=said,
    )
    outbox.record(ReportSettled(report_id=report.id), now=now)
    return report


def _may_handle(report: Report, actor_id: int) -> None:
    held = hubs.membership(actor_id, report.hub_id) if report.hub_id is not None else None
    reasons = policy.why_not_handle(
        held.roles if held else (),
        is_steward=accounts.resident(actor_id).is_steward,
        concerned=queries.concerns(report, actor_id),
    )
    if reasons:
        raise Forbidden(reasons[0])


def item_of(subject: str | None) -> int:
    """The number of the object that a program names; `Invalid` where it names none."""
    found = rules.item_named(subject or "")
    if found is None:
        raise Invalid({"subject": "reports.subject_unknown"})
    return found
